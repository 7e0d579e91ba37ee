"""Uses up the database's connections for a node: its sessions end, and no new one is let in.

The database itself is well and reachable: it answers each login with "too many connections".
Method: the connection limit of the role under which the node's sessions run is set to 0, then the
node's sessions are ended. Other nodes keep the sessions that they have and get no new ones.
Evidence: pg_stat_activity. The sessions are gone, and no new session appeared for WATCH_S.
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
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import Evidence, LiveTarget

GONE_S = 3.0
WATCH_S = 0.3
_LIMIT = "select rolconnlimit from pg_roles where quote_ident(rolname) = %s"


class UseUpConnections(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "use_up_connections"
    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link", "database")
    takes_away: ClassVar[frozenset[Part]] = frozenset({"database"})
    interrupts: ClassVar[bool] = True
    limits: Mapping[str, int] = MappingProxyType({})

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The node's role and its limit; FaultError where the node has no session to tell it."""
        link_of(target, node, self.name)
        database = database_of(target, self.name)
        if not (sessions := backends_of(target, node)):
            raise FaultError(f"{self.name}: node {node} has no session on the database")
        pids = ",".join(str(one.pid) for one in sessions)
        rows = database.query(
            "select distinct quote_ident(r.rolname), r.rolconnlimit from pg_stat_activity a "
            f"join pg_roles r on r.oid = a.usesysid where a.pid in ({pids}) and not r.rolsuper"
        )
        if not rows:
            raise FaultError(
                f"{self.name} needs a role with a limit, but node {node} logs in as a superuser"
            )
        self.limits = {str(role): int(limit) for role, limit in rows}
        return {"roles": sorted(self.limits), "sessions_before": len(sessions)}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Let nobody in any more, then end the node's sessions."""
        database = database_of(target, self.name)
        for role in self.limits:
            database.query(f"alter role {role} connection limit 0")
        for one in backends_of(target, node):
            database.query(f"select pg_terminate_backend({one.pid})")
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """No session of the node is left, and none comes."""
        wait_until(lambda: not backends_of(target, node), deadline_s=GONE_S)
        time.sleep(WATCH_S)
        if left := len(backends_of(target, node)):
            raise FaultError(f"{self.name}: node {node} has {left} sessions although none may be")
        return {"sessions_after": left, "watched_s": WATCH_S}

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Give each role its limit back, and read it."""
        for role, limit in self.limits.items():
            database = database_of(target, self.name)
            database.query(f"alter role {role} connection limit {limit}")
            now = database.query(_LIMIT, role)
            if now != [(limit,)]:
                raise FaultError(f"{self.name}: expected the limit of {role} {limit}, got {now}")
        self.limits = {}
        return None


FAULT = UseUpConnections
