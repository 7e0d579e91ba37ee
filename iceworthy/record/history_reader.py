"""Reads the history of one worker: its records, its strings and its lines of seen.jsonl.

Claim: every reader of a history, whatever columns it wants, reads it through this module, so all of
them know the same versions (iceworthy.record.history_format). A torn last record is left out: its
writer was killed while it wrote. Method: plain structs, some thousand records at a time, so that
memory is bounded; analysis/history.py makes numpy columns of the same layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from iceworthy.record.history_format import Layout, is_header, layout_of, struct_of
from iceworthy.record.regular_file import parse_json
from iceworthy.words.errors import RecordError

_CHUNK_RECORDS = 8192


def workers_in(folder: Path) -> list[WorkerHistory]:
    """The histories in <run>/history/ by the name of their worker; none in a missing folder."""
    paths = sorted(folder.glob("*.ops")) if folder.is_dir() else []
    return [WorkerHistory(path) for path in paths]


class WorkerHistory:
    """The three files of one worker; RecordError for a version that is not known."""

    def __init__(self, path: Path) -> None:
        """path: of the .ops file."""
        self.path = path
        self.name = path.stem
        self.layout: Layout = layout_of(path)

    def rows(self, *columns: str) -> Iterator[tuple[int, ...]]:
        """The values of these columns, at least two, of every whole record in order."""
        names = [name for name, _ in self.layout.fields]
        pick = itemgetter(*(names.index(column) for column in columns))
        record = struct_of(self.layout.fields)
        with open(self.path, "rb") as file:
            file.seek(self.layout.start)
            while chunk := file.read(record.size * _CHUNK_RECORDS):
                whole = len(chunk) - len(chunk) % record.size
                yield from map(pick, record.iter_unpack(chunk[:whole]))

    def strings(self) -> list[str]:
        """The strings by their ids. An id is a line's place, so they end before a torn line."""
        found: list[str] = []
        path = self.path.with_suffix(".strings.jsonl")
        if not path.exists():
            return found
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines()):
            try:
                parsed = parse_json(line)
            except ValueError:
                break
            if number or not is_header(parsed, path):
                found.append(str(parsed))
        return found

    def operations(self, strings: list[str]) -> list[str]:
        """The same strings as the ids of operations, each by its operationId."""
        return [self.layout.names.get(text, text) for text in strings]

    def seen(self, *, holding: str = "") -> Iterator[dict[str, Any]]:
        """The objects of seen.jsonl in order, of whole lines that hold the given text."""
        path = self.path.with_suffix(".seen.jsonl")
        if not path.exists():
            return
        first = True
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if holding not in line and not first:
                    continue
                try:
                    facts = parse_json(line)
                except ValueError:
                    continue  # only a torn last line can be
                if not isinstance(facts, dict):
                    raise RecordError(f"{path}: expected an object in each line; got {line[:80]!r}")
                if (not first or not is_header(facts, path)) and holding in line:
                    yield facts
                first = False
