"""Gives a node a share of one CPU, as a limit of its container or a busy neighbour would.

A node in a container gets the limit of its control group. A node that is a process is stopped for
most of each tenth of a second. Sockets, transactions and locks stay where they are; only everything
takes longer, timeouts and leases of the node among it.
Evidence: from the squeeze on the node was held back at least TIMES times.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._squeeze import Squeeze, quota_of
from chaos.faults._target_parts import lifecycle_of
from iceworthy.words.errors import FaultError, StackError
from iceworthy.words.live import HeldBack, LiveTarget

TIMES = 3
PROVE_S = 5.0


class SqueezeCpu(Squeeze):
    """share (0.2): of the time of one CPU. slow_ms, when, nth, within_s: of _strike.py."""

    name = "squeeze_cpu"
    defaults: ClassVar[Mapping[str, Any]] = {"share": 0.2}

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params)
        self._share = float(self.params["share"])
        self._before = HeldBack(times=0, seconds=0.0)
        if not 0 < self._share < 1:
            raise FaultError(f"{self.name}: share is between 0 and 1, got {self._share:g}")

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The life that is squeezed."""
        return {"pid": lifecycle_of(target, node, self.name).incarnation, "share": self._share}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Squeeze it."""
        quota = quota_of(target, node)
        quota.squeeze_cpu(share=self._share)
        t_ns = time.monotonic_ns()
        self._before = quota.held_back()
        return t_ns

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """It was held back; FaultError where it used less than its share."""
        wait_until(lambda: self._since(target, node).times >= TIMES, deadline_s=PROVE_S)
        since = self._since(target, node)
        if since.times < TIMES:
            raise FaultError(
                f"{self.name}: node {node} was held back {since.times} times within {PROVE_S:g} s: "
                f"it used less than {self._share:g} of a CPU"
            )
        return {"held_back": since.times}

    def counted(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """How often and how long it was held back."""
        try:
            since = self._since(target, node)
        except StackError:  # the kernel counts nothing for a node that has ended
            return {}
        return {"held_back": since.times, "held_back_s": since.seconds}

    def _since(self, target: LiveTarget, node: int) -> HeldBack:
        quota = target.nodes[node].quota
        now = quota.held_back() if quota is not None else self._before
        return HeldBack(
            times=now.times - self._before.times,
            seconds=round(now.seconds - self._before.seconds, 3),
        )


FAULT = SqueezeCpu
