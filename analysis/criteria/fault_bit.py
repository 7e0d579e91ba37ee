"""Every planned fault was injected, took effect while operations were in flight, and was healed.

A guard: PASS or UNKNOWN, never FAIL, because a fault without effect says nothing about the target.
Where this guard is unknown, the verdicts about behaviour under the fault are unknown too.
What it does NOT show: that the fault hit the worst moment; the commit stepper searches for those.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.criteria._ruling import passed, unknown
from analysis.fault_spans import fault_spans
from analysis.run import Run
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "fault_bit"
BEFORE_NS = 2_000_000_000


def judge(run: Run) -> Verdict:
    """UNKNOWN unless each planned fault is proven, met load, and ended."""
    planned = run.plan.faults
    if not planned:
        return unknown(NAME, "no fault was planned")
    spans = fault_spans(run)
    evidence = [_evidence(run, span) for span in spans]
    limits = (Limit(name="proven", relation=">=", value=len(planned), shown="{value} proven"),)
    problems = [f"{row['fault']}: {row['problem']}" for row in evidence if row["problem"]]
    if len(spans) < len(planned):
        problems.append(f"only {len(spans)} of {len(planned)} planned faults were injected")
    proven = len(spans) - sum(1 for row in evidence if row["problem"])
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="proven",
                value=proven,
                unit="faults",
                of=len(planned),
                shown="{value} proven",
            ),
        ),
        "limits": limits,
        "evidence": evidence,
        "judged": len(planned),
    }
    if problems:
        return unknown(NAME, "; ".join(problems), **facts)
    return passed(NAME, f"{proven} faults bit under load and were healed", **facts)


def unproven_stretches(run: Run) -> tuple[tuple[int, int], ...]:
    """From the injection of each fault that is not proven to the injection of the next."""
    spans = fault_spans(run)
    begins = [*(span.inject_ns for span in spans), NEVER_NS]
    return tuple(
        (span.inject_ns, min(at for at in begins if at > span.inject_ns))
        for span in spans
        if _evidence(run, span)["problem"]
    )


def _evidence(run: Run, span: FaultSpan) -> dict[str, Any]:
    ops = run.history.ops
    at_ns = span.bit_ns or span.inject_ns
    began_ns = min(at_ns, int(span.facts.get("began_ns", at_ns)))
    end_ns = span.heal_ns or at_ns
    own = (ops["node"] == span.node) if span.node is not None else np.ones(len(ops), np.bool_)
    before = int((own & (ops["sent_ns"] >= at_ns - BEFORE_NS) & (ops["sent_ns"] < at_ns)).sum())
    open_then = int((own & (ops["sent_ns"] < at_ns) & (ops["completed_ns"] > began_ns)).sum())
    met = int((own & (ops["intended_ns"] < end_ns) & (ops["completed_ns"] > at_ns)).sum())
    problem = ""
    if not span.proven:
        problem = span.problem or "no evidence proves that it took effect"
    elif span.heal_ns is None:
        problem = "it was never healed"
    elif not before:
        problem = "no operation was sent to its node just before it"
    elif not met:
        problem = "no operation met it"
    return {
        "fault": span.fault,
        "node": span.node,
        "bit_ns": span.bit_ns,
        "held_s": round((end_ns - at_ns) / 1e9, 3),
        "operations_2_s_before": before,
        "in_flight": open_then,
        "operations_that_met_it": met,
        "facts": span.facts,
        "problem": problem,
    }
