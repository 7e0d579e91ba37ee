"""Files that hold one JSON value: written whole or not at all, read with an error that says more.

Claim: a reader sees the whole file or none. What this does NOT show: what the value holds; the
modules of review.json, verdicts.json and findings.json say that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iceworthy.record.regular_file import parse_json, read_text, write_text
from iceworthy.record.typed_json import to_object
from iceworthy.words.errors import RecordError


def write_json(path: Path, value: Any) -> None:
    """Write one file; half a surrogate pair becomes "?". OSError where the disk refuses."""
    write_text(path, json.dumps(to_object(value), indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path, *, expected: str, then: str) -> Any:
    """The value of one file. RecordError where it is missing or is no JSON: `expected` says what it
    should hold, `then` what to do next."""
    try:
        return parse_json(read_text(path))
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path}: expected {expected}; it is missing or cannot be read ({error}); {then}"
        ) from error
