"""Each operation of the load by itself: how often, how fast, how often in error; and each as a
point.

Claim: the figures count every operation that the sessions of the load sent; latency counts from the
intended start. Errors are those of operation_errors.py.
What this does NOT show: whether an answer was right; the checkers judge that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.operation_errors import error_mask
from analysis.run import Run
from analysis.series import (
    CLASSES,
    Floats,
    Series,
    bins,
    lasted,
    load_end_s,
    outcome_class,
    session_mask,
    zero_ns,
)

MINUTE_S = 60.0
BEFORE_S = 10.0  # of the interesting minute, before the first fault


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFigures:
    """One operation of the load. Latencies in ms from the intended start; per_s: over the whole
    load; errors: answers that a calm target does not give.
    """

    operation: str
    count: int
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    not_found: int
    conflicts: int
    errors: int


def figures(run: Run) -> list[OperationFigures]:
    """The figures of each operation, the most frequent first."""
    ops, loaded = run.history.ops, session_mask(run)
    wrong, kind = error_mask(run), outcome_class(run)
    lasted_s = max(load_end_s(run), 1.0)
    found = []
    for name in {run.history.strings[i] for i in np.unique(ops["operation"][loaded])}:
        mask = loaded & run.history.of_operation(name)
        took = np.sort(ops["completed_ns"][mask] - ops["intended_ns"][mask]) / 1e6
        ranks = [int(np.ceil(q * len(took))) - 1 for q in (0.5, 0.95, 0.99)]
        p50, p95, p99 = (float(took[rank]) for rank in ranks)
        found.append(
            OperationFigures(
                operation=name,
                count=len(took),
                per_s=len(took) / lasted_s,
                p50_ms=p50,
                p95_ms=p95,
                p99_ms=p99,
                max_ms=float(took[-1]),
                not_found=int((kind[mask] == CLASSES.index("404")).sum()),
                conflicts=int((kind[mask] == CLASSES.index("409 conflict")).sum()),
                errors=int(wrong[mask].sum()),
            )
        )
    return sorted(found, key=lambda one: (-one.count, one.operation))


def offered_over_time(run: Run) -> Series:
    """Operations a second: those that the schedule intended, those sent, those that ended."""
    ops, mask = run.history.ops, session_mask(run)
    if not mask.any():
        return Series(xs=np.empty(0), lines={})
    end_s = load_end_s(run)
    _, xs = bins((ops["intended_ns"][mask] - zero_ns(run)) / 1e9)
    width = float(xs[1] - xs[0]) if len(xs) > 1 else 1.0
    first = xs[0] - width / 2
    lines = {}
    for name, column in (
        ("intended", "intended_ns"),
        ("sent", "sent_ns"),
        ("ended", "completed_ns"),
    ):
        at = ((ops[column][mask] - zero_ns(run)) / 1e9 - first) / width
        counts = np.bincount(at.astype(np.int64).clip(0), minlength=len(xs))[: len(xs)]
        lines[name] = counts / lasted(xs, end_s)
    return Series(xs=xs, lines=lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Operations as points: intended start in seconds, latency in ms, class as in CLASSES."""

    at_s: Floats
    took_ms: Floats
    kind: Floats
    span: tuple[float, float]


def interesting_span(run: Run, first_fault_s: float | None) -> tuple[float, float]:
    """At most a minute of the load: around the first fault, else the minute before the end."""
    end_s = load_end_s(run)
    if end_s <= MINUTE_S:
        return (0.0, end_s)
    start_s = end_s - MINUTE_S if first_fault_s is None else max(0.0, first_fault_s - BEFORE_S)
    start_s = min(start_s, end_s - MINUTE_S)
    return (start_s, start_s + MINUTE_S)


def points(run: Run, span: tuple[float, float]) -> Points:
    """Every operation of the load whose intended start lies in the span."""
    ops = run.history.ops
    at_s = (ops["intended_ns"] - zero_ns(run)) / 1e9
    mask = session_mask(run) & (at_s >= span[0]) & (at_s <= span[1])
    took = (ops["completed_ns"][mask] - ops["intended_ns"][mask]) / 1e6
    return Points(
        at_s=at_s[mask],
        took_ms=np.maximum(took, 0.01),
        kind=outcome_class(run)[mask].astype(np.float64),
        span=span,
    )
