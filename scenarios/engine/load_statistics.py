"""Live counts for the user: Locust's statistics in batches, and load.jsonl once a second.

Claim: totals are exact; every operation is counted once, under its operationId.
Method: sessions append to plain lists. Once a second these are added to Locust's StatsEntry
objects, as Locust's log() would have done for each request (at 4.9 us each).
What it does NOT show: percentiles to judge by. Locust rounds them; the history has the raw samples.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any


class OperationStatistics:
    """Calls of one operation since the last settling."""

    __slots__ = ("failures", "latencies_ns", "method", "operation", "size")

    def __init__(self, operation: str, method: str) -> None:
        self.operation = operation
        self.method = method
        self.latencies_ns: list[int] = []
        self.size = 0
        self.failures: Counter[str] = Counter()


class LoadStatistics:
    """All operations of one worker."""

    def __init__(self) -> None:
        self.by_operation: dict[str, OperationStatistics] = {}
        self.lags_ns: list[int] = []
        self.operations = 0
        self.errors = 0

    def of(self, operation: str, method: str) -> OperationStatistics:
        """The tally of an operation."""
        found = self.by_operation.get(operation)
        if found is None:
            found = self.by_operation[operation] = OperationStatistics(operation, method)
        return found

    def fail(self, operation: str, method: str, word: str) -> None:
        """Count one operation, which is counted already, as an error."""
        self.errors += 1
        self.of(operation, method).failures[word] += 1

    def take_lag_ms_p99(self) -> float:
        """p99 of the generator's own lag since the last call; 0 when nothing started."""
        lags, self.lags_ns = self.lags_ns, []
        if not lags:
            return 0.0
        lags.sort()
        return lags[min(len(lags) - 1, int(len(lags) * 0.99))] / 1e6

    def settle(self, stats: Any) -> None:
        """Add everything since the last call to Locust's RequestStats."""
        now = time.time()
        for tally in self.by_operation.values():
            latencies, tally.latencies_ns = tally.latencies_ns, []
            failures, tally.failures = tally.failures, Counter()
            size, tally.size = tally.size, 0
            if latencies:
                times = [ns / 1e6 for ns in latencies]
                for entry in (stats.total, stats.get(tally.operation, tally.method)):
                    _add(entry, times, size, now)
            for word, count in failures.items():
                for _ in range(count):
                    stats.log_error(tally.method, tally.operation, word)


def _add(entry: Any, times: list[float], size: int, now: float) -> None:
    second = int(now)
    before = entry.last_request_timestamp
    if entry.use_response_times_cache and before and second > int(before):
        entry._cache_response_times(second - 1)
    entry.num_requests += len(times)
    entry.num_reqs_per_sec[second] += len(times)
    entry.last_request_timestamp = now
    entry.total_response_time += sum(times)
    least, most = min(times), max(times)
    known = entry.min_response_time
    entry.min_response_time = least if known is None else min(known, least)
    entry.max_response_time = max(entry.max_response_time, most)
    entry.total_content_length += size
    # Rounded to milliseconds first: a few distinct values are cheaper than one bucket a request.
    for ms, count in Counter(map(round, times)).items():
        entry.response_times[_bucket(ms)] += count


def _bucket(ms: int) -> int:
    """Locust's rounding: whole milliseconds below 100, then two digits."""
    if ms < 100:
        return ms
    return round(ms, -1 if ms < 1_000 else -2 if ms < 10_000 else -3)
