"""A counter of /metrics rises by about the number of requests that the nodes answered.

Method: for each process, the rise of every counter (and every _count) from its first scrape to its
last, by series and summed over the labels of a family, summed over the processes. One of these must
be about the number of whole answers that the load got meanwhile: of all, of one operation, of one
status, or of one operation with one status. About: LOW of it, but for the answers of the last
LAG_S, which the metrics may show later; up to HIGH of it and what probes and scrapes add.
Example: 5,301 answers, and catalog_requests_total rose by 5,480, since it counts probes too.
Where several processes answer at one address nobody knows which of them the scrapes show.
What it does NOT show: that any other counter counts right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.criteria._ruling import failed, lacks, passed, unknown
from analysis.criteria.metrics_monotonic import are_several, counters_of
from analysis.run import Run
from iceworthy.record.history import FLAG_MEMBER
from iceworthy.record.sample_lines import Scrape
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "metrics_follow_answers"
HARM = Harm.SHAPE
LIMITS = (Limit(name="following", relation=">=", value=1, unit="counters"),)
LEAST = 100
LOW, HIGH = 0.9, 1.25
LAG_S = 5.0
PROBES_A_SECOND = 10
"""How many requests of the suite's probes a node may count too, with room."""
UNTYPED = ("_total", "_count")


@dataclass(slots=True)
class _Counted:
    """least, most: by what was answered (operation, status or both; "" for all), the number of
    answers that counters must show, and that they may show. seconds: watched, over all processes.
    """

    rises: Counter[str] = field(default_factory=Counter)
    least: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    spans: list[tuple[int, int]] = field(default_factory=list)


def judge(run: Run) -> Verdict:
    """FAIL where no counter follows the answers; UNKNOWN below LEAST answers."""
    found = _Counted()
    for (node, pid), scrapes in _processes(run).items():
        if pid is None and are_several(run, node):
            several = f"several processes answer at the address of node {node}"
            return unknown(NAME, several, limits=LIMITS)
        if len(scrapes) > 1:
            _add(found, run, node, scrapes)
    answered = found.least[""]
    facts: dict[str, Any] = {"limits": LIMITS, "judged": answered}
    if answered < LEAST:
        few = f"only {answered} answers between the first and the last scrape of a process"
        return unknown(NAME, lacks(run, "metrics") or few, **facts)
    slack = PROBES_A_SECOND * found.seconds
    following = [
        (counter, what)
        for counter, rise in found.rises.items()
        for what in found.least
        if found.least[what] >= LEAST / 2
        and LOW * found.least[what] <= rise <= HIGH * found.most[what] + slack
    ]
    names = {counter for counter, _ in following}
    measures = (Measure(name="following", value=len(names), unit="counters"),)
    if following:
        counter, what = min(following, key=lambda pair: (pair[1] != "", pair))
        which = f" ({what})" if what else ""
        return passed(
            NAME,
            f"{counter} rose by {found.rises[counter]:,.0f} while {found.most[what]:,} requests"
            f"{which} were answered",
            measures=measures,
            **facts,
        )
    highest = found.rises.most_common(3)
    # Too few counted may be figures that are late. None at all, over the whole load, are not.
    moves = any(rise > 0 for _, rise in highest)
    kind = EvidenceKind.LATENESS if moves else EvidenceKind.CONTENT
    shown = ", ".join(f"{name} by {rise:,.6g}" for name, rise in highest if rise > 0)
    return failed(
        NAME,
        f"{answered:,} requests were answered, and no counter of {len(found.rises)} rose by about "
        f"that; the highest: {shown or 'none rose'}",
        measures=measures,
        evidence=[{"counter": name, "rose": rise} for name, rise in highest],
        grounds=[Ground(kind=kind, spans=tuple(found.spans))],
        **facts,
    )


def _processes(run: Run) -> Mapping[tuple[int, int | None], list[Scrape]]:
    """(node, process) -> its scrapes, in order."""
    found: dict[tuple[int, int | None], list[Scrape]] = defaultdict(list)
    for line in sorted(run.read(Scrape), key=lambda line: line.t_ns):
        found[line.node, line.pid].append(line)
    return found


def _add(found: _Counted, run: Run, node: int, scrapes: Sequence[Scrape]) -> None:
    """The rises and the answers of one process."""
    first, last = scrapes[0], scrapes[-1]
    before, after = _counters(first), _counters(last)
    for series, value in after.items():
        rise = value - before.get(series, 0.0)
        found.rises[series] += rise  # type: ignore[assignment]
        if series.endswith("}"):
            found.rises[series.partition("{")[0]] += rise  # type: ignore[assignment]
    lag_ns = int(LAG_S * 1e9)
    found.least.update(_answers(run, node, first.t_ns, last.t_ns - lag_ns))
    found.most.update(_answers(run, node, first.t_ns - lag_ns, last.t_ns))
    found.seconds += (last.t_ns - first.t_ns) / 1e9
    found.spans.append((first.t_ns, last.t_ns))


def _counters(scrape: Scrape) -> Mapping[str, float]:
    """The samples that count: counters and _count; of families without a type, by their name."""
    typed = {
        series: value
        for series, value in counters_of(scrape.samples, scrape.types).items()
        if not series.partition("{")[0].endswith(("_bucket", "_sum"))
    }
    untyped = {
        series: value
        for series, value in scrape.samples.items()
        if series.partition("{")[0].endswith(UNTYPED)
        and not {series.partition("{")[0], _family(series)} & set(scrape.types)
    }
    return {**typed, **untyped}


def _family(series: str) -> str:
    name = series.partition("{")[0]
    return next((name.removesuffix(end) for end in UNTYPED if name.endswith(end)), name)


def _answers(run: Run, node: int, start_ns: int, end_ns: int) -> Counter[str]:
    """The whole answers of a node in a span: of all (""), by operation, by status, and by both."""
    ops, strings = run.history.ops, run.history.strings
    mask = (ops["node"] == node) & (ops["status"] > 0)
    mask &= (ops["flags"] & FLAG_MEMBER) == 0  # one request has a record for each of its tables
    mask &= (ops["completed_ns"] >= start_ns) & (ops["completed_ns"] < end_ns)
    pairs, counts = np.unique(
        np.stack((ops["operation"][mask].astype(int), ops["status"][mask].astype(int))),
        axis=1,
        return_counts=True,
    )
    found: Counter[str] = Counter()
    for operation, status, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
        for what in _names(strings[operation], status):
            found[what] += count
    return found


def _names(operation: str, status: int) -> Iterable[str]:
    return "", operation, str(status), f"{operation} {status}"
