"""Bounded waiting for faults and drivers: every wait ends at its deadline."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], *, deadline_s: float, every_s: float = 0.02) -> bool:
    """Whether `is_so` became true before the deadline; it is called at least once."""
    deadline = time.monotonic() + deadline_s
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every_s)
    return True
