"""Makes sure that operations are in flight on a node before a fault fires.

Why: most operations take a few ms, so a kill at a random instant meets a mutation only by luck.
Method: `slow_until_busy` slows the node's database link for FILL_S, which makes every operation
last longer, and returns the number of the node's database sessions that are at work.
Where the node has no link, or slow_ms is 0, nothing is slowed.
The slow stretch belongs to the fault's window and is judged with it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from chaos.bounded_wait import wait_until
from chaos.faults._target_parts import backends_of, restore_link
from iceworthy.words.errors import FaultError
from iceworthy.words.live import LiveTarget

FILL_S = 0.4
MEET_S = 1.0


def slow_ms_of(params: Mapping[str, Any], fault: str) -> int:
    """The only param of the faults that use `slow_until_busy`: slow_ms, default 0."""
    if unknown := set(params) - {"slow_ms"}:
        raise FaultError(f"{fault} takes slow_ms, got {', '.join(sorted(unknown))}")
    return int(params.get("slow_ms", 0))


def slow_until_busy(target: LiveTarget, node: int, slow_ms: int) -> int:
    """Slow the node's link until database sessions of it are at work; return their number."""
    link = target.nodes[node].database_link
    if slow_ms and link is not None:
        link.delay(latency_ms=slow_ms)
        time.sleep(FILL_S)
        wait_until(lambda: at_work(target, node) > 0, deadline_s=MEET_S, every_s=0.002)
    return at_work(target, node)


def restore_speed(target: LiveTarget, node: int, slow_ms: int) -> None:
    """End the slowness that `slow_until_busy` put on the node's link."""
    if slow_ms:
        restore_link(target, node)


def at_work(target: LiveTarget, node: int) -> int:
    """How many database sessions of the node are within a transaction or a statement."""
    found = backends_of(target, node)
    return sum(b.state == "active" or "transaction" in b.state for b in found)
