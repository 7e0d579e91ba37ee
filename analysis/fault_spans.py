"""When each fault was on, from faults.jsonl: its injection, its proof, its heal.

Claim: a span joins the events of one fault on one node in order.
What this does NOT show: the exact instant of the effect. A judge that must be certain that a fault
acted leaves out MARGIN_NS after `bit_ns`, and all that is later than acted_until().
"""

from __future__ import annotations

from dataclasses import replace

from analysis.run import Run
from iceworthy.record import fault_spans as record
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.run_lines import FaultEvent

MARGIN_NS = 500_000_000


def fault_spans(run: Run) -> tuple[FaultSpan, ...]:
    """Every injected fault in order of injection."""
    return record.fault_spans(run.read(FaultEvent))


def acted_until(span: FaultSpan, margin_ns: int = MARGIN_NS) -> int:
    """The last instant at which the fault surely still acted; needs a healed span.

    Undoing it takes time: on a busy machine the link works again long before `heal_ns`.
    """
    assert span.heal_ns is not None
    until_ns = span.heal_ns - margin_ns
    return until_ns if span.mending_ns is None else min(until_ns, span.mending_ns)


def broke_link(span: FaultSpan) -> bool:
    """Whether the fault cut one node off from its database and later restored the link."""
    known = None not in (span.bit_ns, span.heal_ns, span.node)
    return known and "database" in span.takes_away


def breaks(run: Run) -> tuple[FaultSpan, ...]:
    """Each stretch in which one node could not reach its database, in order of injection.

    A fault of the database itself is one stretch for each node. Example: a crash of the database
    under two nodes is two stretches with the same times.
    """
    nodes = range(len(run.plan.node_urls))
    each = (
        replace(span, node=node)
        for span in fault_spans(run)
        for node in (nodes if span.node is None else (span.node,))
    )
    return tuple(span for span in each if broke_link(span))
