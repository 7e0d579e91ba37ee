"""Asks a node to end with SIGTERM under load; healing waits for its exit, then starts it again.

Evidence: the process was alive and got SIGTERM at asked_ns, with the number of open connections and
of database sessions at work. A node that still runs stop_s after SIGTERM is killed; a further "bit"
line of faults.jsonl then adds `forced`. exits.jsonl holds the SIGTERM in either case. The history
and the probes show the node's answers meanwhile, and in which order it closed.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.faults._strike import AIM, Aim, params_of
from chaos.faults._target_parts import backends_of, lifecycle_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import NODE, Need, Part, Place
from iceworthy.words.live import Evidence, Lifecycle, LiveTarget

KILLED_S = 5.0


class DrainNode:
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    place: ClassVar[Place] = NODE
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    interrupts: ClassVar[bool] = False

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._aim = Aim(params_of(params, AIM, "drain_node"), "drain_node")
        self._asked_ns = 0
        self._facts: dict[str, Any] = {}

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Send SIGTERM and return at once: the node drains while the load goes on."""
        victim = lifecycle_of(target, node, "drain_node")
        incarnation = victim.incarnation
        connections = target.nodes[node].connections()
        backends = backends_of(target, node)
        try:
            self._aim.wait(target, node)
            self._asked_ns = victim.signal(signal.SIGTERM)
        finally:
            self._aim.release()
            self._aim.restore_speed(target, node)
        code = victim.wait_exit(deadline_s=0)
        self._facts = {
            "pid": incarnation,
            "asked_ns": self._asked_ns,
            "connections": connections,
            "sessions": len(backends),
            "sessions_at_work": self._aim.busy,
            "ended_at_once": code is not None,
            **self._aim.facts(target, self._asked_ns),
        }
        return Evidence(fault="drain_node", node=node, t_ns=self._asked_ns, facts=self._facts)

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
        if not victim.is_running():
            victim.lifecycle.start(reason="restart")
        victim.wait_ready(deadline_s=target.spec.node.ready_s)
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
