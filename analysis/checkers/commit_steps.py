"""A fault before and after each COMMIT of a table commit: the change is atomic, its answer true.

A catalog may write one table commit in several transactions of its database, so in several COMMITs.
A point is one of these COMMITs, one moment (before it is durable, or after) and one fault.
Claim: at every planned point the fault hit the node at that moment. Afterwards
  - every read of the table shows all parts of the change (snapshot, ref, property), or none of them
  - the reads agree with the answer, and all nodes show the same table
  - the table accepts new commits, and every other acknowledged table can be read.
Of the points that break a rule the worst is named first: a table that cannot be read, then a lost
change, and an untrue answer last.
Example: the node is killed after the first of two COMMITs; its client gets no answer, and both
nodes show the snapshot and not the property: the point breaks the first rule.
Method: the facts of steps.jsonl, and the operation's outcome from the history.
What it does NOT show: a fault in the middle of one transaction. If SIGTERM leaves the request
without a definite answer, this verdict only mentions it; graceful_shutdown judges it.

The first line of steps.jsonl describes the walks, in which no fault is injected: `point` "walk",
`node` (under test), `of` (number of COMMITs), `walks` (number of COMMITs of each walk), `commits`
(each as `held` below), `planned` (names of the points), `idle` (relations that the catalog's
background work writes). Then follows one line for each point:
  point, commit, of, moment, fault, node  "<fault>/<before or after>/<k>"; fault "none": the control
  late                   in the walks, the catalog answered before this COMMIT
  problem                why the COMMIT was not held or the fault not injected; "" if neither failed
  held                   the session that was held, as pg_stat_activity showed it: pid, node, state,
                         wait_event_type, wait_event, query, transaction_age_s, relations written,
                         xid ("after": waits in SyncRep) or locked_by ("before": waits for a lock of
                         the suite)
  evidence               of the fault; null for the control
  background             number of COMMITs of background work that were let through meanwhile
  table, op, snapshot, parent    key of the table, id of the operation in the history, the snapshot
                         id that it adds, the head before it
  status, complete, outcome, error, sent_ns, completed_ns    the answer to the operation
  fired_ns, released_ns, restored_s    when the fault was injected, when the hold ended, seconds
                         from then until the node was restored
  answered_while_held    whether the answer arrived before released_ns
  held_at_release        whether the session still waited at released_ns
  orphan_ended           the suite ended the held session, so its transaction can never commit
  unrecovered            why the node did not become ready again; "" if it did
  readable, visible      {node: status of a read}, {node: whether main holds the snapshot; null: the
                         table was not read}
  parts                  {node: {snapshot, ref, property: whether a read shows it}}
  agree, calm_after_s    whether all nodes show the same table; after how many seconds, null: not
                         within the bound
  next_commit            {node: status of a new commit through this node}
  others                 {asked, lost: [{table, node, got}]}: every other acknowledged table
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

import numpy as np

from analysis.history import History
from analysis.run import Run
from iceworthy.record.line import chosen
from iceworthy.record.step_lines import WALK, Step
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Judgement, Verdict

NAME = "commit_steps"
HARM = Harm.LOST
NEEDS_RUN = True
MOMENTS = ("before", "after")
EVIDENCE_MAX = 20
_WAITS = {"before": ("wait_event_type", "Lock"), "after": ("wait_event", "SyncRep")}


def check(run: Run) -> Verdict:
    """FAIL for a point that breaks a rule; UNKNOWN if no fault met a point, or if there is none."""
    lines = run.read(Step)
    walk = next((line for line in lines if line.point == WALK), None)
    steps = [line for line in lines if line.point != WALK]
    if walk is None or not walk.of:
        why = run.plan.stopped_because or "no steps.jsonl"
        return _verdict(Judgement.UNKNOWN, f"no table commit was walked: {why}", steps, walk)
    outcomes = _outcomes(run.history)
    broken = _worst_first(steps, outcomes)
    unproven = [(step, why) for step in steps if (why := doubt(step, outcomes))]
    if broken:
        found = [(step, why) for step, _, why in broken]
        reason = _sentence(found, "does not hold")
        return _verdict(Judgement.FAIL, reason + _kinds(broken[1:]), steps, walk, found)
    if unproven:
        return _verdict(
            Judgement.UNKNOWN, _sentence(unproven, "proves nothing"), steps, walk, unproven
        )
    if lacking := _lacking(walk, steps):
        return _verdict(Judgement.UNKNOWN, lacking, steps, walk)
    walked = sorted({step.commit for step in steps})
    which = "each" if len(walked) == walk.of else f"COMMIT {', '.join(map(str, walked))}"
    reason = (
        f"a table commit makes {walk.of} COMMIT(s); at {which}, before and after it was durable, "
        "every fault left the whole change or none of it, and the answer was true "
        f"({len(steps)} points)"
    )
    if dropped := _dropped(steps, outcomes):
        reason += f"; at {len(dropped)} of them SIGTERM left the request without a definite answer"
    return _verdict(Judgement.PASS, reason, steps, walk, noted=dropped)


class Damage(IntEnum):
    """What a broken point leaves behind, worst first."""

    UNREADABLE = 0
    LOST = 1
    PARTIAL = 2
    DIFFERENT = 3
    SHUT = 4
    UNTRUE = 5

    @property
    def words(self) -> str:
        return DAMAGE[self]


DAMAGE = {
    Damage.UNREADABLE: "a table that cannot be read",
    Damage.LOST: "a lost change",
    Damage.PARTIAL: "a part of a change",
    Damage.DIFFERENT: "nodes that differ",
    Damage.SHUT: "a table that takes no commits",
    Damage.UNTRUE: "an untrue answer",
}
Complaint = tuple[Damage, str]


def complaint(step: Step, outcomes: dict[str, Outcome]) -> Complaint | None:
    """The worst of the rules that a point breaks, None where it breaks none; each rule is applied
    only where its facts exist.
    """
    return min(_complaints(step, outcomes), key=lambda one: one[0], default=None)


def _complaints(step: Step, outcomes: dict[str, Outcome]) -> Iterator[Complaint]:
    if step.readable is None:
        return
    for one in step.others.get("lost", ())[:1]:
        damage = Damage.LOST if str(one["got"]).startswith("snapshot") else Damage.UNREADABLE
        yield damage, f"table {_shown(one['table'])} is lost on node {one['node']}: {one['got']}"
    unread = {n: s for n, s in step.readable.items() if s != 200}
    if unread:
        node, status = next(iter(unread.items()))
        more = f"; {step.unrecovered}" if step.unrecovered else ""
        answers = status or "nothing"
        yield (
            Damage.UNREADABLE,
            f"the table cannot be read on node {node}, which answers {answers}{more}",
        )
        return
    yield from _of_the_change(step, outcomes)


def _of_the_change(step: Step, outcomes: dict[str, Outcome]) -> Iterator[Complaint]:
    """The rules about the change itself, on a table that every node could read."""
    for node, parts in step.parts.items():
        if len(set(parts.values())) > 1:
            shown = ", ".join(name for name, is_there in parts.items() if is_there)
            yield Damage.PARTIAL, f"node {node} shows only a part of the change: {shown}"
    for node, is_there in step.visible.items():
        if is_there is None:
            yield Damage.UNREADABLE, f"node {node} answers 200, and its answer holds no table"
            return
    if step.agree is not True:
        yield Damage.DIFFERENT, "the nodes show different tables"
        return
    if (untruth := _untruth(step, outcomes)) is not None:
        yield untruth
    refused = {n: s for n, s in step.next_commit.items() if not 200 <= s < 300}
    if refused or not step.next_commit:
        said = refused or "none could be sent"
        yield Damage.SHUT, f"the table refuses the commits after the fault: {said}"


def _worst_first(
    steps: Sequence[Step], outcomes: dict[str, Outcome]
) -> list[tuple[Step, Damage, str]]:
    """The broken points with the worst that each shows; of equal ones, the first walked."""
    found = [(step, *worst) for step in steps if (worst := complaint(step, outcomes))]
    return sorted(found, key=lambda one: one[1])


def _kinds(found: Sequence[tuple[Step, Damage, str]]) -> str:
    """What the other broken points show: " (2 × a lost change, 1 × an untrue answer)"."""
    counts = Counter(damage for _, damage, _ in found)
    said = ", ".join(f"{counts[one]} × {one.words}" for one in sorted(counts))
    return f" ({said})" if said else ""


def doubt(step: Step, outcomes: dict[str, Outcome]) -> str:
    """Why a point proves nothing, "" when it does."""
    if step.problem:
        return step.problem
    field, expected = _WAITS[step.moment]
    if not step.held or step.held.get(field) != expected:
        return f"pg_stat_activity showed no session with {field} {expected}"
    if step.fault != "none" and not step.evidence:
        return "the fault has no evidence"
    if step.op not in outcomes:
        return f"the history lacks the operation {step.op}"
    return ""


def _untruth(step: Step, outcomes: dict[str, Outcome]) -> Complaint | None:
    """Whether the final state contradicts the answer, or the instant at which the fault fired."""
    outcome = outcomes.get(step.op)
    if outcome is None:
        return None
    is_there = all(step.visible.values())
    if outcome is Outcome.OK and not is_there:
        return Damage.LOST, f"answered {step.status}, and no read shows the change"
    if outcome is Outcome.FAIL and is_there:
        said = f"answered {step.status}, which means not applied, and a read shows the change"
        return Damage.UNTRUE, said
    if doubt(step, outcomes):
        return None
    fault, moment = step.fault, step.moment
    is_first, is_last = step.commit == 1, step.commit == step.of
    if fault == "none" and outcome is not Outcome.OK:
        said = f"no fault was injected, and a commit that only waited was answered {step.status}"
        return Damage.UNTRUE, said
    if moment == "after" and is_last and not is_there:
        return Damage.LOST, "the last COMMIT was durable, and no read shows the change"
    if moment == "before" and is_first and not step.late:
        # At a later COMMIT, a catalog may finish the change from the earlier ones.
        if step.answered_while_held and outcome is Outcome.OK:
            return Damage.UNTRUE, "acknowledged before its first COMMIT was durable"
        if fault == "kill_node" and step.orphan_ended and is_there:
            said = "the node was killed before the first COMMIT, and a read shows the change"
            return Damage.UNTRUE, said
    return None


def _dropped(steps: Sequence[Step], outcomes: dict[str, Outcome]) -> list[tuple[Step, str]]:
    """Points at which a node that got SIGTERM gave no definite answer to the held request."""
    return [
        (step, f"SIGTERM: answered {step.status} ({step.error})")
        for step in steps
        if step.fault == "drain_node" and outcomes.get(step.op) is Outcome.INFO
    ]


def _outcomes(history: History) -> dict[str, Outcome]:
    """Operation id -> outcome of every commit in the history."""
    rows = np.flatnonzero(history.of_operation("updateTable"))
    return {history.op_id(int(row)): Outcome(int(history.ops["outcome"][row])) for row in rows}


def _lacking(walk: Step, steps: Sequence[Step]) -> str:
    """The planned points that have no line in steps.jsonl; "" when all have one."""
    missing = [name for name in walk.planned if name not in {step.point for step in steps}]
    if missing:
        of = len(walk.planned)
        return f"{len(missing)} of {of} points were not walked, the first is {missing[0]}"
    faults = {step.fault for step in steps}
    if faults <= {"none"}:
        return "no fault was injected at any point"
    for fault in sorted(faults):
        for moment in MOMENTS:
            if not any(s.fault == fault and s.moment == moment for s in steps):
                return f"{fault} was never injected {moment} a COMMIT"
    return ""


def _sentence(found: Sequence[tuple[Step, str]], what: str) -> str:
    step, why = found[0]
    more = f"; and {len(found) - 1} more point(s)" if len(found) > 1 else ""
    return f"{step.point} {what}: {why}{more}"


def _verdict(
    judgement: Judgement,
    reason: str,
    steps: Sequence[Step],
    walk: Step | None,
    found: Sequence[tuple[Step, str]] = (),
    noted: Sequence[tuple[Step, str]] = (),
) -> Verdict:
    planned = len(walk.planned) if walk else 0
    clean = len(steps) - len(found)
    return Verdict(
        name=NAME,
        judgement=judgement,
        reason=reason,
        measures=(
            Measure(
                name="hold",
                value=clean,
                unit="points",
                of=planned,
                shown="{value} of {of} points hold",
            ),
        )
        if planned
        else (),
        limits=(Limit(name="hold", relation="all", shown="all of them"),) if planned else (),
        evidence=tuple(_shown_step(step, why) for step, why in [*found, *noted][:EVIDENCE_MAX]),
        judged=len(steps),
    )


def _shown_step(step: Step, why: str) -> dict[str, Any]:
    kept = ("point", "op", "status", "visible", "readable", "next_commit", "held", "evidence")
    table = _shown(step.table)
    return {"why": why, "table": table} | {
        key: value for key, value in chosen(step, *kept).items() if value is not None
    }


def _shown(key: str) -> str:
    return key.replace("\x1f", ".")
