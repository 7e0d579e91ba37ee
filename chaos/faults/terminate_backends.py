"""Ends every database session of a node, idle ones too (pg_terminate_backend); new ones work.

As after a failover, or when an operator clears a database: all connections of the node's pools are
dead at once, and the pool must notice each of them. A blip ends only the sessions at work.
Evidence: pg_stat_activity. Each of those sessions was there, with the wait of each, and is gone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._strike import Strike
from chaos.faults._target_parts import backends_of, database_of, link_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE_LINK, Need, Place
from iceworthy.words.live import Evidence, LiveTarget

GONE_S = 3.0


class TerminateBackends(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "terminate_backends"
    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link", "database")
    interrupts: ClassVar[bool] = True
    ended: Mapping[int, str] = MappingProxyType({})

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The view of the database; the sessions are counted when they are ended."""
        link_of(target, node, self.name)
        return {"sessions_before": len(backends_of(target, node))}

    def strike(self, target: LiveTarget, node: int) -> int:
        """End all of them in one statement; FaultError if there is none."""
        self.ended = {one.pid: one.wait_event for one in backends_of(target, node)}
        if not self.ended:
            raise FaultError(f"{self.name}: node {node} had no session on the database to end")
        pids = ",".join(map(str, self.ended))
        database_of(target, self.name).query(
            f"select pg_terminate_backend(pid) from unnest(array[{pids}]) pid"
        )
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """None of the ended sessions is left."""
        if not wait_until(lambda: not self._left(target), deadline_s=GONE_S):
            raise FaultError(
                f"{self.name}: {self._left(target)} of {len(self.ended)} sessions of node {node} "
                f"are there {GONE_S:.0f} s after they were ended; see postgres.log"
            )
        waits = sorted({wait for wait in self.ended.values() if wait})
        return {"sessions_ended": len(self.ended), "waits": waits}

    def _left(self, target: LiveTarget) -> int:
        now = database_of(target, self.name).activity()
        return sum(one.pid in self.ended for one in now)

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Nothing is left broken: the sessions are gone, and new ones are let in."""
        return None


FAULT = TerminateBackends
