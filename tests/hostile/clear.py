"""What a message to the user is: one, short, without a traceback."""

from __future__ import annotations

MESSAGE_MOST = 1_200
BOUND_S = 120.0
"""Far beyond what any row needs on a busy machine; a hang exceeds it."""


def assert_clear(said: str) -> None:
    """A message that says something, in bounded length, and holds no traceback."""
    assert said.startswith("iceworthy: "), said[:400]
    assert "Traceback" not in said, said[:2000]
    assert "suite's own fault" not in said, said[:2000]
    assert len(said) <= MESSAGE_MOST, said[:400]
