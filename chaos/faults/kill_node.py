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
from chaos.faults._in_flight import restore_speed, slow_ms_of, slow_until_busy
from chaos.faults._target_parts import backends_of, lifecycle_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import NODE, Need, Part, Place
from iceworthy.words.live import Evidence, LiveTarget

GONE_S = 5.0
CLOSED_S = 1.0
DRAINED_S = 0.1


class KillNode:
    """slow_ms: of chaos/faults/_in_flight.py."""

    place: ClassVar[Place] = NODE
    needs: ClassVar[tuple[Need, ...]] = ("process",)
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    interrupts: ClassVar[bool] = True

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._slow_ms = slow_ms_of(params, "kill_node")

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Kill the node; FaultError if it survives or had ended before."""
        victim = lifecycle_of(target, node, "kill_node")
        incarnation = victim.incarnation
        connections = target.nodes[node].connections()
        backends = backends_of(target, node)
        try:
            at_work = slow_until_busy(target, node, self._slow_ms)
            began_ns = victim.signal(signal.SIGKILL)
            code = victim.wait_exit(deadline_s=GONE_S)
            t_ns = time.monotonic_ns()
            if self._slow_ms:
                # Removing a delay waits 5 s for each connection that still holds bytes for a dead
                # client: let them come out first.
                wait_until(lambda: not backends_of(target, node), deadline_s=CLOSED_S)
                time.sleep(self._slow_ms / 1000 + DRAINED_S)
        finally:
            restore_speed(target, node, self._slow_ms)
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
                "sessions_at_work": at_work,
                "began_ns": began_ns,
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
