"""Makes the database read-only for every node (default_transaction_read_only); reads go on.

As a standby after a failover, or a cluster whose disk is nearly full. Transactions that had begun
may still commit; each new one is refused its first write with an error, SQLSTATE 25006.
Evidence: a write of the suite itself is refused for that reason. Healing: it is taken again.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._strike import Strike
from chaos.faults._target_parts import database_of
from iceworthy.words.errors import FaultError, StackError
from iceworthy.words.fault import DATABASE, Need, Place
from iceworthy.words.live import Database, Evidence, LiveTarget

OBEYED_S = 3.0
_SETTING = "default_transaction_read_only"
_WRITE = "create temporary table iceworthy_probe (n int) on commit drop"
_REFUSED = "read-only"


class ReadOnlyDatabase(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "read_only_database"
    place: ClassVar[Place] = DATABASE
    needs: ClassVar[tuple[Need, ...]] = ("database",)

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """A write is taken before; else its refusal would prove nothing."""
        if refusal := _refusal(database_of(target, self.name)):
            raise FaultError(f"{self.name}: the database took no write before: {refusal}")
        return {"write_before": "taken"}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Change the setting for all sessions, also those that are open."""
        database = database_of(target, self.name)
        database.query(f"alter system set {_SETTING} = on")
        database.query("select pg_reload_conf()")
        if not wait_until(lambda: _REFUSED in _refusal(database), deadline_s=OBEYED_S):
            raise FaultError(f"{self.name}: a write was taken {OBEYED_S:.0f} s after the change")
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """A write is refused."""
        return {"write_refused": _refusal(database_of(target, self.name))[-120:]}

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Take the setting back, until a write of the suite is taken."""
        if target.database is None:
            return None
        target.database.query(f"alter system reset {_SETTING}")
        target.database.query("select pg_reload_conf()")
        database = target.database
        if not wait_until(lambda: not _refusal(database), deadline_s=OBEYED_S):
            raise FaultError(
                f"{self.name}: the database still takes no write; "
                f"`alter system reset {_SETTING}` and a reload heal it"
            )
        return None


def _refusal(database: Database) -> str:
    """Why a write of the suite is refused; "" when it is taken."""
    try:
        database.query(_WRITE)
    except StackError as error:
        return str(error)
    return ""


FAULT = ReadOnlyDatabase
