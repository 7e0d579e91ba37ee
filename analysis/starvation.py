"""CPU time that the target was denied: its processes were ready to run and got no CPU.

Claim: during a span the machine was starved if the target's processes waited for more than
DENIED_MOST of the time in which they were ready to run, and other processes than the run's, or the
hypervisor, took at least as much CPU time as they waited. A target that keeps itself waiting, with
more threads than there are CPUs, was denied nothing. Neither was one that hardly ran: processes
that ran for 0.3 s in 17 s and waited for 0.1 s had a free machine (DENIED_LEAST), and so had those
of a machine of which others took 2 % (OTHERS_LEAST).
Method: waits and CPU seconds of the nodes, the database, the store and the proxies, and of the
suite's own processes, which measure (resources.jsonl); what others took (machine.jsonl). Where the
kernel keeps no account of waits, pressure stall information stands in for it. Runs of older
versions have neither; guards.py judges these by its old rule.
What this does NOT show: stalls shorter than the time between two samples.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce

from analysis.run import Run
from iceworthy.record.run_lines import NodeStart
from iceworthy.record.sample_lines import MachineUse, ProcessUse

DENIED_MOST = 0.20  # of the time in which the target's processes were ready to run
DENIED_LEAST = 0.01  # of the CPU time that the machine had
OTHERS_LEAST = 0.03  # of the CPU time, taken by others than the run, before they starve it
OTHERS_MOST = 0.15  # of the CPU time; where only the pressure is known ...
BUSY_LEAST = 0.80  # ... while the machine was this busy ...
PRESSURE_MOST = 0.50  # ... and somebody waited for so much of the time
BEFORE_NS = 2_000_000_000  # a queue that filled up may refuse two seconds later
AFTER_NS = 1_000_000_000
PATH = ("node-", "postgres", "s3-store", "toxiproxy-")
CATALOG = ("node-", "postgres")
MEASURES = ("suite", "load")

Span = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Second:
    """What happened between two looks at the machine, in seconds of CPU time and of waiting.

    ran_s, waited_s: of all that stands between a client and its answer; catalog_ran_s and
    catalog_waited_s: of these the nodes and the database alone.
    """

    start_ns: int
    end_ns: int
    others_s: float = 0.0
    whole_s: float = 0.0
    ran_s: float = 0.0
    waited_s: float = 0.0
    catalog_ran_s: float = 0.0
    catalog_waited_s: float = 0.0
    suite_ran_s: float = 0.0
    suite_waited_s: float = 0.0
    busy: float = 0.0
    pressure: float = 0.0

    def joined(self, other: Second) -> Second:
        """Both as one: sums, and means of shares by the length of each."""
        own, its = self.end_ns - self.start_ns, other.end_ns - other.start_ns

        def mean(mine: float, theirs: float) -> float:
            return (mine * own + theirs * its) / (own + its)

        return Second(
            start_ns=min(self.start_ns, other.start_ns),
            end_ns=min(self.start_ns, other.start_ns) + own + its,
            others_s=self.others_s + other.others_s,
            whole_s=self.whole_s + other.whole_s,
            ran_s=self.ran_s + other.ran_s,
            waited_s=self.waited_s + other.waited_s,
            catalog_ran_s=self.catalog_ran_s + other.catalog_ran_s,
            catalog_waited_s=self.catalog_waited_s + other.catalog_waited_s,
            suite_ran_s=self.suite_ran_s + other.suite_ran_s,
            suite_waited_s=self.suite_waited_s + other.suite_waited_s,
            busy=mean(self.busy, other.busy),
            pressure=mean(self.pressure, other.pressure),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Starvation:
    """What was measured of one run. measured: whether waits or pressure were."""

    seconds: tuple[Second, ...] = ()
    has_waits: bool = False
    has_pressure: bool = False
    ends: tuple[int, ...] = field(default=(), repr=False)

    @property
    def measured(self) -> bool:
        return bool(self.seconds) and (self.has_waits or self.has_pressure)

    def during(self, spans: Iterable[Span], *, excess_s: float = 0.0) -> str:
        """Why the target was starved over these spans together; "" where it was not.

        excess_s: what must be explained; a denial of fewer seconds explains nothing.
        """
        found = self.over(spans)
        if found is None:
            return ""
        others = found.others_s / found.whole_s if found.whole_s else 0.0
        if not self.has_waits:
            return self._by_pressure(found, others)
        if others < OTHERS_LEAST:
            return ""
        for who, ran_s, waited_s in (
            ("the target's", found.ran_s, found.waited_s),
            ("the suite's own", found.suite_ran_s, found.suite_waited_s),
        ):
            denied_s = min(waited_s, found.others_s)
            ready_s = ran_s + waited_s
            least_s = max(excess_s, DENIED_LEAST * found.whole_s)
            if ready_s and denied_s / ready_s > DENIED_MOST and denied_s >= least_s:
                return (
                    f"the machine was starved: {who} processes ran for {ran_s:.1f} s and waited "
                    f"{waited_s:.1f} s for a CPU, while others took {others:.0%} of its CPU time"
                )
        return ""

    def _by_pressure(self, found: Second, others: float) -> str:
        starved = others > OTHERS_MOST and found.busy > BUSY_LEAST
        if not starved or found.pressure <= PRESSURE_MOST:
            return ""
        return (
            f"the machine was starved: others took {others:.0%} of a CPU {found.busy:.0%} busy, "
            f"and for {found.pressure:.0%} of the time some process waited for it"
        )

    def over(self, spans: Iterable[Span]) -> Second | None:
        """What was measured over these spans together, from a little before to a little after."""
        chosen: set[int] = set()
        for start_ns, end_ns in spans:
            at = bisect_left(self.ends, start_ns - BEFORE_NS)
            while at < len(self.seconds) and self.seconds[at].start_ns <= end_ns + AFTER_NS:
                chosen.add(at)
                at += 1
        parts = [self.seconds[i] for i in sorted(chosen)]
        return reduce(Second.joined, parts) if parts else None


def starvation_of(run: Run) -> Starvation:
    """What the samplers of a run measured; worked out once for all judges of the run."""
    memo = run.history.memo
    if "starvation" not in memo:
        memo["starvation"] = _starvation_of(run)
    found: Starvation = memo["starvation"]
    return found


def _starvation_of(run: Run) -> Starvation:
    machine = [line for line in run.read(MachineUse) if line.cpus]
    seconds: list[Second] = []
    last_ns = 0
    for line in machine:
        start_ns = last_ns or line.t_ns - 1_000_000_000
        whole_s = (line.cpus or 1) * (line.t_ns - start_ns) / 1e9
        seconds.append(
            Second(
                start_ns=start_ns,
                end_ns=line.t_ns,
                others_s=(line.others + line.steal) * whole_s,
                whole_s=whole_s,
                busy=line.cpu_busy,
                pressure=line.pressure or 0.0,
            )
        )
        last_ns = line.t_ns
    ends = tuple(second.end_ns for second in seconds)
    return Starvation(
        seconds=tuple(seconds),
        ends=ends,
        has_waits=_add_processes(run, seconds, ends),
        has_pressure=any(line.pressure is not None for line in machine),
    )


def _add_processes(run: Run, seconds: list[Second], ends: tuple[int, ...]) -> bool:
    """Add what each process ran and waited; whether the waits of a node are known."""
    known = False
    last: dict[tuple[str, int], tuple[float, float]] = {}
    first_ns = min((line.t_ns for line in run.read(ProcessUse)), default=0)
    ours = {start.pid for start in run.read(NodeStart)}
    seen: set[tuple[int, int]] = set()
    for line in run.read(ProcessUse):
        if line.waited_s is None or line.pid is None or (line.t_ns, line.pid) in seen:
            continue
        if not line.process.startswith((*PATH, *MEASURES)):
            continue
        seen.add((line.t_ns, line.pid))  # the load's one worker has two names
        known |= line.process.startswith("node-")
        key = line.process, line.pid
        # What was started after the first look has run and waited since its birth.
        old = line.t_ns == first_ns or (line.process.startswith("node-") and line.pid not in ours)
        new = (line.cpu_s, line.waited_s) if old else (0.0, 0.0)
        ran_s, waited_s = last.get(key, new)
        last[key] = line.cpu_s, line.waited_s
        at = bisect_left(ends, line.t_ns)
        if at == len(seconds):
            continue
        grown = max(0.0, line.cpu_s - ran_s), max(0.0, line.waited_s - waited_s)
        if line.process.startswith(PATH):
            seconds[at].ran_s += grown[0]
            seconds[at].waited_s += grown[1]
            if line.process.startswith(CATALOG):
                seconds[at].catalog_ran_s += grown[0]
                seconds[at].catalog_waited_s += grown[1]
        else:
            seconds[at].suite_ran_s += grown[0]
            seconds[at].suite_waited_s += grown[1]
    return known
