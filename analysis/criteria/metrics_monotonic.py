"""A counter of /metrics never decreases while its process lives (FR-013).

Method: scrapes grouped by process id, in order. Every sample of a counter family, and every
_bucket, _count and _sum of a histogram or summary, must not be less than in the previous scrape. Of
a node that the suite did not start, process_start_time_seconds distinguishes one process from
another. Without it, a decrease may be another process (a restart, or the next node behind one
address), so it proves nothing.
What it does NOT show: that a counter counts the right thing; decreases between two scrapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from analysis.criteria._ruling import failed, lacks, passed, unknown
from analysis.run import Run
from iceworthy.record.sample_lines import Scrape
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "metrics_monotonic"
HARM = Harm.SHAPE
LIMITS = (Limit(name="steps back", relation="<=", value=0, unit="steps back"),)
STARTED = "process_start_time_seconds"
TOLERANCE = 1e-9  # relative: sums of floats may be printed rounded


def judge(run: Run) -> Verdict:
    """FAIL for any decrease; UNKNOWN unless at least one counter was seen to rise."""
    last: dict[tuple[int, float | None], dict[str, float]] = {}
    pairs = rose = 0
    back: list[dict[str, Any]] = []
    unnamed = 0
    for line in sorted(run.read(Scrape), key=lambda line: line.t_ns):
        process = (line.node, _process(line))
        counters = counters_of(line.samples, line.types)
        before = last.get(process, {})
        for name, value in counters.items():
            if name not in before:
                continue
            pairs += 1
            rose += value > before[name]
            if value < before[name] - TOLERANCE * abs(before[name]):
                if process[1] is None:
                    unnamed += 1
                    continue
                back.append(
                    {
                        "node": line.node,
                        "pid": line.pid or 0,
                        "metric": name,
                        "from": before[name],
                        "to": value,
                        "t_ns": line.t_ns,
                    }
                )
        last[process] = {**before, **counters}
    measures = (Measure(name="steps back", value=len(back), unit="steps back"),)
    facts: dict[str, Any] = {"limits": LIMITS, "evidence": back, "judged": pairs}
    if back:
        names = sorted({step["metric"].partition("{")[0] for step in back})
        first = back[0]
        return failed(
            NAME,
            f"{', '.join(names[:4])} went back, for instance {first['metric']} on node "
            f"{first['node']} from {first['from']:g} to {first['to']:g}",
            measures=measures,
            **facts,
        )
    if unnamed:
        return unknown(
            NAME,
            f"{unnamed} steps back, and nothing says of which process: behind one address may be "
            "several; process_start_time_seconds would tell them apart",
            **facts,
        )
    if not rose:
        still = f"no counter was seen to rise in {len(last)} processes"
        return unknown(NAME, lacks(run, "metrics") or still, **facts)
    return passed(
        NAME,
        f"{pairs} pairs of neighbouring samples, {rose} rose, none went back",
        measures=measures,
        **facts,
    )


def are_several(run: Run, node: int) -> bool:
    """Whether scrapes of a node that the suite did not start show several processes: start times
    that differ, or counters that fall without a word of who answered."""
    lines = [line for line in run.read(Scrape) if line.node == node and line.pid is None]
    if len({_process(line) for line in lines}) > 1:
        return True
    lines.sort(key=lambda line: line.t_ns)
    shown = [counters_of(line.samples, line.types) for line in lines]
    return any(
        value < before.get(name, 0.0)
        for before, after in pairwise(shown)
        for name, value in after.items()
    )


def _process(line: Scrape) -> float | None:
    """What distinguishes the process that answered from others at its address, or None."""
    if line.pid is not None:
        return line.pid
    return next(
        (value for name, value in line.samples.items() if name.partition("{")[0] == STARTED), None
    )


def counters_of(samples: Mapping[str, float], types: Mapping[str, str]) -> dict[str, float]:
    """The samples that may only rise."""
    return {name: value for name, value in samples.items() if _rises(name.partition("{")[0], types)}


def _rises(name: str, types: Mapping[str, str]) -> bool:
    if types.get(name) == "counter" or types.get(name.removesuffix("_total")) == "counter":
        return True
    for suffix in ("_bucket", "_count", "_sum"):
        if name.endswith(suffix) and types.get(name.removesuffix(suffix)) in (
            "histogram",
            "summary",
        ):
            return True
    return False
