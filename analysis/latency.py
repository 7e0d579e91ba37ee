"""Percentiles of latency from raw samples, with an interval, and their judgement by a limit.

Claim: a percentile is the sample at its rank (nearest rank, no interpolation). Its 95 % interval is
that of the order statistics (exact binomial ranks), so it assumes no shape of the distribution.
Latency counts from the intended start: an operation that had to wait for its session's previous
operation is late by that wait too (no coordinated omission).
What this does NOT show: the interval assumes independent samples. One stall delays many operations
at once, so under stalls the true interval is wider. The interval says nothing about another run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.run import Run
from iceworthy.record.history import FLAG_AUDIT
from iceworthy.words.measure import PERCENTILE, Measure, figure_text
from iceworthy.words.verdict import Judgement

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
BEYOND = 10  # samples that must lie above a percentile before it is reported
PLENTY = 10  # times the least number of samples: then the point estimate decides between bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One percentile, value and interval in ms; a bound is infinite where there are too few samples
    for it.
    """

    quantile: float
    samples: int
    value_ms: float
    low_ms: float
    high_ms: float

    @property
    def enough(self) -> bool:
        """Whether there are enough samples to name this percentile at all."""
        return self.samples >= least_samples(self.quantile)

    def measure(self, shown: str = PERCENTILE) -> Measure:
        """The percentile as a number of a verdict, with its interval."""
        return Measure(
            name=f"p{self.quantile * 100:g}",
            value=self.value_ms,
            unit="ms",
            low=self.low_ms,
            high=self.high_ms,
            shown=shown,
        )

    def __str__(self) -> str:
        return figure_text([self.measure()])


def least_samples(quantile: float) -> int:
    """How many samples a percentile needs, so that BEYOND of them lie above it (p95 200, p99.9
    10,000).
    """
    return round(BEYOND / (1.0 - quantile))


def interval_ranks(
    samples: int, quantile: float, confidence: float = CONFIDENCE
) -> tuple[int, int]:
    """1-based ranks (low, high) of the order statistics that hold the quantile.

    low 0 or high samples + 1 means that no sample bounds it on this side. Exact: the number of
    samples below the quantile is binomial, and its probabilities are walked from the mode outward.
    """
    if samples <= 0:
        return 0, 1
    spread = 12.0 * math.sqrt(samples * quantile * (1.0 - quantile)) + 12.0
    first = max(0, int(samples * quantile - spread))
    last = min(samples, int(samples * quantile + spread) + 1)
    counts = np.arange(first, last, dtype=np.float64)
    odds = quantile / (1.0 - quantile)
    steps = np.log((samples - counts) / (counts + 1.0) * odds)
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    below = np.cumsum(weights) / weights.sum()  # below[k]: P(B <= first + k)
    tail = (1.0 - confidence) / 2.0
    low = first + int(np.searchsorted(below, tail, side="right"))
    high = first + int(np.searchsorted(below, 1.0 - tail, side="left")) + 1
    return low, min(high, samples + 1)


def estimate(latencies_ms: Floats, quantile: float) -> Estimate:
    """The percentile of these samples; NaN when there are none."""
    count = len(latencies_ms)
    if count == 0:
        return Estimate(
            quantile=quantile, samples=0, value_ms=math.nan, low_ms=math.nan, high_ms=math.nan
        )
    low, high = interval_ranks(count, quantile)
    rank = min(count, max(1, math.ceil(quantile * count)))
    ranks = sorted({max(low, 1) - 1, rank - 1, min(high, count) - 1})
    at = dict(zip(ranks, np.partition(latencies_ms, ranks)[ranks], strict=True))
    return Estimate(
        quantile=quantile,
        samples=count,
        value_ms=float(at[rank - 1]),
        low_ms=float(at[low - 1]) if low >= 1 else -math.inf,
        high_ms=float(at[high - 1]) if high <= count else math.inf,
    )


def judge_limit(found: Estimate, limit_ms: float) -> tuple[Judgement, str]:
    """Whether the percentile is below its limit, and why.

    pass: the whole interval is below. fail: the whole interval is above. Where the limit lies
    inside the interval, the point estimate decides if there are PLENTY times the least number of
    samples; with fewer samples the judgement is unknown.
    """
    if not found.enough:
        needed = least_samples(found.quantile)
        return (
            Judgement.UNKNOWN,
            f"{found.samples} samples, p{found.quantile * 100:g} needs {needed}",
        )
    if found.high_ms < limit_ms:
        return Judgement.PASS, f"{found} is below {limit_ms:g} ms"
    if found.low_ms > limit_ms:
        return Judgement.FAIL, f"{found} is above {limit_ms:g} ms"
    if found.samples < PLENTY * least_samples(found.quantile):
        return (
            Judgement.UNKNOWN,
            f"{found}: too close to {limit_ms:g} ms for {found.samples} samples",
        )
    below = found.value_ms < limit_ms
    return (
        Judgement.PASS if below else Judgement.FAIL,
        f"{found}: the interval holds {limit_ms:g} ms, the point estimate decides",
    )


def sample_mask(
    run: Run, operations: tuple[str, ...], windows: tuple[str, ...]
) -> npt.NDArray[np.bool_]:
    """Rows of these operations, sent by sessions, whose intended start lies in windows so named.

    Failed and timed-out operations count: without them the latency would look better than it was.
    """
    ops = run.history.ops
    mask: npt.NDArray[np.bool_] = run.within(*windows) & ((ops["flags"] & FLAG_AUDIT) == 0)
    return mask & run.history.of_operation(*operations) if operations else mask


def latencies_ms(run: Run, mask: npt.NDArray[np.bool_]) -> Floats:
    """Completion minus intended start of the rows under the mask, in milliseconds."""
    ops = run.history.ops
    found: Floats = (ops["completed_ns"][mask] - ops["intended_ns"][mask]) / 1e6
    return found
