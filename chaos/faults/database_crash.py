"""Kills the database's server with SIGKILL, and all its sessions; healing lets it recover.

What was acknowledged is in its log and must be there after the recovery; transactions under way
are gone. Evidence: the number of its processes, nobody is let in, and after the recovery another
life of the server answers.
"""

from __future__ import annotations

from typing import Any

from chaos.faults._server import ServerFault
from iceworthy.words.live import DatabaseServer


class DatabaseCrash(ServerFault):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "database_crash"

    def end(self, server: DatabaseServer) -> dict[str, Any]:
        """SIGKILL to all its processes."""
        return {"processes_killed": server.crash()}


FAULT = DatabaseCrash
