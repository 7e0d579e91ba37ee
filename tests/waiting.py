"""Waiting in tests: for what is seen, never for a time.

A machine that others use too may be slow for many seconds, so the bound is generous: it is there to
end a test that would wait for ever, and says nothing about speed.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_S = 60.0


def until_readable(connection: socket.socket | None) -> None:
    """Until something, or the end, has arrived at a socket; nothing is read."""
    assert connection is not None
    assert select.select([connection.fileno()], [], [], PATIENCE_S)[0], "nothing arrived"


def until(
    met: Callable[[], Found],
    deadline_s: float = PATIENCE_S,
    *,
    every_s: float = 0.02,
    pause: Callable[[float], object] = time.sleep,
) -> Found:
    """The first true value of `met`; AssertionError after deadline_s seconds. An OSError counts as
    not yet. pause: gevent.sleep where what is waited for runs in a greenlet of this process."""
    end = time.monotonic() + deadline_s
    while True:
        seen: object = None
        try:
            if found := met():
                return found
        except OSError as error:
            seen = error
        assert time.monotonic() < end, f"not seen in {deadline_s:g} s{f': {seen}' if seen else ''}"
        pause(every_s)
