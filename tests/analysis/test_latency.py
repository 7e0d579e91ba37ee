"""Percentiles: exact ranks, intervals that hold what they promise, limits judged in three ways."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from analysis.latency import estimate, interval_ranks, judge_limit, least_samples
from iceworthy.words.verdict import Judgement


def binomial_cdf(k: int, n: int, p: float) -> float:
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


@pytest.mark.parametrize("quantile", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("samples", [10, 100, 777])
def test_ranks_are_the_binomials_own(samples: int, quantile: float) -> None:
    low, high = interval_ranks(samples, quantile)
    # P(fewer than `low` samples below the quantile) <= 2.5 %, and one rank further it is not.
    assert low == 0 or binomial_cdf(low - 1, samples, quantile) <= 0.025 + 1e-12
    assert binomial_cdf(low, samples, quantile) > 0.025
    if high <= samples:
        assert 1 - binomial_cdf(high - 1, samples, quantile) <= 0.025 + 1e-12
    assert high == 1 or 1 - binomial_cdf(high - 2, samples, quantile) > 0.025


def test_the_interval_holds_the_true_percentile_as_often_as_it_says() -> None:
    draw = np.random.default_rng(3)
    truth = -math.log(1 - 0.95)
    held = 0
    for _ in range(400):
        found = estimate(draw.exponential(size=500), 0.95)
        held += found.low_ms <= truth <= found.high_ms
    assert 0.92 <= held / 400 <= 0.99


def test_a_percentile_is_the_sample_of_its_rank() -> None:
    values = [float(v) for v in range(1, 101)]
    random.Random(1).shuffle(values)
    found = estimate(np.array(values), 0.95)
    assert found.value_ms == 95.0
    assert estimate(np.array(values), 0.5).value_ms == 50.0
    assert estimate(np.array(values), 1.0 - 1e-9).value_ms == 100.0


def test_a_million_samples_are_ranked_quickly_and_tightly() -> None:
    low, high = interval_ranks(1_000_000, 0.95)
    assert 949_000 < low < 950_000 < high < 951_000


def test_few_samples_leave_a_bound_open() -> None:
    found = estimate(np.arange(20.0), 0.99)
    assert math.isinf(found.high_ms)
    assert not found.enough
    assert math.isnan(estimate(np.array([]), 0.95).value_ms)


def test_the_least_samples_grow_with_the_percentile() -> None:
    assert [least_samples(q) for q in (0.5, 0.95, 0.99, 0.999)] == [20, 200, 1000, 10_000]


@pytest.mark.parametrize(
    ("samples", "scale", "judgement"),
    [
        (1_000, 0.5, Judgement.PASS),
        (1_000, 2.0, Judgement.FAIL),
        (100, 0.01, Judgement.UNKNOWN),
        (300, 1.0, Judgement.UNKNOWN),
    ],
)
def test_a_limit_is_judged_by_the_whole_interval(
    samples: int, scale: float, judgement: Judgement
) -> None:
    values = np.linspace(0.0, 100.0 * scale / 0.95, samples)
    assert judge_limit(estimate(values, 0.95), 100.0)[0] is judgement


@pytest.mark.parametrize(("limit", "judgement"), [(95.05, Judgement.PASS), (94.95, Judgement.FAIL)])
def test_with_plenty_of_samples_the_point_decides_in_between(
    limit: float, judgement: Judgement
) -> None:
    found = estimate(np.linspace(0.0, 100.0, 5_000), 0.95)
    assert found.low_ms < limit < found.high_ms
    assert judge_limit(found, limit)[0] is judgement
