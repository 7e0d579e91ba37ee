"""Walk a table commit COMMIT by COMMIT and break the node before each, and after it is durable.

Claim: for every COMMIT k of n that a table commit makes, each fault met the node exactly before
that COMMIT's writes, or while it was durable and unacknowledged; the database's own view of the
held session is in steps.jsonl as evidence.
Method: _held_commits.py. The number n and the relations that each COMMIT writes come from two
undisturbed walks that agree. The most telling points come first (_points.py). After each point the
hold is released, the node restored, and facts are recorded; analysis/checkers/commit_steps.py
documents and judges them.
What it does NOT show: instants between two statements of one transaction, and work that the catalog
does after its answer.

An orphaned session that waits before its write is ended before the lock is released. Otherwise a
statement with its own COMMIT would still be applied, legally, and the instant would be lost.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from chaos.bounded_wait import wait_until
from chaos.drivers import DriverPlan
from chaos.drivers._held_commits import CommitWatch, HeldCommit, backend_facts, release
from chaos.drivers._points import NO_FAULT, Point, budget_s, points_of
from chaos.drivers._state_after import state_after
from chaos.drivers._step_tables import CommitInFlight, StepTable, StepTables
from iceworthy import discovery
from iceworthy.record.fault_spans import fault_event
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEventName
from iceworthy.record.step_lines import Step
from iceworthy.words.errors import FaultError, StackError, TargetError
from iceworthy.words.fault import Fault
from iceworthy.words.live import Database, Evidence, LiveTarget

FAULTS = ("cut_link", "blip", "kill_node", "drain_node")
IDLE_S = 0.7
WALK_S = 8.0
REACH_S = 5.0
GRANTED_S = 3.0
WALKS_MAX = 4
# How long the hold goes on after the fault: a node whose link is cut gets time to answer before the
# change becomes visible, because the point tests what it does without knowing the outcome.
LINGER_S = {NO_FAULT: 0.3, "kill_node": 0.1, "cut_link": 1.5, "drain_node": 0.5, "blip": 0.3}
LINGER_OTHER_S = 1.0
# Faults after which no process can still decide about the held session's transaction.
ORPHANING = frozenset({"kill_node", "cut_link"})


def drive(live: LiveTarget, plan: DriverPlan, folder: RunFolder) -> None:
    """Walk every point within the budget; FaultError when none can be walked at all.

    params: faults (names of chaos/faults/), node (under test), budget_s (beside the node's starts),
    commits (counted from 1; to look again at some of them only).
    """
    database = live.database
    if database is None or all(node.database_link is None for node in live.nodes):
        raise FaultError(
            f"the commit stepper needs the database, but {live.spec.name} hides it; "
            '[database] kind = "postgres" gives the suite a view of it'
        )
    node = int(plan.params.get("node", 0))
    began = time.monotonic()
    faults = tuple(plan.params.get("faults", FAULTS))
    subjects = StepTables(live, plan, folder)
    try:
        subjects.open()
        walker = Walker(live, database, subjects, node, folder)
        commits = walker.learn(plan)
        points = points_of(commits, faults, only=plan.params.get("commits"))
        start_s = live.nodes[node].wait_ready(deadline_s=live.spec.node.ready_s)
        bound_s = budget_s(float(plan.params.get("budget_s", 120.0)), points, start_s)
        folder.append(Step(**_walk_line(node, commits, points, walker)))
        for number, point in enumerate(points, start=1):
            plan.say(f"point {number} of {len(points)}: {point.name}")
            if time.monotonic() - began > bound_s:
                late = {"problem": f"not walked: the budget of {bound_s:.0f} s was used up"}
                folder.append(Step(**(_empty(point, node) | late)))
                continue
            folder.append(Step(**walker.walk(point, [c.relations for c in commits])))
            subjects.flush()
    finally:
        subjects.close()


class Walker:
    """Walks points on one node; leaves no held COMMIT, no cut link and no dead node behind."""

    def __init__(
        self,
        live: LiveTarget,
        database: Database,
        subjects: StepTables,
        node: int,
        folder: RunFolder,
    ) -> None:
        self._live, self._database, self._subjects, self._node = live, database, subjects, node
        self._folder = folder
        self.walks: list[int] = []
        self.idle: frozenset[tuple[str, ...]] = frozenset()

    def learn(self, plan: DriverPlan) -> list[HeldCommit]:
        """The COMMITs of an undisturbed operation, once two walks in a row saw the same ones.

        Those before its answer. Where there are none, or their number varies, also those just after
        the answer: a catalog may answer first and commit then, and the points must show that.
        """
        with self._held_acks():
            self.idle = CommitWatch(self._database, self._node).learn_idle(IDLE_S)
        last: list[HeldCommit] = []
        for number in range(1, WALKS_MAX + 1):
            plan.say(f"undisturbed walk {number}")
            commits = self._undisturbed(number)
            for now, then in ((_in_time(commits), _in_time(last)), (commits, last)):
                if now and [c.relations for c in now] == [c.relations for c in then]:
                    return now
            last = commits
        if not last:
            raise FaultError(
                "no COMMIT of a table commit could be held; the catalog's sessions may run with "
                "synchronous_commit off or local, or it does not write to the suite's PostgreSQL"
            )
        raise FaultError(
            "expected two walks in a row with the same COMMITs; the number of COMMITs of each walk "
            f"was {self.walks}"
        )

    def walk(self, point: Point, commits: Sequence[tuple[str, ...]]) -> dict[str, Any]:
        """Walk one point, from a new table to the state after it; its line of steps.jsonl."""
        facts = _empty(point, self._node)
        flight: list[CommitInFlight] = []
        try:
            subject = self._subjects.new(point.table, self._calm_node())
            facts |= {"table": subject.key, "parent": subject.head}
            self._break(point, subject, commits, facts, flight)
        except (FaultError, TargetError, StackError) as error:
            facts["problem"] = str(error)
        if not flight:
            return facts
        answer = flight[0].answer()
        facts |= {
            "op": f"stepper-op:{answer.op}",
            "snapshot": flight[0].snapshot,
            "status": answer.status,
            "complete": answer.complete,
            "outcome": answer.outcome.name.lower(),
            "error": answer.error,
            "sent_ns": answer.sent_ns,
            "completed_ns": answer.completed_ns,
        }
        return facts | state_after(self._subjects, subject, flight[0].snapshot, self._node)

    def _undisturbed(self, number: int) -> list[HeldCommit]:
        subject = self._subjects.new(f"walk_{number}", self._calm_node())
        watch = CommitWatch(self._database, self._node, self.idle)
        watch.wait_quiet()
        with self._held_acks():
            operation = self._subjects.start(subject, self._node)
            commits = watch.learn(operation.is_over, deadline_s=WALK_S)
        answer = operation.answer()
        self.walks.append(len(commits))
        if not answer.ok:
            raise FaultError(
                f"expected a commit without a fault to be answered 2xx; got {answer.status} "
                f"{answer.error}; see the survey's findings"
            )
        return commits

    def _break(
        self,
        point: Point,
        subject: StepTable,
        commits: Sequence[tuple[str, ...]],
        facts: dict[str, Any],
        flight: list[CommitInFlight],
    ) -> None:
        """Hold the operation at the point, fire the fault, release, restore; fills in facts on the
        way.
        """
        watch = CommitWatch(self._database, self._node, self.idle)
        fault = None if point.fault == NO_FAULT else discovery.load("fault", point.fault)({})
        with ExitStack() as undo:
            # Undone last to first, whatever happens: locks, acknowledgements, then the fault; a
            # node that starts while COMMITs are held would not get ready.
            if fault is not None:
                undo.callback(self._heal, point.fault, fault, facts)
            undo.callback(self._database.release_acks)
            held = self._hold(point, subject, watch, commits, undo, flight)
            facts["held"] = held
            facts["background"] = watch.background
            self._subjects.let_go(self._node)
            facts["fired_ns"] = time.monotonic_ns()
            if fault is not None:
                facts["evidence"] = self._inject(point.fault, fault)
            linger_s = LINGER_S.get(point.fault, LINGER_OTHER_S)
            facts["answered_while_held"] = flight[0].wait(linger_s)
            facts["held_at_release"] = watch.still_waits(held["pid"])
            if point.moment == "before" and point.fault in ORPHANING:
                facts["orphan_ended"] = watch.end_session(held["pid"])
            facts["released_ns"] = time.monotonic_ns()

    def _hold(
        self,
        point: Point,
        subject: StepTable,
        watch: CommitWatch,
        commits: Sequence[tuple[str, ...]],
        undo: ExitStack,
        flight: list[CommitInFlight],
    ) -> dict[str, Any]:
        """Start the operation and bring it to the point; returns the session that waits there."""
        watch.wait_quiet()
        last = commits[point.commit - 1]
        if point.moment == "after":
            self._database.hold_acks()
            flight.append(self._subjects.start(subject, self._node))
            over = flight[0].is_over
            return watch.reach(commits[: point.commit], over, deadline_s=REACH_S).facts()
        previous = None
        if point.commit > 1:
            self._database.hold_acks()
            flight.append(self._subjects.start(subject, self._node))
            previous = watch.reach(
                commits[: point.commit - 1], flight[0].is_over, deadline_s=REACH_S
            )
        holds = watch.hold_writes(last)
        undo.callback(release, holds)
        if previous is not None:
            # Our locks stand in the queue already, so the next transaction waits behind them.
            watch.let_through(previous)
        elif not wait_until(lambda: all(h.is_granted() for h in holds), deadline_s=GRANTED_S):
            raise FaultError(f"no lock on {', '.join(last)} was granted within {GRANTED_S:.0f} s")
        else:
            flight.append(self._subjects.start(subject, self._node))
        backend = watch.reach_write(holds, flight[0].is_over, deadline_s=REACH_S)
        locks = {"relations": list(last), "locked_by": [hold.pid for hold in holds]}
        return {**backend_facts(backend), **locks}

    def _inject(self, name: str, fault: Any) -> dict[str, Any]:
        """Fire the fault; returns its evidence."""
        self._fault_line(name, fault, "inject", time.monotonic_ns(), {})
        try:
            evidence: Evidence = fault.inject(self._live, self._node)
        except (FaultError, TargetError, StackError) as error:
            self._fault_line(name, fault, "failed", time.monotonic_ns(), {"reason": str(error)})
            raise
        self._fault_line(name, fault, "bit", evidence.t_ns, dict(evidence.facts))
        return dict(evidence.facts)

    def _heal(self, name: str, fault: Any, facts: dict[str, Any]) -> None:
        """Restore what the fault broke; a node that does not come back is a finding, not
        an error.
        """
        try:
            more: Evidence | None = fault.heal(self._live, self._node)
            if more is not None:
                self._fault_line(name, fault, "bit", more.t_ns, dict(more.facts))
            self._fault_line(name, fault, "heal", time.monotonic_ns(), {})
        except TargetError as error:
            facts["unrecovered"] = str(error)
        released_ns = facts.get("released_ns")
        if released_ns is not None:
            facts["restored_s"] = round((time.monotonic_ns() - released_ns) / 1e9, 3)

    @contextmanager
    def _held_acks(self) -> Iterator[None]:
        try:
            self._database.hold_acks()
            yield
        finally:
            self._database.release_acks()

    def _fault_line(
        self, name: str, fault: Fault, event: FaultEventName, t_ns: int, facts: dict[str, Any]
    ) -> None:
        self._folder.append(fault_event(name, fault, event, t_ns, self._node, facts))

    def _calm_node(self) -> int:
        """The node for preparations: not the node under test, if there is another one."""
        return (self._node + 1) % len(self._live.nodes)


def _in_time(commits: Sequence[HeldCommit]) -> list[HeldCommit]:
    """The COMMITs before the answer."""
    return [commit for commit in commits if not commit.is_late]


def _walk_line(
    node: int, commits: Sequence[HeldCommit], points: Sequence[Point], walker: Walker
) -> dict[str, Any]:
    return {
        "point": "walk",
        "node": node,
        "of": len(commits),
        "walks": walker.walks,
        "idle": sorted(walker.idle),
        "commits": [commit.facts() for commit in commits],
        "planned": [point.name for point in points],
    }


def _empty(point: Point, node: int) -> dict[str, Any]:
    return {
        "point": point.name,
        "commit": point.commit,
        "of": point.of,
        "moment": point.moment,
        "fault": point.fault,
        "late": point.is_late,
        "node": node,
        "problem": "",
        "held": None,
        "evidence": None,
    }
