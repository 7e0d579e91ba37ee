"""The machine was too small for the load, or slower than before: the run's own parts crowd it.

Claim: over a span the catalog (its nodes and its database) was crowded out if all of this holds:
the CPUs were over CROWDED_BUSY busy; the catalog alone used at most ROOM_LEAST of them, so alone it
had had room; it waited more than DENIED_MOST of the time in which it was ready to run, while the
load, the probes, the proxies, the store of the suite and others took the CPU; and the load's
operations left more than LATE_MS late at p95, which a catalog that merely answers late does not
bring about. Example: 2 CPUs are 83 % busy, 48 % by the catalog; the p95 of its reads doubles when
each CPU second takes a tenth longer, though the catalog is the same.
Method: CPU seconds and waits of each process (resources.jsonl), busy CPUs (machine.jsonl), the lag
of the load (analysis/generator_lag.py). A percentile that is missed also in the seconds in which
the CPUs had time to spare is no matter of crowding: `in_spare_time` says which these are.
What this does NOT show: crowding shorter than the time between two samples; a catalog that needs
more than ROOM_LEAST of the machine is judged as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.generator_lag import free, own_lag_ns
from analysis.latency import estimate
from analysis.run import Run
from analysis.starvation import DENIED_MOST, Second, Span, Starvation, starvation_of

CROWDED_BUSY = 0.75  # of the CPU time of all CPUs
ROOM_LEAST = 0.60  # of the CPU time of all CPUs: what the catalog may use and be crowded out
LATE_MS = 4.0  # lag of the load at p95

Times = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowding:
    """What is known of one run: its seconds, when operations were due and how late they left."""

    starvation: Starvation
    due_ns: Times
    lag_ns: Times

    def during(self, spans: Iterable[Span]) -> str:
        """Why the catalog was crowded out over these spans together; "" where it was not."""
        spans = tuple(spans)
        found = self.starvation.over(spans)
        if found is None or not found.whole_s or not self.starvation.has_waits:
            return ""
        catalog, aside_s = found.catalog_ran_s, _aside_s(found)
        ready_s = catalog + found.catalog_waited_s
        denied_s = min(found.catalog_waited_s, aside_s)
        crowded = found.busy > CROWDED_BUSY and catalog / found.whole_s <= ROOM_LEAST
        if not crowded or not ready_s or denied_s / ready_s <= DENIED_MOST:
            return ""
        late_ms = self._late_ms(spans)
        if late_ms <= LATE_MS:
            return ""
        return (
            f"the machine was too small for this load: its CPUs were {found.busy:.0%} busy, "
            f"{aside_s / found.whole_s:.0%} with load, probes, proxies, store and others; the "
            f"catalog's processes ran for {catalog:.1f} s and waited {found.catalog_waited_s:.1f} "
            f"s for a CPU, and the load left {late_ms:.1f} ms late at p95"
        )

    def _late_ms(self, spans: tuple[Span, ...]) -> float:
        inside = np.zeros(len(self.due_ns), dtype=bool)
        for start_ns, end_ns in spans:
            inside |= (self.due_ns >= start_ns) & (self.due_ns <= end_ns)
        late = estimate(self.lag_ns[inside] / 1e6, 0.95)
        return late.value_ms if late.enough else 0.0


def crowding_of(run: Run, starvation: Starvation) -> Crowding:
    """The run's seconds beside the lag of those operations that did not wait for another."""
    judged = free(run)
    due_ns = run.history.ops["intended_ns"][judged].astype(np.int64)
    return Crowding(starvation=starvation, due_ns=due_ns, lag_ns=own_lag_ns(run)[judged])


def in_spare_time(run: Run, start_ns: Times, end_ns: Times) -> Mask:
    """Which of these stretches begin and end in seconds in which the CPUs had time to spare."""
    seconds = starvation_of(run).seconds
    spare = np.array([*(second.busy <= CROWDED_BUSY for second in seconds), False])
    ends = np.array([second.end_ns for second in seconds], dtype=np.int64)
    found: Mask = spare[np.searchsorted(ends, start_ns)] & spare[np.searchsorted(ends, end_ns)]
    return found


def _aside_s(second: Second) -> float:
    """CPU seconds that all but the catalog took."""
    path_s = max(0.0, second.ran_s - second.catalog_ran_s)
    return second.others_s + second.suite_ran_s + path_s
