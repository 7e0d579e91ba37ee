"""Pauses a node (SIGSTOP) with everything it holds; healing resumes the same life of it (SIGCONT).

Its sockets stay open, its transactions and locks stay where they are, and its clock jumps: what it
believed before the pause is old when it goes on.
Evidence: the process lives, and its readiness gave no answer for SILENT_S although it was ready
before. Healing waits until the same life is ready again.
"""

from __future__ import annotations

import signal
import time
from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import lifecycle_of, start_again
from iceworthy.words.errors import FaultError, TargetError
from iceworthy.words.fault import NODE, Need, Part, Place
from iceworthy.words.live import Evidence, LiveTarget

SILENT_S = 0.3


class PauseNode(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "pause_node"
    place: ClassVar[Place] = NODE
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    takes_away: ClassVar[frozenset[Part]] = frozenset({"node"})

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The life that is to be paused; it must be ready, or silence would prove nothing."""
        life = lifecycle_of(target, node, self.name).incarnation
        target.nodes[node].wait_ready(deadline_s=target.spec.node.ready_s)
        return {"pid": life, "connections": target.nodes[node].connections()}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Send SIGSTOP; the kernel obeys before the call returns."""
        lifecycle_of(target, node, self.name).signal(signal.SIGSTOP)
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """Silence of a node whose process lives."""
        began = time.monotonic()
        try:
            target.nodes[node].wait_ready(deadline_s=SILENT_S)
        except TargetError as error:
            if not target.nodes[node].is_running():
                raise FaultError(f"{self.name}: node {node} ended: {error}") from error
            return {"silent_s": round(time.monotonic() - began, 3)}
        raise FaultError(f"{self.name}: node {node} (pid {before['pid']}) still answers")

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Resume it and wait until it is ready; start it again only if it has ended meanwhile."""
        victim = target.nodes[node] if node < len(target.nodes) else None
        if victim is None or victim.lifecycle is None:
            return None
        if victim.is_running():
            victim.lifecycle.signal(signal.SIGCONT)
        start_again(target, node)
        return None


FAULT = PauseNode
