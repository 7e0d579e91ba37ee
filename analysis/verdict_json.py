"""Verdicts as the record holds them, whatever numbers the judges put into their evidence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from iceworthy.record.verdicts import LimitValue, MeasuredValue
from iceworthy.words.blame import counted_kinds
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


def verdict_fields(verdict: Verdict) -> dict[str, Any]:
    """The fields of a JudgeVerdict, whatever numbers the judge put into its evidence."""
    return {
        "judge": verdict.name,
        "verdict": verdict.judgement,
        "reason": plain(verdict.reason),
        "figure": verdict.figure,
        "limit": verdict.limit,
        "measures": tuple(MeasuredValue(**plain(as_object(one))) for one in verdict.measures),
        "limits": tuple(LimitValue(**plain(as_object(one))) for one in verdict.limits),
        "judged": int(verdict.judged),
        "blame": verdict.blame,
        "rests_on": counted_kinds(verdict.grounds),
        "evidence": tuple(plain(verdict.evidence)),
    }
