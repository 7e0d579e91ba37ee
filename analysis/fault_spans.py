"""When each fault was on, from faults.jsonl: its injection, its proof, its heal.

Claim: a span joins the events of one fault on one node in order.
What this does NOT show: the exact instant of the effect. `bit_ns` is taken just before the fault
acts and `heal_ns` just after the fault is undone, so a judge that must be certain leaves out
MARGIN_NS after the first and before the second.
"""

from __future__ import annotations

from analysis.run import Run
from iceworthy.record import fault_spans as record
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.run_lines import FaultEvent

MARGIN_NS = 500_000_000


def fault_spans(run: Run) -> tuple[FaultSpan, ...]:
    """Every injected fault in order of injection."""
    return record.fault_spans(run.read(FaultEvent))


def broke_link(span: FaultSpan) -> bool:
    """Whether the fault cut one node off from its database and later restored the link."""
    known = None not in (span.bit_ns, span.heal_ns, span.node)
    return known and "database" in span.takes_away
