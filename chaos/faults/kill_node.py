"""Kills a node with SIGKILL; healing starts it again on the same port and waits until it is ready.

Evidence: the process is gone with exit code -9; the number of client connections and database
sessions that it had. Does NOT show that an operation was in flight: the history does.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._strike import AIM, Aim, params_of
from chaos.faults._target_parts import backends_of, lifecycle_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import NODE, Need, Part, Place
from iceworthy.words.live import Evidence, LiveTarget

GONE_S = 5.0
CLOSED_S = 1.0
DRAINED_S = 0.1


class KillNode:
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    place: ClassVar[Place] = NODE
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    interrupts: ClassVar[bool] = True

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._aim = Aim(params_of(params, AIM, "kill_node"), "kill_node")

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Kill the node; FaultError if it survives or had ended before."""
        victim = lifecycle_of(target, node, "kill_node")
        incarnation = victim.incarnation
        connections = target.nodes[node].connections()
        backends = backends_of(target, node)
        try:
            self._aim.wait(target, node)
            began_ns = victim.signal(signal.SIGKILL)
            code = victim.wait_exit(deadline_s=GONE_S)
            t_ns = time.monotonic_ns()
            self._aim.release()
            if self._aim.slow_ms:
                # Removing a delay waits 5 s for each connection that still holds bytes for a dead
                # client: let them come out first.
                wait_until(lambda: not backends_of(target, node), deadline_s=CLOSED_S)
                time.sleep(self._aim.slow_ms / 1000 + DRAINED_S)
        finally:
            self._aim.release()
            self._aim.restore_speed(target, node)
        if code is None:
            raise FaultError(
                f"kill_node: node {node} (pid {incarnation}) lives on {GONE_S:.0f} s later"
            )
        if code != -signal.SIGKILL:
            raise FaultError(
                f"kill_node: node {node} (pid {incarnation}) ended with {code}, not by SIGKILL: "
                "it had ended by itself just before; see its log"
            )
        return Evidence(
            fault="kill_node",
            node=node,
            t_ns=t_ns,
            facts={
                "pid": incarnation,
                "code": code,
                "connections": connections,
                "sessions": len(backends),
                "sessions_at_work": self._aim.busy,
                "began_ns": began_ns,
                **self._aim.facts(target, t_ns),
            },
        )

    def heal(self, target: LiveTarget, node: int) -> None:
        """Start the node if it does not run, and wait until it is ready."""
        victim = target.nodes[node] if node < len(target.nodes) else None
        if victim is None or victim.lifecycle is None:
            return
        if not victim.is_running():
            victim.lifecycle.start(reason="restart")
        victim.wait_ready(deadline_s=target.spec.node.ready_s)


FAULT = KillNode
