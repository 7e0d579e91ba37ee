"""The common form of all streams of a run folder: JSON lines of one kind, after a header.

Claim: each file names its stream and its format, whichever process writes it first.
Method: a writer that opens an empty file writes the header with its first line. Two processes that
do so at the same moment leave two headers; a reader checks every header, at whatever line it is. A
file without a header is of the version before formats had numbers: same fields, some of them left
out.
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

    STREAM: the file's name without .jsonl. FORMAT: raised when a field changes its meaning or
    goes; a new field with a default needs no new number.
    """

    __slots__ = ()
    STREAM: ClassVar[str]
    FORMAT: ClassVar[int] = 1

    @classmethod
    def of_before(cls, facts: dict[str, Any]) -> dict[str, Any]:
        """A line of a file without a header, as a line of format 1."""
        return facts


LINE_MOST = 64 << 20
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
    a wrong type, ValueError for a damaged line that is not the last.
    """
    if not path.exists():
        return
    has_header = False
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(iter(lambda: file.readline(LINE_MOST), ""), start=1):
            if len(text) >= LINE_MOST:
                raise RecordError(f"{path}, line {number}: longer than any line that a run writes")
            try:
                facts = parse_json(text)
            except ValueError:
                if text.endswith("\n"):
                    raise
                return
            if not has_header and isinstance(facts, dict) and "format" not in facts:
                facts = kind.of_before(facts)
            line = line_of(facts, kind, where=f"{path}, line {number}")
            has_header = has_header or line is None
            if line is not None:
                yield line


def has_header(path: Path) -> bool:
    """Whether the first line of a file names a stream and a format."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            facts = parse_json(file.readline(LINE_MOST))
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and "stream" in facts and "format" in facts


def line_of(facts: Any, kind: type[L], *, where: str) -> L | None:
    """The line of one parsed JSON value; None for a header of this kind in its known format."""
    if isinstance(facts, Mapping) and "stream" in facts and "format" in facts:
        came = (facts["stream"], facts["format"])
        if came != (kind.STREAM, kind.FORMAT):
            raise UnknownFormat(
                where,
                wanted=f"{kind.FORMAT} of {kind.STREAM}",
                came=f"{came[1]} of {came[0]}",
            )
        return None
    return from_object(kind, facts, where=where)


def chosen(line: Line, *names: str) -> dict[str, Any]:
    """Some fields of a line by name, for evidence; AttributeError for a name that it has not."""
    return {name: getattr(line, name) for name in names}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
