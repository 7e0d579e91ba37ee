"""One timer, one timeout list and one run queue for all sessions of a process, on gevent's loop.

Claim: a waiting session costs nothing, and answers are timestamped before any session runs.
Method: sessions are greenlets. They switch to the hub and are switched back by the only libev timer
when their time has come, or by the run queue when their answer is whole. There is no Event, no
AsyncResult, no timer for each session and no Timeout for each operation: they would cost more than
the request.
What it does NOT show: how late the loop was; sent_ns minus intended_ns of each operation shows it.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from time import monotonic_ns
from typing import Any, Protocol

import gevent
from greenlet import getcurrent, greenlet

SWEEP_S = 0.05  # an operation may overrun its timeout by this
ALONE_NS = 200_000  # an answer this long after the last one is alone: its session is woken at once
BATCH_MAX = 32  # sessions started in a row before arrived answers are stamped


class Expiring(Protocol):
    """Something in flight that can time out."""

    def expire(self) -> None: ...


class Reactor:
    """Shared by the sessions of one process; made in the process that uses it, after any fork."""

    def __init__(self) -> None:
        self.hub: Any = gevent.get_hub()
        self.loop: Any = self.hub.loop
        # In order of insertion, which is the order of deadlines: all have the same timeout.
        self.in_flight: dict[Expiring, int] = {}
        self.connected = 0
        self._heap: list[list[Any]] = []
        self._numbers = itertools.count()
        self._timer: Any = None
        self._armed_ns = 0
        self._ready: deque[list[Any]] = deque()
        self._scheduled = False
        self._woken_ns = 0
        self.fresh_ns = 0  # when the loop last looked at all sockets, as far as sessions know
        self._sweeper: Any = self.loop.timer(SWEEP_S, SWEEP_S)
        self._sweeper.start(self._sweep)

    def close(self) -> None:
        """Stop the timers; greenlets that still wait are not woken."""
        for timer in (self._sweeper, self._timer):
            if timer is not None:
                timer.stop()
                timer.close()
        self._sweeper = self._timer = None

    def sleep_until(self, due_ns: int) -> None:
        """Park the calling greenlet until due_ns (up to 1 ms later: libev's resolution)."""
        entry = [due_ns, next(self._numbers), getcurrent()]
        heapq.heappush(self._heap, entry)
        if not self._armed_ns or due_ns < self._armed_ns:
            self._arm(due_ns)
        try:
            self.hub.switch()
        except BaseException:
            entry[2] = (
                None  # killed: the timer must not wake another greenlet that waits there later
            )
            raise

    def wake(self, waiting: list[Any], now_ns: int) -> None:
        """Run waiting[0], a parked greenlet: at once when the last one is long ago, else queued
        behind the stamping of what else has arrived."""
        if now_ns - self._woken_ns > ALONE_NS and not self._scheduled:
            self._woken_ns = now_ns
            target: greenlet | None = waiting[0]
            if target is not None:
                waiting[0] = None
                target.switch()
            return
        self._woken_ns = now_ns
        self._ready.append(waiting)
        if not self._scheduled:
            self._scheduled = True
            self.loop.run_callback(self._run_ready)

    def _run_ready(self) -> None:
        self._scheduled = False
        ready = self._ready
        for _ in range(len(ready)):
            waiting = ready.popleft()
            target: greenlet | None = waiting[0]
            if target is not None:
                waiting[0] = None
                target.switch()

    def _arm(self, due_ns: int) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
        # 10 us more: a wake-up just before due_ns would cost another one, a millisecond later.
        delay_s = (due_ns - monotonic_ns()) / 1e9 + 1e-5
        self._armed_ns = due_ns
        self._timer = self.loop.timer(delay_s if delay_s > 0.0 else 0.0)
        # update: the loop's cached time may lag behind by what its callbacks took.
        self._timer.start(self._tick, update=True)

    def _tick(self) -> None:
        heap = self._heap
        self.fresh_ns = monotonic_ns()
        self._armed_ns = -1  # sessions that run now must not arm: it is done once, below
        try:
            for _ in range(BATCH_MAX):
                if not heap or heap[0][0] > monotonic_ns():
                    break
                target: greenlet | None = heapq.heappop(heap)[2]
                if target is not None:
                    target.switch()
        finally:
            self._armed_ns = 0
            if heap:
                self._arm(heap[0][0])

    def _sweep(self) -> None:
        now = monotonic_ns()
        in_flight = self.in_flight
        while in_flight:
            oldest = next(iter(in_flight))
            if in_flight[oldest] > now:
                return
            del in_flight[oldest]  # first: expire() may wake its session, which may send again
            oldest.expire()
