"""GET namespace and GET table each take less than 50 ms at p95, from the intended start (SC-003).

Method: raw samples of load_namespace and load_table in steady windows, failed ones included. Each
kind is judged apart, with a 95 % interval (analysis/latency.py). If the limit is missed only
because the generator itself sent late, the verdict is unknown.
What it does NOT show: latency under faults, and of other operations than these two reads.
"""

from __future__ import annotations

import numpy as np

from analysis.criteria._ruling import rule, user_limits
from analysis.crowding import in_spare_time
from analysis.evidence_kinds import calm_ground
from analysis.generator_lag import own_lag_ns
from analysis.latency import Estimate, estimate, judge_limit, latencies_ms, sample_mask
from analysis.operation_errors import CALM, Mask
from analysis.run import Run
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Harm
from iceworthy.words.limits import DEFAULTS
from iceworthy.words.measure import Limit
from iceworthy.words.verdict import Judgement, Verdict, merge

NAME = "read_latency"
HARM = Harm.UNAVAILABLE
GUARDED_BY = ("schedule",)
OPERATIONS = ("loadNamespaceMetadata", "loadTable")
QUANTILE = 0.95
LIMIT_MS = DEFAULTS["read_p95_ms"]
LIMITS = (
    Limit(
        name="p95",
        relation="<",
        value=LIMIT_MS,
        unit="ms",
        shown="{name} {relation} {value} {unit}",
    ),
)


def judge(run: Run) -> Verdict:
    """The worse of the two operations; the figure is the slower one's p95 with its interval."""
    ruled: list[tuple[Judgement, str]] = []
    evidence = []
    samples, spare = 0, False
    limit_ms = run.limits.read_p95_ms
    slowest: Estimate | None = None
    for operation in OPERATIONS:
        mask = sample_mask(run, (operation,), CALM)
        measured = latencies_ms(run, mask)
        found = estimate(measured, QUANTILE)
        judgement, reason = judge_limit(found, limit_ms)
        if judgement is Judgement.FAIL and _generators_fault(run, mask):
            judgement = Judgement.UNKNOWN
            reason += "; without the load generator's own lag it would have been kept"
        spare |= judgement is Judgement.FAIL and _late_in_spare_time(run, mask)
        ruled.append((judgement, f"{operation}: {reason}"))
        samples += found.samples
        if found.samples and (slowest is None or found.value_ms > slowest.value_ms):
            slowest = found
        evidence.append(
            {
                "operation": operation,
                "samples": found.samples,
                "p95_ms": _rounded(found.value_ms),
                "interval_ms": [_rounded(found.low_ms), _rounded(found.high_ms)],
                **{
                    f"p{q * 100:g}_ms": _rounded(estimate(measured, q).value_ms)
                    for q in (0.5, 0.99)
                },
                "max_ms": _rounded(float(measured.max())) if len(measured) else None,
            }
        )
    worst = merge(judgement for judgement, _ in ruled)
    reason = "; ".join(text for judgement, text in ruled if judgement is worst)
    return rule(
        NAME,
        worst,
        reason,
        measures=() if slowest is None else (slowest.measure(),),
        limits=user_limits(run, LIMITS, {"p95": "read_p95_ms"}),
        evidence=evidence,
        judged=samples,
        grounds=calm_ground(run, EvidenceKind.LATENCY, samples, in_spare_time=spare),
    )


def _rounded(value_ms: float) -> float | None:
    return round(value_ms, 2) if np.isfinite(value_ms) else None


def _late_in_spare_time(run: Run, mask: Mask) -> bool:
    """Whether the limit is surely missed also in the seconds in which CPUs had time to spare."""
    ops = run.history.ops
    mask = mask & in_spare_time(run, ops["intended_ns"], ops["completed_ns"])
    found = estimate(latencies_ms(run, mask), QUANTILE)
    return found.enough and found.low_ms > run.limits.read_p95_ms


def _generators_fault(run: Run, mask: Mask) -> bool:
    """Whether p95 is within the limit once the generator's lag is subtracted from each
    operation.
    """
    ops = run.history.ops
    lag = np.maximum(own_lag_ns(run)[mask], 0)
    without_ms = (ops["completed_ns"][mask] - ops["intended_ns"][mask] - lag) / 1e6
    return estimate(without_ms, QUANTILE).value_ms < run.limits.read_p95_ms
