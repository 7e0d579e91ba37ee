"""Progress for the user: one live line on a terminal, plain lines elsewhere.

Messages go to stderr, so that stdout holds results alone. With -q only warnings are printed: a part
that stopped, was not run, or could not be undone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from iceworthy.words.foreign import shown, shown_lines

PLAIN_INTERVAL_S = 5.0


class Progress:
    """`say` prints a lasting line; `live` rewrites one line (or prints it now and then); `warn`
    prints a lasting line that a quiet user must see too."""

    def __init__(
        self,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        quiet: bool = False,
    ) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._started = clock()
        self._quiet = quiet
        self._tty = self._stream.isatty()
        self._live_width = 0
        self._last_plain = float("-inf")

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks on as it runs."""
        return self._tty

    def say(self, text: str) -> None:
        """A lasting line with the time since the start; nothing with -q."""
        if not self._quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """A lasting line that -q does not leave out."""
        self._clear()
        self._write(f"{self._stamp()} {shown_lines(text)}\n")

    def live(self, text: str) -> None:
        """The line of the moment; nothing with -q."""
        if self._quiet:
            return
        if self._tty:
            line = f"{self._stamp()} {shown(text)}"[:118]
            self._write("\r" + line.ljust(self._live_width))
            self._live_width = len(line)
        elif self._clock() - self._last_plain >= PLAIN_INTERVAL_S:
            self._last_plain = self._clock()
            self._write(f"{self._stamp()} {shown(text)}\n")

    def _stamp(self) -> str:
        passed = int(self._clock() - self._started)
        return f"{passed // 60:02d}:{passed % 60:02d}"

    def _clear(self) -> None:
        if self._live_width:
            self._write("\r" + " " * self._live_width + "\r")
            self._live_width = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            pass  # a closed terminal must not end a run
