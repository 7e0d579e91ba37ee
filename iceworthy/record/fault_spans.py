"""When each fault was on: the events of faults.jsonl, paired.

Claim: events of one fault on one node are paired in order; a second fault of that name on that node
begins a second span. Example: inject, bit, inject, heal, heal are two spans, and the first heal is
the first span's.
What this does NOT show: the exact instant of the effect. `bit_ns` is taken just after the fault
began to act (in runs of older versions: just before), `heal_ns` just after it is undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from iceworthy.record.run_lines import FaultEvent, FaultEventName
from iceworthy.words.fault import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpan:
    """One fault of a run. A time is None where its event is not in the file; node None:
    all nodes. mending_ns: when its undoing began; None in runs of older versions.
    """

    fault: str
    node: int | None
    inject_ns: int
    bit_ns: int | None = None
    heal_ns: int | None = None
    mending_ns: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    takes_away: frozenset[str] = frozenset()

    @property
    def proven(self) -> bool:
        """Whether the fault returned facts that show its effect."""
        return self.bit_ns is not None and bool(self.facts) and not self.problem


def fault_event(
    name: str,
    fault: Fault,
    event: FaultEventName,
    t_ns: int,
    node: int | None,
    facts: Mapping[str, Any],
) -> FaultEvent:
    """The line of one event, with what the fault's own file says that it means for judges."""
    return FaultEvent(
        fault=name,
        event=event,
        t_ns=t_ns,
        node=node,
        facts=facts,
        takes_away=tuple(sorted(fault.takes_away)),
        interrupts=fault.interrupts,
    )


def fault_spans(events: Iterable[FaultEvent]) -> tuple[FaultSpan, ...]:
    """Every injected fault in order of injection."""
    found: list[FaultSpan] = []
    for event in events:
        if event.event == "inject":
            found.append(_begun(event))
            continue
        open_ones = (
            i
            for i, span in enumerate(found)
            if (span.fault, span.node) == (event.fault, event.node) and span.heal_ns is None
        )
        index = next(open_ones, None)
        if index is not None:
            found[index] = _with(found[index], event)
    return tuple(found)


def _begun(event: FaultEvent) -> FaultSpan:
    return FaultSpan(
        fault=event.fault,
        node=event.node,
        inject_ns=event.t_ns,
        takes_away=frozenset(event.takes_away),
    )


def _with(span: FaultSpan, event: FaultEvent) -> FaultSpan:
    if event.event == "bit":
        return replace(span, bit_ns=event.t_ns, facts=event.facts)
    if event.event == "heal":
        mending_ns = event.facts.get("began_ns")
        return replace(span, heal_ns=event.t_ns, mending_ns=mending_ns)
    return replace(span, problem=str(event.facts.get("reason", "it failed")))
