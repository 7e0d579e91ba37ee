"""findings.json of a review: its one writer and its one reader.

Claim: `read_findings` gives what `write_findings` was given, or raises RecordError: a file of
another format version is never read as if it had no findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iceworthy.record.line import renamed
from iceworthy.record.regular_file import parse_json, read_text, write_text
from iceworthy.record.typed_json import from_object
from iceworthy.words.errors import RecordError
from iceworthy.words.finding import Finding
from iceworthy.words.foreign import quoted

NAME = "findings.json"
FORMAT = 2


def write_findings(root: Path, findings: Iterable[Finding]) -> Path:
    """Write the findings of the review in `root`, whole or not at all; returns the file."""
    path = root / NAME
    lines = [{"key": one.cause.key, **asdict(one)} for one in findings]
    text = json.dumps({"format": FORMAT, "findings": lines}, indent=1, ensure_ascii=False)
    write_text(path, text + "\n")
    return path


def read_findings(root: Path) -> tuple[Finding, ...]:
    """The findings of a judged review; RecordError where there is no file of this format."""
    path = root / NAME
    try:
        value = parse_json(read_text(path))
        form = value["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{path}: expected the findings of a judged review, got {repr(error)[:200]}; "
            f"run: iceworthy judge {quoted(root)}"
        ) from error
    if form not in (1, FORMAT):
        raise RecordError(
            f"{path}: expected format 1 or {FORMAT}, got {repr(form)[:80]}; "
            f"run: iceworthy judge {quoted(root)}"
        )
    if form == 1:
        value = _findings_of_1(value)
    return from_object(_Findings, value, where=str(path)).findings


def _findings_of_1(value: Any) -> Any:
    """A file of format 1, which had `came` in place of `got`, as one of format 2."""
    if not isinstance(value.get("findings"), list):
        return value  # from_object says what is wrong with it
    findings = [
        renamed(line, {"came": "got"}) if isinstance(line, dict) else line
        for line in value["findings"]
    ]
    return {**value, "findings": findings}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    findings: tuple[Finding, ...]
