"""Limits a node's memory to what it uses at that moment; healing lifts the limit again.

The kernel first takes the pages of files from it, which it must read again and again, and kills it
where that does not suffice: healing then starts it. Only a node in a container has such a limit
(--runtime docker). Evidence: the node asked for more than its limit at least once, as its control
group counts, or the kernel killed it.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._squeeze import Squeeze, quota_of
from chaos.faults._target_parts import lifecycle_of
from iceworthy.words.errors import FaultError, StackError
from iceworthy.words.live import LiveTarget

PROVE_S = 5.0


class SqueezeMemory(Squeeze):
    """spare_mb (0): what it may use more than now. slow_ms, when, nth, within_s: of _strike.py."""

    name = "squeeze_memory"
    defaults: ClassVar[Mapping[str, Any]] = {"spare_mb": 0}

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params)
        self._spare = int(float(self.params["spare_mb"]) * 2**20)
        self._before = self._limit = 0

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The life that is squeezed."""
        return {"pid": lifecycle_of(target, node, self.name).incarnation}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Squeeze it."""
        quota = quota_of(target, node)
        try:
            self._limit = quota.squeeze_memory(spare_bytes=self._spare)
        except StackError as error:
            raise FaultError(f"{self.name}: {error}") from error
        return time.monotonic_ns()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """It hit its limit, or is dead; FaultError where it needed no more than it had."""
        wait_until(lambda: self._bit(target, node), deadline_s=PROVE_S)
        if not self._bit(target, node):
            raise FaultError(
                f"{self.name}: node {node} asked for no more than its {self._limit} bytes within "
                f"{PROVE_S:g} s"
            )
        return {"limit_bytes": self._limit, **self.counted(target, node)}

    def _bit(self, target: LiveTarget, node: int) -> bool:
        facts = self.counted(target, node)
        return bool(facts["killed"] or facts.get("hits"))

    def counted(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """Whether the kernel killed it, and how often it hit its limit while that is counted."""
        lifecycle = target.nodes[node].lifecycle
        ended = None if lifecycle is None else lifecycle.wait_exit(deadline_s=0)
        facts: dict[str, Any] = {"killed": ended == -signal.SIGKILL}
        with suppress(StackError):  # the group of a node that has ended is gone
            facts["hits"] = quota_of(target, node).memory_hits()
        return facts


FAULT = SqueezeMemory
