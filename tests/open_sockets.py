"""No test leaves a socket that was closed by name only: its descriptor stays open.

Claim: a socket whose `close` was called while a file made from it (`makefile`) is open fails the
test after which it is seen first, with the calls that made it. Example: an answer of http.client
that is dropped before it was read to its end. Without this the collector of garbage finds such a
socket later, in another test, in some runs and not in others.
What it does NOT show: sockets that were never closed; Python warns of these, and warnings fail.
"""

from __future__ import annotations

import socket
import traceback
import weakref
from typing import Any

import pytest

CALLS = 14
_made: dict[int, tuple[weakref.ref[socket.socket], traceback.StackSummary]] = {}
_plain_init = socket.socket.__init__


def _init(self: socket.socket, *given: Any, **named: Any) -> None:
    _plain_init(self, *given, **named)
    frames = traceback.walk_stack(None)
    calls = traceback.StackSummary.extract(frames, limit=CALLS, lookup_lines=False)
    _made[id(self)] = (weakref.ref(self), calls)


def half_closed() -> list[str]:
    """The calls that made each socket that is closed by name only; each is named once."""
    found = []
    for key, (one, calls) in list(_made.items()):
        made = one()
        is_open = made is not None and made.fileno() != -1
        is_half = is_open and bool(getattr(made, "_closed", False))
        if is_half:
            found.append("".join(reversed(calls.format())))
        if not is_open or is_half:
            _made.pop(key, None)
    return found


def watch() -> None:
    """Remember who makes each socket of this process from now on."""
    socket.socket.__init__ = _init  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Fail the test after which such a socket is seen."""
    if left := half_closed():
        pytest.fail(f"{len(left)} sockets closed by name only; the first was made by\n{left[0]}")
