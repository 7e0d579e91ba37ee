"""What the faults that end the database's server share: its end, the silence, its start.

Evidence: after the server's end no session can be opened; after its start it is another life of the
server (pg_postmaster_start_time), on the same data.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import database_of
from iceworthy.words.errors import FaultError, StackError
from iceworthy.words.fault import DATABASE, Need, Part, Place
from iceworthy.words.live import Database, DatabaseServer, Evidence, LiveTarget

_BORN = "select extract(epoch from pg_postmaster_start_time())::float8"


class ServerFault(Strike):
    """A fault that derives from it says in `end` how the server ends."""

    place: ClassVar[Place] = DATABASE
    needs: ClassVar[tuple[Need, ...]] = ("database",)
    takes_away: ClassVar[frozenset[Part]] = frozenset({"database"})
    interrupts: ClassVar[bool] = True
    proven: Evidence | None = None

    def end(self, server: DatabaseServer) -> dict[str, Any]:
        """End the server; facts about its end."""
        raise NotImplementedError

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The life of the server that is to end."""
        database = database_of(target, self.name)
        if database.server is None:
            raise FaultError(f"{self.name} needs a database server that the suite can start again")
        self.ended: dict[str, Any] = {}
        sessions = len(database.activity())
        return {"born": float(database.query(_BORN)[0][0]), "sessions_before": sessions}

    def strike(self, target: LiveTarget, node: int) -> int:
        """End it."""
        server = database_of(target, self.name).server
        assert server is not None
        self.ended = self.end(server)
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """The suite itself cannot ask it anything."""
        refusals = [_refusal(database_of(target, self.name)) for _ in range(2)]
        if not refusals[-1]:
            raise FaultError(f"{self.name}: the database still answers")
        return {**self.ended, "refusal": refusals[-1][:160]}

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """As every strike; what it proved is kept for heal()."""
        self.proven = None
        self.proven = super().inject(target, node)
        return self.proven

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Start it, and see that it is another life that answers."""
        database, proven = target.database, self.proven
        self.proven = None
        if database is None or database.server is None:
            return None
        began = time.monotonic()
        database.server.start_again()
        _refusal(database)  # the suite's own session, which ended with the server
        if proven is None:
            return None
        if (born := float(database.query(_BORN)[0][0])) == proven.facts["born"]:
            raise FaultError(f"{self.name}: the server that answers is the one that should be gone")
        more = {"born_again": born, "start_s": round(time.monotonic() - began, 3)}
        return replace(proven, facts={**proven.facts, **more})


def _refusal(database: Database) -> str:
    """Why the database does not answer the suite; "" when it does."""
    try:
        database.query("select 1")
    except StackError as error:
        return str(error)
    return ""
