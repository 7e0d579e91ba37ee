"""Holds a lock on one whole table of the catalog from outside: writes wait, reads do not.

As a migration, a backup or an operator does it (LOCK TABLE … IN SHARE MODE). Which table: the
catalog's most written one (chaos/faults/_locks.py), or the nth.
Evidence: the lock is granted, and a session of a node waits for it (pg_blocking_pids).
"""

from __future__ import annotations

from chaos.faults._locks import LockFault
from iceworthy.words.live import Database, WriteHold


class HoldTableLock(LockFault):
    """Params: as LockFault."""

    name = "hold_table_lock"

    def take(self, database: Database, tried: int) -> WriteHold:
        """Ask for the table's lock."""
        return database.hold_writes(self.relation)


FAULT = HoldTableLock
