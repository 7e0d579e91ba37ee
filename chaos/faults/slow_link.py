"""Slows a node's link to the database: latency_ms (and jitter_ms) on each answer's way back.

Evidence: the round trip through the proxy, measured before and after, grew by at least half of the
requested latency.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.faults._target_parts import link_of, restore_link
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import Evidence, LiveTarget

KNOWN = frozenset({"latency_ms", "jitter_ms"})


class SlowLink:
    """latency_ms (100), jitter_ms (0)."""

    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link",)
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    interrupts: ClassVar[bool] = False

    def __init__(self, params: Mapping[str, Any]) -> None:
        if unknown := set(params) - KNOWN:
            raise FaultError(
                f"slow_link takes {', '.join(sorted(KNOWN))}, got {', '.join(sorted(unknown))}"
            )
        self.latency_ms = int(params.get("latency_ms", 100))
        self.jitter_ms = int(params.get("jitter_ms", 0))

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Slow the link; FaultError if the round trip did not grow."""
        link = link_of(target, node, "slow_link")
        t_ns = time.monotonic_ns()
        proof = dict(link.delay(latency_ms=self.latency_ms, jitter_ms=self.jitter_ms))
        least = (self.latency_ms - self.jitter_ms) / 2
        before, after = proof.get("round_trip_before_ms"), proof.get("round_trip_ms")
        if before is None or after is None or after - before < least:
            raise FaultError(
                f"slow_link: a round trip over node {node}'s link should take {least:.0f} ms more "
                f"and was measured as {before} ms before and {after} ms after"
            )
        return Evidence(
            fault="slow_link",
            node=node,
            t_ns=t_ns,
            facts={"latency_ms": self.latency_ms, "jitter_ms": self.jitter_ms, **proof},
        )

    def heal(self, target: LiveTarget, node: int) -> None:
        """Restore a clean link."""
        restore_link(target, node)


FAULT = SlowLink
