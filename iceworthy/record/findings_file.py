"""findings.json of a review: its one writer and its one reader.

Claim: `read_findings` gives what `write_findings` was given, or raises PlanError: a file of another
format version is never read as if it had no findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from iceworthy.words.errors import PlanError
from iceworthy.words.finding import Cause, Finding, Request

NAME = "findings.json"
FORMAT = 1
_LISTS = ("operations", "requirements", "experiments", "shown_by")


def write_findings(root: Path, findings: Iterable[Finding]) -> Path:
    """Write the findings of the review in `root`, whole or not at all; returns the file."""
    path = root / NAME
    lines = [{"key": one.cause.key, **asdict(one)} for one in findings]
    text = json.dumps({"format": FORMAT, "findings": lines}, indent=1, ensure_ascii=False)
    partial = path.with_name(f".{NAME}.partial")
    partial.write_text(text + "\n", "utf-8", "replace")
    partial.replace(path)
    return path


def read_findings(root: Path) -> tuple[Finding, ...]:
    """The findings of a judged review; PlanError where there is no file of this format."""
    path = root / NAME
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        form = value["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlanError(
            f"{path}: wanted the findings of a judged review, came {error!r}; "
            f"run: iceworthy judge {root}"
        ) from error
    if form != FORMAT:
        raise PlanError(
            f"{path}: wanted format {FORMAT}, came {form!r}; run: iceworthy judge {root}"
        )
    return tuple(_finding(line) for line in value["findings"])


def _finding(line: dict[str, Any]) -> Finding:
    facts = {name: value for name, value in line.items() if name != "key"}
    facts |= {name: tuple(facts[name]) for name in _LISTS}
    facts["cause"] = Cause(**facts["cause"])
    facts["requests"] = tuple(Request(**request) for request in facts["requests"])
    return Finding(**facts)
