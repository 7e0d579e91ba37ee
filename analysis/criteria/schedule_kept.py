"""The load generator kept its schedule, so that the measured latencies are the target's.

A guard: PASS or UNKNOWN, never FAIL. Method: in steady windows, the p99 of the generator's lag
(analysis/generator_lag.py) is at most 100 ms, and the load counted as many connections as sessions.
Operations that waited behind an earlier operation of their session have no lag to count.
What it does NOT show: lateness in reading answers; the generator's CPU stands in the evidence.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import passed, unknown
from analysis.generator_lag import calm_lag_ms
from analysis.latency import estimate
from analysis.run import Run
from iceworthy.record.run_lines import LoadSecond
from iceworthy.words.measure import Limit
from iceworthy.words.verdict import Verdict

NAME = "schedule_kept"
QUANTILE = 0.99
LIMIT_MS = 100.0
LIMITS = (
    Limit(
        name="p99",
        relation="<=",
        value=LIMIT_MS,
        unit="ms",
        shown="p99 lag {relation} {value} {unit}",
    ),
)
LEAST = 100  # below a thousand, the p99 leans to the slowest: on the safe side


def judge(run: Run) -> Verdict:
    """UNKNOWN when there was no load, too little of it, or it left late."""
    if not run.plan.scenario:
        return unknown(NAME, "this experiment has no load", limits=LIMITS)
    found = estimate(calm_lag_ms(run), QUANTILE)
    evidence: list[dict[str, Any]] = [{"generator_cpu_most": _cpu(run), "samples": found.samples}]
    facts: dict[str, Any] = {"limits": LIMITS, "evidence": evidence, "judged": found.samples}
    if found.samples < LEAST:
        return unknown(
            NAME, f"{found.samples} operations in steady windows; {LEAST} are needed", **facts
        )
    facts["measures"] = (found.measure("{name} {value} {unit}"),)
    if found.value_ms > LIMIT_MS:
        return unknown(NAME, f"the load generator left late: {found}, CPU {_cpu(run):.0%}", **facts)
    return passed(NAME, f"the load left on time: {found}", **facts)


def _cpu(run: Run) -> float:
    return max((line.cpu for line in run.read(LoadSecond)), default=0.0)
