"""The common form of all streams of a run folder: JSON lines of one kind, after a header.

Claim: each file names its stream and its format, whichever process writes it first.
Method: a writer that opens an empty file writes the header with its first line. Two processes that
do so at the same moment leave two headers; a reader checks every header, at whatever line it is. A
file without a header is of the version before formats had numbers: the fields of format 1, some of
them left out. Lines of an earlier format are converted by their kind as they are read.
What this does NOT show: which fields a line has; the dataclass of each kind does (docs/formats.md).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from iceworthy.record.regular_file import parse_json
from iceworthy.record.typed_json import from_object
from iceworthy.words.errors import RecordError, UnknownFormat


class Line:
    """Base of every kind of line: a frozen dataclass of plain values.

    STREAM: the file's name without .jsonl. FORMAT: raised when a field changes its name or its
    meaning, or goes; a new field with a default needs no new number.
    """

    __slots__ = ()
    STREAM: ClassVar[str]
    FORMAT: ClassVar[int] = 1

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        """A line of the earlier format `form`, as one of FORMAT; 0: of a file without a header."""
        return facts


LINE_MOST = 64 << 20
DETAIL_MOST = 200
L = TypeVar("L", bound=Line)


def line_text(line: Line) -> str:
    """One line as it stands in its file, with its newline."""
    return json.dumps(line, separators=(",", ":"), default=_plain) + "\n"


def header_text(kind: type[Line]) -> str:
    """The line that says what a file holds, with its newline."""
    return json.dumps({"stream": kind.STREAM, "format": kind.FORMAT}, separators=(",", ":")) + "\n"


def read_lines(path: Path, kind: type[L]) -> Iterator[L]:
    """The lines of a file in order; none where it was never written; a torn last line is left out.

    Raises UnknownFormat for a header that this version does not know, RecordError for a field of
    a wrong type, and for a damaged line that is not the last.
    """
    if not path.exists():
        return
    form = 0
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(iter(lambda: file.readline(LINE_MOST), ""), start=1):
            if len(text) >= LINE_MOST:
                raise RecordError(f"{path}, line {number}: longer than any line that a run writes")
            try:
                facts = parse_json(text)
            except ValueError as error:
                if text.endswith("\n"):
                    why = str(error)[:DETAIL_MOST]
                    raise RecordError(f"{path}, line {number}: no JSON: {why}") from error
                return
            where = f"{path}, line {number}"
            header = header_format(facts, kind, where=where)
            if header is not None:
                form = header
                continue
            if form < kind.FORMAT and isinstance(facts, dict):
                facts = kind.of_before(facts, form)
            yield from_object(kind, facts, where=where)


def has_header(path: Path) -> bool:
    """Whether the first line of a file names a stream and a format."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            facts = parse_json(file.readline(LINE_MOST))
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and "stream" in facts and "format" in facts


def header_format(facts: Any, kind: type[Line], *, where: str) -> int | None:
    """The format that one parsed JSON value names; None where it is a line and no header.

    Raises UnknownFormat for the header of another stream or of a format that this version lacks.
    """
    if not (isinstance(facts, Mapping) and "stream" in facts and "format" in facts):
        return None
    stream, form = facts["stream"], facts["format"]
    known = type(form) is int and 1 <= form <= kind.FORMAT
    if stream != kind.STREAM or not known:
        numbers = " or ".join(str(number) for number in range(1, kind.FORMAT + 1))
        raise UnknownFormat(
            where, expected=f"{numbers} of {kind.STREAM}", got=f"{form} of {stream}"
        )
    return int(form)


def line_of(facts: Any, kind: type[L], *, where: str) -> L | None:
    """The line of one parsed JSON value that this version wrote; None for a header."""
    if header_format(facts, kind, where=where) is not None:
        return None
    return from_object(kind, facts, where=where)


def renamed(facts: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same values with each key of `names` under its new name."""
    return {names.get(key, key): value for key, value in facts.items()}


def chosen(line: Line, *names: str) -> dict[str, Any]:
    """Some fields of a line by name, for evidence; AttributeError for a name that it has not."""
    return {name: getattr(line, name) for name in names}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
