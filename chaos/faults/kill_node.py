"""Kills a node with SIGKILL; healing starts it again on the same port and waits until it is ready.

Evidence: the process is gone with exit code -9; the number of client connections and database
sessions that it had. Does NOT show that an operation was in flight: the history does.
"""

from __future__ import annotations

import signal
import time
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._strike import Strike
from chaos.faults._target_parts import backends_of, life_of, lifecycle_of, start_again
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import NODE, Need, Place
from iceworthy.words.live import LiveTarget

GONE_S = 5.0
CLOSED_S = 1.0
DRAINED_S = 0.1


class KillNode(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "kill_node"
    place: ClassVar[Place] = NODE
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    interrupts: ClassVar[bool] = True

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The life that is to end, with its connections and its database sessions."""
        self._victim = lifecycle_of(target, node, self.name)
        return life_of(target, node)

    def strike(self, target: LiveTarget, node: int) -> int:
        """Send SIGKILL; the node acted no more when its process had ended."""
        self._began_ns = self._victim.signal(signal.SIGKILL)
        self._code = self._victim.wait_exit(deadline_s=GONE_S)
        t_ns = time.monotonic_ns()
        self.aim.release()
        if self.aim.slow_ms:
            # Removing a delay waits 5 s for each connection that still holds bytes for a dead
            # client: let them come out first.
            wait_until(lambda: not backends_of(target, node), deadline_s=CLOSED_S)
            time.sleep(self.aim.slow_ms / 1000 + DRAINED_S)
        return t_ns

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """The exit by SIGKILL; FaultError if the node survived or had ended before."""
        who = f"kill_node: node {node} (pid {before['pid']})"
        if self._code is None:
            raise FaultError(f"{who} lives on {GONE_S:.0f} s later")
        if self._code != -signal.SIGKILL:
            raise FaultError(
                f"{who} ended with {self._code}, not by SIGKILL: it had ended by itself just "
                "before; see its log"
            )
        return {"code": self._code, "began_ns": self._began_ns}

    def heal(self, target: LiveTarget, node: int) -> None:
        """Start the node if it does not run, and wait until it is ready."""
        start_again(target, node)


FAULT = KillNode
