"""What the faults that hold a lock from outside share: which relation, who waits, and letting go.

No name of a target's schema is known: the relation is the one of the catalog's own tables
(information_schema) that was written most often until now (pg_stat_user_tables). For a row only
updates count: nobody waits for a row that was inserted and never changes.
"""

from __future__ import annotations

from chaos.bounded_wait import wait_until
from iceworthy.words.errors import FaultError
from iceworthy.words.live import Database, WriteHold

GRANTED_S = 3.0
MET_S = 3.0
RELEASED_S = 3.0

_MOST_WRITTEN = """
select quote_ident(t.table_schema) || '.' || quote_ident(t.table_name),
  s.n_tup_ins + s.n_tup_upd + s.n_tup_del, s.n_tup_upd
from information_schema.tables t
join pg_stat_user_tables s on s.schemaname = t.table_schema and s.relname = t.table_name
where t.table_type = 'BASE TABLE'
"""


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


def must_block(database: Database, hold: WriteHold, relation: str, fault: str) -> dict[str, int]:
    """Wait until a session of a node waits for the lock; FaultError if none does."""
    if not wait_until(lambda: bool(waiting_for(database, hold)), deadline_s=MET_S):
        raise FaultError(
            f"{fault}: {relation} was locked for {MET_S:.0f} s and no session of a node waited "
            "for it; is there load that writes?"
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
