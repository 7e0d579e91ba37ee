"""Ctrl-C, SIGTERM and SIGHUP: the first ends a run in good order, a later one ends it at once.

Claim: KeyboardInterrupt is raised at most once in a process and never inside held(), so code that
heals, stops and judges needs no further protection.
Method: handlers that count. A second signal within AGAIN_S is the same key press (make and its
terminal both send one). A later signal ends the process immediately, and the leash
(fixtures/stack/processes.py) ends the processes that it had started.
What it does NOT do: bound the code inside held(); that code must be bounded itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType, TracebackType
from typing import Any, TypeVar

from iceworthy.words.errors import EXIT_UNKNOWN

AGAIN_S = 1.0
LEFT = "left at once; what was started ends by itself within seconds"

T = TypeVar("T")


class Interrupts:
    """Whether a signal arrived, and whether it was raised; one object for each installed()."""

    def __init__(self, leave: Callable[[], Any]) -> None:
        self._leave = leave
        self._depth = 0
        self._first_s: float | None = None
        self._raised = False
        self.telling: list[tuple[str, str]] = []

    @property
    def asked(self) -> bool:
        """Whether a signal has arrived."""
        return self._first_s is not None

    def arrive(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        now_s = time.monotonic()
        if self._first_s is None:
            self._first_s = now_s
            if self.telling:
                _say(f"interrupted: {self.telling[-1][0]}; once more leaves at once")
            if not self._depth:
                self._raised = True
                raise KeyboardInterrupt
        elif now_s - self._first_s >= AGAIN_S:
            _say(LEFT + (f"; {self.telling[-1][1]}" if self.telling else ""))
            self._leave()

    def forget(self) -> None:
        """Be as before the first signal."""
        self._first_s, self._raised = None, False

    def enter(self) -> None:
        """Begin a section in which no signal is raised."""
        self._depth += 1

    def leave(self, *, quietly: bool) -> None:
        """Raise a signal that arrived meanwhile, unless quiet, or inside another held() section."""
        self._depth -= 1
        if self.asked and not self._raised and not self._depth and not quietly:
            self._raised = True
            raise KeyboardInterrupt


_current: Interrupts | None = None


@contextmanager
def installed(*, to_the_end: bool = False) -> Iterator[Interrupts]:
    """The handlers, for the length of one command. A signal that was ignored at our start stays
    ignored: that is what `nohup` asks for. Outside the main thread nothing is installed.
    to_the_end: the process has nothing else to do, and no signal changes its exit code any more."""
    global _current
    before: dict[int, Any] = {}
    mine = Interrupts(lambda: os._exit(EXIT_UNKNOWN))
    outer, _current = _current, mine
    try:
        with contextlib.suppress(ValueError):
            for number in map(int, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    before[number] = signal.signal(number, mine.arrive)
        yield mine
    finally:
        if to_the_end:
            mine.enter()
            for number in before:  # the interpreter's end would give a handler of ours back first
                signal.signal(number, signal.SIG_IGN)
        else:
            _current = outer
            for number, handler in before.items():
                signal.signal(number, handler)


def forgotten() -> None:
    """The signal so far ended a wait that it was meant to end; the run goes on as if without it."""
    if _current is not None:
        _current.forget()


@contextmanager
def held(*, quietly: bool = False) -> Iterator[None]:
    """A section that must not be torn: a signal during it is raised after it (quietly: never)."""
    mine = _current
    if mine is None:
        yield
        return
    mine.enter()
    try:
        yield
    except BaseException:
        mine.leave(quietly=True)  # an exception leaves the section already
        raise
    mine.leave(quietly=quietly)


@contextmanager
def telling(first: str, later: str) -> Iterator[None]:
    """While inside: the messages for a first signal and for a later one."""
    mine = _current
    if mine is None:
        yield
        return
    mine.telling.append((first, later))
    try:
        yield
    finally:
        mine.telling.pop()


def was_asked() -> bool:
    """Whether a signal has arrived in this command."""
    return _current is not None and _current.asked


class HeldAtExit(AbstractContextManager[T]):
    """A context manager whose end is held(), so that taking things down is not torn."""

    def __init__(self, inner: AbstractContextManager[T]) -> None:
        self._inner = inner

    def __enter__(self) -> T:
        return self._inner.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        with held():
            return self._inner.__exit__(kind, error, trace)


def _say(text: str) -> None:
    # Not through sys.stderr: a handler may run in the middle of a write to it.
    with contextlib.suppress(OSError, ValueError):
        os.write(2, f"\niceworthy: {text}\n".encode())
