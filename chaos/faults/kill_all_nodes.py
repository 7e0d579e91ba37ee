"""Kills all nodes at once with SIGKILL; healing starts each again and waits until all are ready.

No node is left that could finish or undo the others' work: what is there afterwards was in the
database. Evidence: each process is gone with exit code -9, and the time between the first
signal and the last. Does NOT show that an operation was in flight: the history does.
"""

from __future__ import annotations

import signal
import time
from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import lifecycle_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import EVERYTHING, Need, Place
from iceworthy.words.live import LiveTarget

GONE_S = 5.0


class KillAllNodes(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py; they aim by one node's sessions."""

    name = "kill_all_nodes"
    place: ClassVar[Place] = EVERYTHING
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    interrupts: ClassVar[bool] = True

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """Each node runs."""
        victims = [lifecycle_of(target, one.index, self.name) for one in target.nodes]
        self.codes: list[int | None] = []
        return {
            "pids": [victim.incarnation for victim in victims],
            "connections": sum(one.connections() for one in target.nodes),
        }

    def strike(self, target: LiveTarget, node: int) -> int:
        """Signal all, then wait for all: no node outlives the first by a wait."""
        victims = [lifecycle_of(target, one.index, self.name) for one in target.nodes]
        signals_ns = [victim.signal(signal.SIGKILL) for victim in victims]
        self.codes = [victim.wait_exit(deadline_s=GONE_S) for victim in victims]
        self.apart_ms = (signals_ns[-1] - signals_ns[0]) / 1e6
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """All are gone, and by this signal."""
        if self.codes != [-signal.SIGKILL] * len(self.codes):
            ends = ", ".join(
                f"node {index} {'lives on' if code is None else f'ended with {code}'}"
                for index, code in enumerate(self.codes)
            )
            raise FaultError(f"kill_all_nodes: expected each node to end by SIGKILL; got: {ends}")
        return {"codes": self.codes, "signals_apart_ms": round(self.apart_ms, 3)}

    def heal(self, target: LiveTarget, node: int) -> None:
        """Start each node that does not run, and wait until all are ready."""
        for one in target.nodes:
            if one.lifecycle is not None and not one.is_running():
                one.lifecycle.start(reason="restart")
        for one in target.nodes:
            if one.lifecycle is not None:
                one.wait_ready(deadline_s=target.spec.node.ready_s)


FAULT = KillAllNodes
