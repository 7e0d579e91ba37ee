"""Reads the bytes of one answer within bounds on their number and on the time of all of them.

Claim: an endless answer, and one that comes a byte at a time, ends as an OSError. Method: both are
looked at before and after each piece; that one piece comes in time, the socket's own timeout holds.
What this does NOT show: whether the answer is whole.
"""

from __future__ import annotations

import errno
import io
import time
from typing import Any


class Bounded(io.RawIOBase):
    """The bytes of `raw`, at most bytes_max, within seconds_max from now."""

    def __init__(self, raw: Any, *, bytes_max: int, seconds_max: float) -> None:
        self._raw, self._most, self._seconds = raw, bytes_max, seconds_max
        self._left, self._ends_at = bytes_max, time.monotonic() + seconds_max

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        if time.monotonic() > self._ends_at:
            raise TimeoutError(errno.ETIMEDOUT, f"no whole answer within {self._seconds:g} s")
        count: int | None = self._raw.readinto(into)
        self._left -= count or 0
        if self._left < 0:
            raise OSError(errno.EFBIG, f"an answer of more than {self._most} bytes")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
