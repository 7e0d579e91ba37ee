"""What the faults that hold a lock from outside share: which relation, who waits, and letting go.

No name of a target's schema is known: the relation is the one of the catalog's own tables
(information_schema) that was written most often until now (pg_stat_user_tables). For a row only
updates count: nobody waits for a row that was inserted and never changes. The row written last may
be such a row (a table that was just made); then the fault lets go and takes the row before it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._strike import Strike
from chaos.faults._target_parts import database_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE, Need, Place
from iceworthy.words.live import Database, Evidence, LiveTarget, WriteHold

GRANTED_S = 3.0
MET_S = 3.0
NEXT_S = 1.0
RELEASED_S = 3.0

_MOST_WRITTEN = """
select quote_ident(t.table_schema) || '.' || quote_ident(t.table_name),
  s.n_tup_ins + s.n_tup_upd + s.n_tup_del, s.n_tup_upd
from information_schema.tables t
join pg_stat_user_tables s on s.schemaname = t.table_schema and s.relname = t.table_name
where t.table_type = 'BASE TABLE'
"""


class LockFault(Strike):
    """A fault that derives from it says in `take` which lock. Params: table (1), the nth most
    written; slow_ms, when, nth, within_s as in chaos/faults/_strike.py."""

    place: ClassVar[Place] = DATABASE
    needs: ClassVar[tuple[Need, ...]] = ("database",)
    defaults: ClassVar[Mapping[str, Any]] = {"table": 1}
    counted: ClassVar[str] = "writes"
    """The name under which the evidence counts the table's changes: "updates" counts only these."""
    tries: ClassVar[int] = 1
    """How many locks are tried, one after the other, until a session waits for one of them."""
    relation = ""
    hold: WriteHold | None = None
    held_ns = 0

    def take(self, database: Database, tried: int) -> WriteHold:
        """Ask for the lock on `relation`; tried: how many were taken before, and nobody waited."""
        raise NotImplementedError

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The table, by what was written until now."""
        database, nth = database_of(target, self.name), int(self.params["table"])
        self.relation, written = most_written(
            database, nth, self.name, updates=self.counted == "updates"
        )
        return {"relation": self.relation, f"{self.counted}_before": written}

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Look, wait for the moment, strike, prove; the instant is that of the lock waited for."""
        return replace(super().inject(target, node), t_ns=self.held_ns)

    def strike(self, target: LiveTarget, node: int) -> int:
        """Take the lock."""
        self._take(database_of(target, self.name), 0)
        return self.held_ns

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """Sessions of the nodes wait for it, or for the next one."""
        database = database_of(target, self.name)
        tried = 1
        while tried < self.tries and not self._is_met(database):
            self.heal(target, node)
            self._take(database, tried)
            tried += 1
        assert self.hold is not None
        waiting = must_block(database, self.hold, self.relation, self.name, tried)
        more = {"tried": tried} if self.tries > 1 else {}
        return {"held_by": self.hold.pid, "waiting_by_node": waiting, **more}

    def _take(self, database: Database, tried: int) -> None:
        self.hold = self.take(database, tried)
        must_hold(self.hold, self.relation, self.name)
        self.held_ns = time.monotonic_ns()

    def _is_met(self, database: Database) -> bool:
        """Whether a session waits for the lock before the next one is tried."""
        hold = self.hold
        assert hold is not None
        return wait_until(lambda: bool(waiting_for(database, hold)), deadline_s=NEXT_S)

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Let go, and see that nothing is held any more."""
        hold, self.hold = self.hold, None
        if hold is not None:
            let_go(database_of(target, self.name), hold, self.name)
        return None


def most_written(
    database: Database, nth: int, fault: str, *, updates: bool = False
) -> tuple[str, int]:
    """The nth of the catalog's tables, the most written first, quoted; and its writes so far.
    updates: count updated rows alone."""
    rows = [(str(row[0]), int(row[2 if updates else 1])) for row in database.query(_MOST_WRITTEN)]
    written = sorted((row for row in rows if row[1] > 0), key=lambda row: (-row[1], row[0]))
    if len(written) < nth:
        raise FaultError(
            f"{fault}: expected table {nth} of those that the catalog writes; {len(written)} of "
            f"its {len(rows)} tables were written until now"
        )
    return written[nth - 1]


def must_hold(hold: WriteHold, relation: str, fault: str) -> None:
    """Wait for the lock; FaultError if it is not granted, which leaves nothing held."""
    if not wait_until(hold.is_granted, deadline_s=GRANTED_S, every_s=0.002):
        hold.release()
        raise FaultError(f"{fault}: no lock on {relation} was granted within {GRANTED_S:.0f} s")


def waiting_for(database: Database, hold: WriteHold) -> dict[int | None, int]:
    """Node -> how many of its sessions wait for the held lock, at this moment."""
    rows = database.query(
        "select pid from pg_stat_activity where wait_event_type = 'Lock' "
        f"and {hold.pid} = any(pg_blocking_pids(pid))"
    )
    pids = {int(row[0]) for row in rows}
    found: dict[int | None, int] = {}
    for one in database.activity():
        if one.pid in pids:
            found[one.node] = found.get(one.node, 0) + 1
    return found


def must_block(
    database: Database, hold: WriteHold, relation: str, fault: str, tried: int = 1
) -> dict[str, int]:
    """Wait until a session of a node waits for the lock; FaultError if none does."""
    if not wait_until(lambda: bool(waiting_for(database, hold)), deadline_s=MET_S):
        raise FaultError(
            f"{fault}: {relation} was locked for {MET_S:.0f} s and no session of a node waited "
            f"for it{f', nor for {tried - 1} others' if tried > 1 else ''}; is there load that "
            "writes?"
        )
    return {str(node): count for node, count in waiting_for(database, hold).items()}


def let_go(database: Database, hold: WriteHold, fault: str) -> None:
    """Release the lock; FaultError if its session still holds or asks for locks afterwards."""
    hold.release()
    held = f"select count(*) from pg_locks where pid = {hold.pid}"
    if not wait_until(lambda: int(database.query(held)[0][0]) == 0, deadline_s=RELEASED_S):
        raise FaultError(
            f"{fault}: session {hold.pid} still holds the lock {RELEASED_S:.0f} s after it was "
            f"released; `select pg_terminate_backend({hold.pid})` ends it"
        )
