"""Nodes migrate the database by themselves, also when they start together on an empty one (FR-008).

Method: the experiment's database is new, so the initial starts find it empty. All nodes must become
ready; several nodes must have been starting at the same time (each spawned before any was ready);
something must have been created afterwards; and each restart on the migrated database must become
ready too. Where the target's file has its nodes started one by one, that is judged in place of the
start together, and the reason says so.
What it does NOT show: an upgrade from an older version's schema.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.evidence_kinds import by_second
from analysis.process_lifetimes import Life, lives, seen_until
from analysis.run import Run
from iceworthy.record.contract_lines import CaseResult
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.outcome import Outcome
from iceworthy.words.target import StartOrder
from iceworthy.words.verdict import Verdict

NAME = "migrations_at_start"
HARM = Harm.UNAVAILABLE
NEEDS_NO_LOAD = True
TOGETHER: StartOrder = "together"
SHOWN: dict[StartOrder, str] = {
    "together": "{value} together",
    "one by one": "{value} one by one",
}
NOT_TOGETHER = "a start together was not tried: the target's file says one by one"
LIMITS = (Limit(name="ready", relation="all", shown="all ready"),)


def judge(run: Run) -> Verdict:
    """FAIL for a node that never became ready; UNKNOWN unless the initial starts overlapped."""
    found = lives(run)
    first = [life for life in found if life.reason == "initial"]
    again = [life for life in found if life.reason != "initial" and not life.killed]
    if not first:
        return unknown(NAME, "the suite started no node on an empty database")
    created = _created(run)
    never = [life for life in (*first, *again) if life.ready_ns is None]
    started = len(first) + len(again)
    how = _order(run)
    facts: dict[str, Any] = {
        "measures": _measures(len(first), len(again), ready=started - len(never), how=how),
        "limits": LIMITS,
        "judged": started,
        "evidence": [
            {
                "node": life.node,
                "reason": life.reason,
                "spawn_ns": life.spawn_ns,
                "ready_ns": life.ready_ns,
            }
            for life in (*first, *again)
        ]
        + [{"mutations_acknowledged": created}],
    }
    if never:
        names = ", ".join(f"node {life.node} ({life.reason})" for life in never)
        grounds = by_second(
            (EvidenceKind.SILENCE, life.spawn_ns, seen_until(run, life), life.node)
            for life in never
        )
        return failed(NAME, f"{names} never became ready", grounds=grounds, **facts)
    if not created:
        return unknown(
            NAME, "no operation created anything, so nothing shows that the schema exists", **facts
        )
    if run.plan.hides_database:
        return unknown(
            NAME,
            "the target hides its database, so the suite did not see that it was empty",
            **facts,
        )
    if why := _not_seen(run, first):
        return unknown(NAME, why, **facts)
    several = len(first) > 1
    who = f"{len(first)} nodes started {how}" if several else "the only node started"
    untried = f"; {NOT_TOGETHER}" if several and how != TOGETHER else ""
    return passed(
        NAME,
        f"{who} on an empty database and became ready; {len(again)} restarts too{untried}",
        **facts,
    )


def _measures(first: int, again: int, *, ready: int, how: StartOrder) -> tuple[Measure, ...]:
    return (
        Measure(name="together", value=first, unit="starts", shown=SHOWN[how]),
        Measure(name="again", value=again, unit="starts", shown="{value} again"),
        Measure(name="ready", value=ready, unit="starts", of=first + again, shown=""),
    )


def _order(run: Run) -> StartOrder:
    """The order of the first starts, as the target's file has it."""
    return TOGETHER if run.plan.target is None else run.plan.target.node.start


def _not_seen(run: Run, first: list[Life]) -> str:
    """Why the first starts show too little; "" where they show the whole order."""
    nodes = len(run.plan.node_urls or {life.node for life in first})
    if len(first) < nodes:
        return f"only {len(first)} of {nodes} nodes were started on an empty database"
    if nodes > 1 and _order(run) == TOGETHER and not _together(first):
        return "the nodes were not starting at the same time"
    return ""


def _created(run: Run) -> int:
    """Changes that were acknowledged, as operations of the history or in cases that hold."""
    recorded = run.history.of_operation(*MUTATIONS) & run.history.with_outcome(Outcome.OK)
    cases = (one for one in run.read(CaseResult) if one.ended == "holds")
    return int(recorded.sum()) + sum(1 for one in cases if one.about in MUTATIONS)


def _together(first: list[Life]) -> bool:
    ready = [life.ready_ns for life in first if life.ready_ns is not None]
    return len(first) > 1 and max(life.spawn_ns for life in first) < min(ready)
