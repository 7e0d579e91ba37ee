"""A run as series over time, ready to be drawn: each point is one bin of time, without smoothing.

Claim: latencies are binned by the intended start, outcomes by the instant of the answer, and every
operation of a session is in a bin.
What this does NOT show: what happened inside a bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.fault_spans import fault_spans
from analysis.operation_errors import CALM, Mask
from analysis.run import Run
from iceworthy.record.history import FLAG_AUDIT, FLAG_TORN
from iceworthy.record.sample_lines import ProcessUse
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.operation import MUTATIONS, READS

Floats = npt.NDArray[np.float64]

BINS_MOST = 180
QUANTILES = (0.5, 0.95, 0.99)
CLASSES = ("2xx", "404", "409 conflict", "other 4xx", "5xx", "no answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Named lines over the same xs; NaN where a line has no value."""

    xs: Floats
    lines: dict[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stretch of time to shade, in seconds from the load's t0."""

    label: str
    start_s: float
    end_s: float


def zero_ns(run: Run) -> int:
    """The zero of the report's time axis: the load's t0, else the first operation."""
    if run.plan.t0_ns:
        return run.plan.t0_ns
    sent = run.history.ops["sent_ns"]
    return int(sent[sent > 0].min(initial=NEVER_NS)) if (sent > 0).any() else 0


def bands(run: Run) -> list[Band]:
    """Each fault from its injection to its heal."""
    t0 = zero_ns(run)
    last = max((w.end_ns for w in run.windows), default=t0)
    return [
        Band(
            label=span.fault.replace("_", " ")
            + ("" if span.node is None else f", node {span.node}"),
            start_s=(span.inject_ns - t0) / 1e9,
            end_s=((span.heal_ns or last) - t0) / 1e9,
        )
        for span in fault_spans(run)
    ]


def session_mask(run: Run) -> Mask:
    """Operations of the load: neither set-up nor audit."""
    ops = run.history.ops
    mask: Mask = ((ops["flags"] & FLAG_AUDIT) == 0) & (ops["intended_ns"] > 0)
    t0 = run.plan.t0_ns
    return mask & (ops["intended_ns"] >= t0) if t0 else mask


def load_end_s(run: Run) -> float:
    """The end of the load, in seconds from its t0: later samples show how sessions close, which is
    no event of the target. Of a load that was stopped: the last intended start.
    """
    intended = run.history.ops["intended_ns"][session_mask(run)]
    last = (int(intended.max()) - zero_ns(run)) / 1e9 if len(intended) else 0.0
    planned = run.plan.duration_s
    if planned is None or not run.plan.complete:
        return last
    return max(float(planned), last)


def bins(times_s: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Bin number of each time, and the middle of each bin; a bin is 1 s, or wider when that gives
    too many.
    """
    first = np.floor(times_s.min())
    width = max(1.0, np.ceil((times_s.max() - first) / BINS_MOST))
    number = ((times_s - first) / width).astype(np.int64)
    return number, first + (np.arange(number.max() + 1) + 0.5) * width


def latency_over_time(run: Run, *operations: str) -> Series:
    """p50, p95, p99 and max of every bin, in ms from the intended start; of these operations, or
    of all.
    """
    ops = run.history.ops
    mask = session_mask(run)
    if operations:
        mask &= run.history.of_operation(*operations)
    if not mask.any():
        return Series(xs=np.empty(0), lines={})
    intended = ops["intended_ns"][mask]
    took = (ops["completed_ns"][mask] - intended) / 1e6
    number, xs = bins((intended - zero_ns(run)) / 1e9)
    order = np.lexsort((took, number))
    number, took = number[order], took[order]
    starts = np.searchsorted(number, np.arange(len(xs)))
    ends = np.searchsorted(number, np.arange(len(xs)), side="right")
    counts = ends - starts
    lines: dict[str, Floats] = {}
    for name, quantile in [*((f"p{q * 100:g}", q) for q in QUANTILES), ("max", 1.0)]:
        rank = np.clip(np.ceil(quantile * counts).astype(np.int64) - 1, 0, None)
        at = np.minimum(starts + rank, len(took) - 1)
        lines[name] = np.where(counts > 0, took[at], np.nan)
    return Series(xs=xs, lines=lines)


def percentile_curves(run: Run, points: int = 100) -> dict[str, tuple[Floats, Floats]]:
    """Reads and writes in steady windows: (1 / (1 - quantile), latency in ms) to the slowest."""
    ops = run.history.ops
    curves: dict[str, tuple[Floats, Floats]] = {}
    for name, operations in (("reads", READS), ("writes", MUTATIONS)):
        mask = session_mask(run) & run.within(*CALM) & run.history.of_operation(*operations)
        if int(mask.sum()) < 20:
            continue
        took = np.sort((ops["completed_ns"][mask] - ops["intended_ns"][mask]) / 1e6)
        beyond = np.unique(np.geomspace(1.0, len(took), points))
        ranks = np.ceil((1.0 - 1.0 / beyond) * len(took)).astype(np.int64)
        curves[name] = (beyond, took[np.clip(ranks - 1, 0, len(took) - 1)])
    return curves


def outcomes_over_time(run: Run) -> Series:
    """Answers per second by class, by the instant of the answer."""
    ops = run.history.ops
    mask = session_mask(run)
    if not mask.any():
        return Series(xs=np.empty(0), lines={})
    number, xs = bins((ops["completed_ns"][mask] - zero_ns(run)) / 1e9)
    classes = outcome_class(run)[mask]
    table = np.zeros((len(CLASSES), len(xs)))
    np.add.at(table, (classes, number), 1.0)
    width_s = lasted(xs, load_end_s(run))
    return Series(xs=xs, lines={name: table[i] / width_s for i, name in enumerate(CLASSES)})


def lasted(xs: Floats, end_s: float) -> Floats:
    """Seconds of load in each bin: the last bin may hold less than its width, without a fall of
    the rate.
    """
    width = float(xs[1] - xs[0]) if len(xs) > 1 else 1.0
    left = end_s - (xs - width / 2)
    return np.where((left > 0.1 * width) & (left < width), left, width)


def outcome_class(run: Run) -> npt.NDArray[np.int64]:
    """The class of every row, as an index into CLASSES."""
    ops = run.history.ops
    status = ops["status"]
    torn = (status == 0) | ((ops["flags"] & FLAG_TORN) != 0)
    tests = [torn, status >= 500, status == 409, status == 404, status >= 400]
    return np.select(tests, [5, 4, 2, 1, 3], default=0)


def resources(run: Run) -> dict[str, Series]:
    """CPU (% of one core), memory (MiB) and connections of each process, to the load's end."""
    t0 = zero_ns(run)
    end_ns = t0 + int(load_end_s(run) * 1e9)
    by_process: dict[str, list[ProcessUse]] = {}
    for line in (one for one in run.read(ProcessUse) if one.t_ns <= end_ns):
        by_process.setdefault(line.process, []).append(line)
    per: dict[str, dict[str, tuple[Floats, Floats]]] = {"cpu": {}, "rss": {}, "connections": {}}
    for process, lines in sorted(by_process.items(), key=lambda item: _rank(item[0])):
        t = np.array([(line.t_ns - t0) / 1e9 for line in lines])
        cpu = np.array([line.cpu_s for line in lines])
        pid = np.array([line.pid or 0 for line in lines])
        if len(t) > 1:
            with np.errstate(divide="ignore", invalid="ignore"):
                used = np.diff(cpu) / np.diff(t) * 100.0
            used[(np.diff(pid) != 0) | ~np.isfinite(used)] = np.nan
            per["cpu"][process] = (t[1:], used)
        per["rss"][process] = (
            t,
            np.array([li.rss_bytes for li in lines]) / 2**20,
        )
        held = np.array([line.connections for line in lines])
        if (held >= 0).any():
            per["connections"][process] = (t, np.where(held >= 0, held, np.nan))
    return {name: _together(lines) for name, lines in per.items()}


def _rank(process: str) -> tuple[int, str]:
    """Sort key: nodes first, so that each node has the same colour in all charts."""
    order = ("node", "postgres", "toxiproxy", "load", "suite")
    kind = process.partition("-")[0]
    return (order.index(kind) if kind in order else len(order), process)


def _together(lines: dict[str, tuple[Floats, Floats]]) -> Series:
    """Lines with different times on one grid of whole seconds: the last sample of each second."""
    if not lines:
        return Series(xs=np.empty(0), lines={})
    first = min(float(np.floor(t.min())) for t, _ in lines.values())
    last = max(float(np.floor(t.max())) for t, _ in lines.values())
    width = max(1.0, np.ceil((last - first) / BINS_MOST))
    xs = first + np.arange(int((last - first) / width) + 1) * width
    found: dict[str, Floats] = {}
    for name, (t, values) in lines.items():
        row = np.full(len(xs), np.nan)
        row[((t - first) / width).astype(np.int64)] = values
        found[name] = row
    return Series(xs=xs, lines=found)
