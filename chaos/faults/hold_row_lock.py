"""Holds the lock of one row from outside: who changes that row waits, all others go on.

Which row: of the catalog's most updated table (chaos/faults/_locks.py) the row that was written
last, which is a table or a namespace that the load changes at this moment.
Evidence: the lock is granted, and a session of a node waits for it (pg_blocking_pids).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.faults._locks import let_go, most_written, must_block, must_hold
from chaos.faults._strike import Strike
from chaos.faults._target_parts import database_of
from iceworthy.words.fault import DATABASE, Need, Place
from iceworthy.words.live import Evidence, LiveTarget, WriteHold


class HoldRowLock(Strike):
    """table (1): the nth most updated. slow_ms, when, nth, within_s: chaos/faults/_strike.py."""

    name = "hold_row_lock"
    place: ClassVar[Place] = DATABASE
    needs: ClassVar[tuple[Need, ...]] = ("database",)
    defaults: ClassVar[Mapping[str, Any]] = {"table": 1}
    relation = ""
    hold: WriteHold | None = None

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The table, by what was written until now."""
        database = database_of(target, self.name)
        nth = int(self.params["table"])
        self.relation, writes = most_written(database, nth, self.name, updates=True)
        return {"relation": self.relation, "updates_before": writes}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Take the lock."""
        self.hold = database_of(target, self.name).hold_row(self.relation)
        must_hold(self.hold, self.relation, self.name)
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """Sessions of the nodes wait for it."""
        assert self.hold is not None
        database = database_of(target, self.name)
        waiting = must_block(database, self.hold, self.relation, self.name)
        return {"held_by": self.hold.pid, "waiting_by_node": waiting}

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Let go, and see that nothing is held any more."""
        hold, self.hold = self.hold, None
        if hold is not None:
            let_go(database_of(target, self.name), hold, self.name)
        return None


FAULT = HoldRowLock
