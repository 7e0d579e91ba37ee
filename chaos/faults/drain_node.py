"""Asks a node to end with SIGTERM under load; healing waits for its exit, then starts it again.

Evidence: the process was alive and got SIGTERM at asked_ns, with the number of open connections and
of database sessions at work. A node that still runs stop_s after SIGTERM is killed; a further "bit"
line of faults.jsonl then adds `forced`. exits.jsonl holds the SIGTERM in either case. The history
and the probes show the node's answers meanwhile, and in which order it closed.
"""

from __future__ import annotations

import signal
import time
from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import life_of, lifecycle_of, start_again
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import NODE, Need, Place
from iceworthy.words.live import Evidence, Lifecycle, LiveTarget

KILLED_S = 5.0


class DrainNode(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "drain_node"
    place: ClassVar[Place] = NODE
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    _asked_ns = 0

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The life that is asked to end, with its connections and its database sessions."""
        self._victim = lifecycle_of(target, node, self.name)
        return life_of(target, node)

    def strike(self, target: LiveTarget, node: int) -> int:
        """Send SIGTERM and return at once: the node drains while the load goes on."""
        self._asked_ns = self._victim.signal(signal.SIGTERM)
        return self._asked_ns

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """Whether it has ended already."""
        ended_at_once = self._victim.wait_exit(deadline_s=0) is not None
        return {"asked_ns": self._asked_ns, "ended_at_once": ended_at_once}

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """As every Strike; the facts are kept for the line that says that the node was killed."""
        evidence = super().inject(target, node)
        self._facts = dict(evidence.facts)
        return evidence

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Wait until the node has ended, at most stop_s after SIGTERM; then kill it; start it
        again.
        """
        victim = target.nodes[node] if node < len(target.nodes) else None
        if victim is None or victim.lifecycle is None:
            return None
        stop_s = target.spec.node.stop_s
        forced = self._await_exit(victim.lifecycle, node, stop_s) if self._asked_ns else None
        self._asked_ns = 0
        start_again(target, node)
        return forced

    def _await_exit(self, victim: Lifecycle, node: int, stop_s: float) -> Evidence | None:
        """Evidence that the node had to be killed; None when it ended by itself."""
        waited_s = (time.monotonic_ns() - self._asked_ns) / 1e9
        if victim.wait_exit(deadline_s=max(0.0, stop_s - waited_s)) is not None:
            return None
        forced_ns = victim.signal(signal.SIGKILL)
        code = victim.wait_exit(deadline_s=KILLED_S)
        forced = {"forced": True, "forced_ns": forced_ns, "limit_s": stop_s, "code": code}
        evidence = Evidence(
            fault="drain_node", node=node, t_ns=self._asked_ns, facts=self._facts | forced
        )
        if code is None:
            raise FaultError(
                f"drain_node: node {node} lives {KILLED_S:.0f} s after SIGKILL", evidence
            )
        return evidence


FAULT = DrainNode
