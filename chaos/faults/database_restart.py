"""Ends the database's server as an operator does (fast shutdown); healing starts it again.

Each session gets a message that it ends, transactions under way are rolled back, everything
acknowledged is written. Evidence: the server has ended, nobody is let in, and after the start
another life of the server answers.
"""

from __future__ import annotations

from typing import Any

from chaos.faults._server import ServerFault
from iceworthy.words.live import DatabaseServer


class DatabaseRestart(ServerFault):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "database_restart"

    def end(self, server: DatabaseServer) -> dict[str, Any]:
        """A fast shutdown."""
        server.shut_down()
        return {"shut_down": True}


FAULT = DatabaseRestart
