"""Holds the lock of one row from outside: who changes that row waits, all others go on.

Which row: of the catalog's most updated table (chaos/faults/_locks.py) the row that was written
last, which is a table or a namespace that the load changes at this moment. Where nobody waits for
it within a second (example: it was made, and never changes), the row before it, up to six rows.
Evidence: the lock is granted, and a session of a node waits for it (pg_blocking_pids).
"""

from __future__ import annotations

from chaos.faults._locks import LockFault
from iceworthy.words.live import Database, WriteHold


class HoldRowLock(LockFault):
    """Params: as LockFault."""

    name = "hold_row_lock"
    counted = "updates"
    tries = 6

    def take(self, database: Database, tried: int) -> WriteHold:
        """Ask for the row's lock."""
        return database.hold_row(self.relation, tried)


FAULT = HoldRowLock
