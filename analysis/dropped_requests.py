"""Requests in flight at each SIGTERM, and those dropped, by docs/dropped-requests.md.

Claim: `dropped` counts rules 1 to 3 of that page: no answer, a torn answer, a 5xx.
What this does NOT show: rule 4, an untruthful answer, because that needs the final state of the
tables. The checker graceful_shutdown applies all four rules, and its verdict decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.run import Run
from iceworthy.record.history import FLAG_AUDIT, FLAG_MEMBER, FLAG_REUSED, FLAG_TORN
from iceworthy.record.run_lines import NodeExit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """One SIGTERM under load."""

    node: int
    in_flight: int
    answered: int
    dropped: int
    late: int
    late_answered: int
    exit_s: float
    code: int | None


def shutdowns(run: Run) -> tuple[Shutdown, ...]:
    """Every SIGTERM of the run; a SIGTERM without load has nothing in flight."""
    ops = run.history.ops
    found = []
    for line in run.read(NodeExit):
        if line.asked != "SIGTERM" or not line.asked_ns:
            continue
        at_ns = line.asked_ns
        own = (ops["node"] == line.node) & (ops["flushed_ns"] > 0)
        own &= ((ops["flags"] & (FLAG_AUDIT | FLAG_MEMBER)) == 0) & (ops["completed_ns"] > at_ns)
        wrong = (ops["status"] == 0) | (ops["status"] >= 500) | ((ops["flags"] & FLAG_TORN) != 0)
        in_flight = own & (ops["flushed_ns"] <= at_ns)
        late = own & (ops["flushed_ns"] > at_ns) & (ops["flushed_ns"] <= line.t_ns)
        late &= (ops["flags"] & FLAG_REUSED) != 0
        found.append(
            Shutdown(
                node=line.node,
                in_flight=int(in_flight.sum()),
                answered=int((in_flight & ~wrong).sum()),
                dropped=int((in_flight & wrong).sum()),
                late=int(late.sum()),
                late_answered=int((late & ~wrong).sum()),
                exit_s=(line.t_ns - at_ns) / 1e9,
                code=line.code,
            )
        )
    return tuple(found)
