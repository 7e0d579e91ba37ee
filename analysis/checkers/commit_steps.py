"""A fault at each COMMIT of a table commit: the change stays atomic and its answer stays true.

Claim: at every planned point, before or after a COMMIT became durable, the fault hit the node at
exactly that instant. Afterwards all parts of the change were there or none was, in agreement with
the answer and the same on every node; the table accepted new commits; every other acknowledged
table could be read.
Method: the facts of steps.jsonl, and the operation's outcome from the history.
What it does NOT show: instants inside one transaction. A request that SIGTERM left without a
definite answer is only mentioned here; graceful_shutdown judges it.

steps.jsonl, first line (one): `point` "walk", `node` under test, `of` (COMMITs of an operation),
`walks` (COMMITs of each undisturbed walk), `commits` (each as `held` below), `planned` (points),
`idle` (relations of each COMMIT that the catalog makes with no operation on its way).
Then one line a point:
  point, commit, of, moment, fault, node  "<fault>/<before or after>/<k>"; "none" is the control
  late                   this COMMIT came after the answer in the undisturbed walks
  problem                what kept the point from being held or fired, "" for nothing
  held                   the session that was held, as pg_stat_activity showed it: pid, node, state,
                         wait_event_type, wait_event, query, transaction_age_s, relations written,
                         xid ("after": waits in SyncRep) or locked_by ("before": waits for our lock)
  evidence               the fault's, null for the control
  background             COMMITs of the catalog's own work that were let through meanwhile
  table, op, snapshot, parent               key; operation in the history; what it adds to what
  status, complete, outcome, error, sent_ns, completed_ns    its answer
  fired_ns, released_ns, restored_s         fault injected, hold given up, seconds until healed
  answered_while_held    whether the answer came before released_ns
  held_at_release        whether that session still waited at released_ns
  orphan_ended           the held session was ended, so that its transaction can never happen
  unrecovered            why the node did not come back, where it did not
  readable, visible      {node: status}, {node: whether main holds the snapshot, null unread}
  parts                  {node: {snapshot, ref, property: whether a read shows it}}
  agree, calm_after_s    all nodes show the same; after how long, null when not within the bound
  next_commit            {node: status} of an honest commit afterwards, through each node
  others                 {asked, lost: [{table, node, came}]}: every other acknowledged table
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.history import History
from analysis.run import Run
from iceworthy.record.line import chosen
from iceworthy.record.step_lines import WALK, Step
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Judgement, Verdict

NAME = "commit_steps"
NEEDS_RUN = True
MOMENTS = ("before", "after")
EVIDENCE_MAX = 20
_WAITS = {"before": ("wait_event_type", "Lock"), "after": ("wait_event", "SyncRep")}


def check(run: Run) -> Verdict:
    """FAIL for a point that does not hold; UNKNOWN if a point was not held or fired, or if there is
    none.
    """
    lines = run.read(Step)
    walk = next((line for line in lines if line.point == WALK), None)
    steps = [line for line in lines if line.point != WALK]
    if walk is None or not walk.of:
        why = run.plan.stopped_because or "no steps.jsonl"
        return _verdict(Judgement.UNKNOWN, f"no table commit was walked: {why}", steps, walk)
    outcomes = _outcomes(run.history)
    broken = [(step, why) for step in steps if (why := complaint(step, outcomes))]
    unproven = [(step, why) for step in steps if (why := doubt(step, outcomes))]
    if broken:
        return _verdict(Judgement.FAIL, _sentence(broken, "does not hold"), steps, walk, broken)
    if unproven:
        return _verdict(
            Judgement.UNKNOWN, _sentence(unproven, "proves nothing"), steps, walk, unproven
        )
    if lacking := _lacking(walk, steps):
        return _verdict(Judgement.UNKNOWN, lacking, steps, walk)
    walked = sorted({step.commit for step in steps})
    which = "each" if len(walked) == walk.of else f"COMMIT {', '.join(map(str, walked))}"
    reason = (
        f"a table commit makes {walk.of} COMMIT(s); at {which}, before and after it was "
        f"durable, every fault left all or nothing and a truthful answer ({len(steps)} points)"
    )
    if dropped := _dropped(steps, outcomes):
        reason += f"; SIGTERM left {len(dropped)} of them without a definite answer"
    return _verdict(Judgement.PASS, reason, steps, walk, noted=dropped)


def complaint(step: Step, outcomes: dict[str, Outcome]) -> str:
    """The rule that a point breaks, "" for none; each rule is applied only where its facts
    exist.
    """
    if step.readable is None:
        return ""
    unread = {n: s for n, s in step.readable.items() if s != 200}
    if unread:
        node, status = next(iter(unread.items()))
        more = f"; {step.unrecovered}" if step.unrecovered else ""
        return f"the table cannot be read on node {node}, which answers {status or 'nothing'}{more}"
    for node, parts in step.parts.items():
        if len(set(parts.values())) > 1:
            shown = ", ".join(name for name, is_there in parts.items() if is_there)
            return f"node {node} shows only a part of the change: {shown}"
    for node, is_there in step.visible.items():
        if is_there is None:
            return f"node {node} answers 200, and its answer holds no table"
    if step.agree is not True:
        return "the nodes do not show the same table"
    if untruth := _untruth(step, outcomes):
        return untruth
    refused = {n: s for n, s in step.next_commit.items() if not 200 <= s < 300}
    if refused or not step.next_commit:
        return f"the table takes no honest commit any more: {refused or 'none could be asked'}"
    lost = step.others["lost"]
    if lost:
        one = lost[0]
        return f"table {_shown(one['table'])} is lost on node {one['node']}: {one['came']}"
    return ""


def doubt(step: Step, outcomes: dict[str, Outcome]) -> str:
    """Why a point proves nothing, "" when it does."""
    if step.problem:
        return step.problem
    field, wanted = _WAITS[step.moment]
    if not step.held or step.held.get(field) != wanted:
        return f"no session was seen with {field} {wanted}"
    if step.fault != "none" and not step.evidence:
        return "the fault has no evidence"
    if step.op not in outcomes:
        return f"its operation {step.op} is not in the history"
    return ""


def _untruth(step: Step, outcomes: dict[str, Outcome]) -> str:
    """Whether the final state contradicts the answer, or the instant at which the fault fired."""
    outcome = outcomes.get(step.op)
    if outcome is None:
        return ""
    is_there = all(step.visible.values())
    if outcome is Outcome.OK and not is_there:
        return f"answered {step.status}, and the change is not there"
    if outcome is Outcome.FAIL and is_there:
        return f"answered {step.status}, which says not applied, and the change is there"
    if doubt(step, outcomes):
        return ""
    fault, moment = step.fault, step.moment
    is_first, is_last = step.commit == 1, step.commit == step.of
    if fault == "none" and outcome is not Outcome.OK:
        return f"nothing was broken, and a commit that only waited was answered {step.status}"
    if moment == "after" and is_last and not is_there:
        return "its last COMMIT was durable, and the change is not there"
    if moment == "before" and is_first and not step.late:
        # At a later COMMIT, a catalog may finish the change from the earlier ones.
        if step.answered_while_held and outcome is Outcome.OK:
            return "acknowledged while nothing of it was durable"
        if fault == "kill_node" and step.orphan_ended and is_there:
            return "killed before its first COMMIT, and the change is there"
    return ""


def _dropped(steps: Sequence[Step], outcomes: dict[str, Outcome]) -> list[tuple[Step, str]]:
    """Points at which a drained node gave no definite answer to a request that it had received."""
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
    """The planned points that are not in the steps; "" when all are there."""
    missing = [name for name in walk.planned if name not in {step.point for step in steps}]
    if missing:
        of = len(walk.planned)
        return f"{len(missing)} of {of} points were not walked, the first is {missing[0]}"
    faults = {step.fault for step in steps}
    if faults <= {"none"}:
        return "no point had a fault"
    for fault in sorted(faults):
        for moment in MOMENTS:
            if not any(s.fault == fault and s.moment == moment for s in steps):
                return f"{fault} was never tried {moment} a COMMIT"
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
