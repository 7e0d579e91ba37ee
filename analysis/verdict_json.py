"""Verdicts as JSON objects, whatever numbers the judges put into their evidence."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from iceworthy.words.measure import as_object
from iceworthy.words.verdict import Verdict


def plain(value: Any) -> Any:
    """The value in JSON's types: NaN and infinity become null, an unknown type becomes its text."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    # A target may answer with half a surrogate pair, which UTF-8 cannot hold.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """One verdict as verdicts.json holds it."""
    return {
        "judge": verdict.name,
        "verdict": verdict.judgement.value,
        "reason": verdict.reason,
        "figure": verdict.figure,
        "limit": verdict.limit,
        "measures": plain([as_object(one) for one in verdict.measures]),
        "limits": plain([as_object(one) for one in verdict.limits]),
        "judged": int(verdict.judged),
        "evidence": plain(verdict.evidence),
    }


def write_json(path: Path, value: Any) -> None:
    """Write one JSON file atomically: a reader sees the whole file or none."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(plain(value), indent=1, ensure_ascii=False) + "\n", "utf-8")
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty when it is missing or torn."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
