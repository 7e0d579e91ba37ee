"""Sees and holds the COMMITs of one operation on the database, whatever the catalog's schema is.

Claim: a COMMIT that `held` returns has been flushed to disk and has not been acknowledged. A write
that `blocked` returns has not happened.
Method: hold_acks() makes each COMMIT wait in SyncRep, where its session still holds its locks;
pg_locks then says which relations that transaction wrote. hold_writes() on these relations makes
the next such transaction wait before its first write. Background work of the catalog also commits:
a COMMIT belongs to the operation if it comes from the operation's node and writes the relations
that undisturbed walks showed; every other held COMMIT is let through.
What it does NOT show: background work of the same node on exactly the same relations is taken for
the operation's. Sessions with synchronous_commit off or local are never held.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chaos.bounded_wait import wait_until
from iceworthy.words.errors import FaultError
from iceworthy.words.live import Backend, Database, WriteHold

POLL_S = 0.004
LATE_S = 0.3
QUEUED_S = 3.0
QUIET_S = 1.0

_RELATIONS = """
select distinct quote_ident(n.nspname) || '.' || quote_ident(c.relname)
from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
where l.granted and l.mode = 'RowExclusiveLock' and c.relkind in ('r', 'p')
  and n.nspname not in ('pg_catalog', 'information_schema')
  and l.database = (select oid from pg_database where datname = current_database())
  and l.pid = {pid}
order by 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCommit:
    """One COMMIT that is durable and waits for its acknowledgement."""

    backend: Backend
    xid: str
    relations: tuple[str, ...]
    is_late: bool = False

    def facts(self) -> dict[str, Any]:
        """As a line of steps.jsonl holds it."""
        return {
            **backend_facts(self.backend),
            "xid": self.xid,
            "relations": list(self.relations),
            "late": self.is_late,
        }


class Patience:
    """How long waiting for a COMMIT makes sense: until the deadline, and LATE_S after the
    operation's answer, because a catalog may answer before it commits. A COMMIT of the operation
    after its answer lets the wait begin again: the next one may be as late.
    """

    def __init__(self, is_over: Callable[[], bool], deadline_s: float) -> None:
        self._is_over = is_over
        self._deadline = time.monotonic() + deadline_s
        self._over_at: float | None = None

    def is_over(self) -> bool:
        """Whether the operation was answered."""
        if self._over_at is None and self._is_over():
            self._over_at = time.monotonic()
        return self._over_at is not None

    def saw_commit(self) -> None:
        """A COMMIT of the operation was let through."""
        if self._over_at is not None:
            self._over_at = time.monotonic()

    def lasts(self) -> bool:
        now = time.monotonic()
        if self.is_over() and self._over_at is not None:
            return now < min(self._deadline, self._over_at + LATE_S)
        return now < self._deadline


def backend_facts(backend: Backend) -> dict[str, Any]:
    """One session as pg_stat_activity showed it."""
    return {
        "pid": backend.pid,
        "node": backend.node,
        "state": backend.state,
        "wait_event_type": backend.wait_event_type,
        "wait_event": backend.wait_event,
        "query": " ".join(backend.query.split())[:200],
        "transaction_age_s": round(backend.transaction_age_s, 3),
    }


class CommitWatch:
    """Sees, holds and lets through the COMMITs of one node's operation, one at a time."""

    def __init__(
        self, database: Database, node: int, idle: frozenset[tuple[str, ...]] = frozenset()
    ) -> None:
        """idle: relations of the COMMITs that the catalog makes while no operation is under way."""
        self._database = database
        self._node = node
        self._idle = idle
        self._let_through: set[tuple[int, str]] = set()
        self.background = 0

    def wait_quiet(self) -> None:
        """Wait until no session is within a transaction, at most QUIET_S.

        A catalog may still work after its answer to an earlier operation; that work must not be
        taken for a part of the next operation.
        """
        wait_until(
            lambda: (
                not any(
                    b.state == "active" or "transaction" in b.state
                    for b in self._database.activity()
                )
            ),
            deadline_s=QUIET_S,
        )

    def held(self) -> list[HeldCommit]:
        """COMMITs of any node that wait in SyncRep and were not yet let through."""
        waiting = [b for b in self._database.activity() if b.wait_event == "SyncRep"]
        found = []
        for backend in waiting:
            rows = self._database.query(
                "select coalesce(backend_xid::text, '') from pg_stat_activity "
                f"where pid = {backend.pid} and wait_event = 'SyncRep'"
            )
            if not rows or (backend.pid, rows[0][0]) in self._let_through:
                continue
            written = self._database.query(_RELATIONS.format(pid=backend.pid))
            relations = tuple(str(row[0]) for row in written)
            found.append(HeldCommit(backend=backend, xid=rows[0][0], relations=relations))
        return found

    def let_through(self, commit: HeldCommit) -> None:
        """Acknowledge one held COMMIT; the next of the same session is held again."""
        self._let_through.add((commit.backend.pid, commit.xid))
        self._database.step(commit.backend.pid)

    def learn_idle(self, seconds: float) -> frozenset[tuple[str, ...]]:
        """The relations that the node's COMMITs write while nobody asks it and acknowledgements are
        held.
        """
        found = set()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for commit in self.held():
                if commit.backend.node == self._node:
                    found.add(commit.relations)
                self.let_through(commit)
            time.sleep(POLL_S)
        return frozenset(found)

    def learn(self, is_over: Callable[[], bool], *, deadline_s: float) -> list[HeldCommit]:
        """Walk one whole undisturbed operation; returns its COMMITs in order, late ones
        included.
        """
        commits: list[HeldCommit] = []
        patience = Patience(is_over, deadline_s)
        while patience.lasts():
            # is_over() comes first: a COMMIT that is seen held now was held before the answer.
            is_late = patience.is_over()
            for commit in self.held():
                if commit.backend.node == self._node and commit.relations not in self._idle:
                    commits.append(replace(commit, is_late=is_late))
                    patience.saw_commit()
                self.let_through(commit)
            time.sleep(POLL_S)
        return commits

    def reach(
        self,
        commits: Sequence[tuple[str, ...]],
        is_over: Callable[[], bool],
        *,
        deadline_s: float,
    ) -> HeldCommit:
        """Let through all COMMITs but the last of `commits` (the relations each writes), and hold
        that one; FaultError when the operation ends, or deadline_s is over, before that COMMIT."""
        seen = 0
        patience = Patience(is_over, deadline_s)
        while patience.lasts():
            for commit in self.held():
                ours = commit.backend.node == self._node and commit.relations == commits[seen]
                if ours and seen + 1 == len(commits):
                    return commit
                seen += ours
                self.background += not ours
                self.let_through(commit)
                if ours:
                    patience.saw_commit()
            time.sleep(POLL_S)
        how = "was answered" if is_over() else f"took more than {deadline_s:.0f} s"
        raise FaultError(
            f"expected to hold COMMIT {len(commits)} of the operation; it {how} after "
            f"{seen} COMMITs"
        )

    def hold_writes(self, relations: Sequence[str]) -> list[WriteHold]:
        """Ask for a lock on each relation, each in a session of its own: a session that held one
        lock and waited for the next could deadlock with the operation. Returns when every session
        holds its lock or waits for it."""
        if not relations:
            raise FaultError("the COMMIT writes no relation that a lock could hold")
        holds = [self._database.hold_writes(relation) for relation in relations]
        pids = ",".join(str(hold.pid) for hold in holds)
        asked = (
            "select count(distinct pid) from pg_locks "
            f"where pid in ({pids}) and locktype = 'relation' and mode = 'ShareLock'"
        )
        if not wait_until(
            lambda: int(self._database.query(asked)[0][0]) == len(holds), deadline_s=QUEUED_S
        ):
            release(holds)
            raise FaultError(
                f"expected a place in the queue for a lock on {', '.join(relations)}; there was "
                f"none after {QUEUED_S:g} s; see postgres.log"
            )
        return holds

    def blocked(self, holds: Sequence[WriteHold]) -> Backend | None:
        """The node's session that waits for one of the suite's locks."""
        ours = {hold.pid for hold in holds}
        for backend in self._database.activity():
            if backend.node == self._node and backend.wait_event_type == "Lock":
                rows = self._database.query(f"select unnest(pg_blocking_pids({backend.pid}))")
                if ours & {int(row[0]) for row in rows}:
                    return backend
        return None

    def reach_write(
        self, holds: Sequence[WriteHold], is_over: Callable[[], bool], *, deadline_s: float
    ) -> Backend:
        """The node's session, once it waits for the suite's lock before its write."""
        patience = Patience(is_over, deadline_s)
        while patience.lasts():
            if (backend := self.blocked(holds)) is not None:
                return backend
            time.sleep(POLL_S)
        how = "was answered" if is_over() else f"took more than {deadline_s:.0f} s"
        raise FaultError(
            f"expected a session of node {self._node} to wait for the suite's lock; the operation "
            f"{how} and no session waited"
        )

    def still_waits(self, pid: int) -> bool:
        """Whether a session waits for a lock or for its acknowledgement at this moment."""
        rows = self._database.query(
            "select 1 from pg_stat_activity "
            f"where pid = {pid} and (wait_event = 'SyncRep' or wait_event_type = 'Lock')"
        )
        return bool(rows)

    def end_session(self, pid: int) -> bool:
        """End one orphaned session; whether it is gone (its transaction then never happens)."""
        self._database.query(f"select pg_terminate_backend({pid})")
        gone = f"select count(*) from pg_stat_activity where pid = {pid}"
        return wait_until(lambda: int(self._database.query(gone)[0][0]) == 0, deadline_s=QUEUED_S)


def release(holds: Sequence[WriteHold]) -> None:
    """Release every lock; a failure does not keep the others from being released."""
    errors = []
    for hold in holds:
        try:
            hold.release()
        except Exception as error:  # release the others even if this one fails
            errors.append(repr(error))
    if errors:
        raise FaultError(f"a write lock could not be released: {'; '.join(errors)}")
