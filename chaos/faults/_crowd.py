"""Brings operations on their way before a fault fires, so that it meets some.

Claim: `crowd` returns with as many of the node's database sessions at work as it says. Method: the
node's link is slowed for FILL_S, which stretches every operation at each of its stages; without it
a kill among operations of a few ms meets a mutation only by luck. Where there is no link, or
slow_ms is 0, nothing is slowed. The slow stretch lies in the fault's window and is judged with it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from chaos.bounds import wait_until
from chaos.faults._where import backends_of
from iceworthy.words.errors import FaultError
from iceworthy.words.live import LiveTarget

FILL_S = 0.4
MEET_S = 1.0


def slow_ms_of(params: Mapping[str, Any], fault: str) -> int:
    """The one param of the faults that crowd: slow_ms, 0 by default."""
    if unknown := set(params) - {"slow_ms"}:
        raise FaultError(f"{fault} takes slow_ms, got {', '.join(sorted(unknown))}")
    return int(params.get("slow_ms", 0))


def crowd(target: LiveTarget, node: int, slow_ms: int) -> int:
    """Slow the node's link until sessions of it are at work; how many are."""
    links = [link for link in target.links if link.node == node]
    if slow_ms and links:
        links[0].delay(latency_ms=slow_ms)
        time.sleep(FILL_S)
        wait_until(lambda: at_work(target, node) > 0, deadline_s=MEET_S, every_s=0.002)
    return at_work(target, node)


def scatter(target: LiveTarget, node: int, slow_ms: int) -> None:
    """Give the link its speed back."""
    for link in target.links:
        if slow_ms and link.node == node:
            link.restore()


def at_work(target: LiveTarget, node: int) -> int:
    """Database sessions of the node within a transaction or statement."""
    found = backends_of(target, node)
    return sum(b.state == "active" or "transaction" in b.state for b in found)
