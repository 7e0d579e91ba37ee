"""When each fault was on, from faults.jsonl: its injection, its proof, its heal.

Claim: a span joins the events of one fault on one node in order.
What this does NOT show: the exact instant of the effect. `bit_ns` is taken just before the fault
acts and `heal_ns` just after the fault is undone, so a judge that must be certain leaves out
MARGIN_NS after the first and before the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from analysis.run import Run

MARGIN_NS = 500_000_000

# Faults after which the node cannot reach its database at all, until they are healed.
TAKES_DATABASE_AWAY = frozenset({"cut_link", "black_hole"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpan:
    """One fault of a run; a time is None where the event is not in the stream."""

    fault: str
    node: int | None
    inject_ns: int
    bit_ns: int | None
    heal_ns: int | None
    facts: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def proven(self) -> bool:
        """Whether the fault returned facts that show its effect."""
        return self.bit_ns is not None and bool(self.facts) and not self.problem

    @property
    def broke_link(self) -> bool:
        """Whether the fault cut one node off from its database and later restored the link."""
        known = None not in (self.bit_ns, self.heal_ns, self.node)
        return known and self.fault in TAKES_DATABASE_AWAY


def fault_spans(run: Run) -> tuple[FaultSpan, ...]:
    """Every injected fault in order of injection."""
    found: list[dict[str, Any]] = []
    for line in run.stream("faults"):
        own = {"fault": line["fault"], "node": line.get("node")}
        if line["event"] == "inject":
            found.append({**own, "inject_ns": line["t_ns"], "bit_ns": None, "heal_ns": None})
            continue
        open_ones = [
            span
            for span in found
            if span["fault"] == own["fault"]
            and span["node"] == own["node"]
            and span["heal_ns"] is None
        ]
        if not open_ones:
            continue
        span = open_ones[0]
        if line["event"] == "bit":
            span.update(bit_ns=line["t_ns"], facts=line.get("facts") or {})
        elif line["event"] == "heal":
            span["heal_ns"] = line["t_ns"]
        elif line["event"] == "failed":
            span["problem"] = str((line.get("facts") or {}).get("reason", "it failed"))
    return tuple(FaultSpan(**span) for span in found)
