"""Limits of the user's own: the judges hold the run against them, and say that they are."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria import (
    health_answers,
    metrics_count,
    probes_without_database,
    read_latency,
    recovery,
    shutdown_time,
    start_time,
)
from iceworthy.words.limits import NAMES, LimitsSpec
from iceworthy.words.target import TargetSpec
from iceworthy.words.verdict import Judgement

JUDGES: dict[str, Any] = {
    "read_p95_ms": read_latency,
    "start_s": start_time,
    "shutdown_s": shutdown_time,
    "metrics_least": metrics_count,
    "probe_ms": health_answers,
    "recovery_s": recovery,
}


def target(**limits: Any) -> TargetSpec:
    return TargetSpec(name="reference", summary="made up", limits=LimitsSpec(**limits))


@pytest.mark.parametrize(
    ("limit_ms", "judgement"),
    [(4.0, Judgement.FAIL), (12.0, Judgement.PASS), (50.0, Judgement.PASS)],
)
def test_an_own_limit_decides_and_is_marked(
    synthetic: Any, limit_ms: float, judgement: Judgement
) -> None:
    run = synthetic(target=target(read_p95_ms=limit_ms)).calm(took_ms=5.0).done()
    verdict = read_latency.judge(run)
    assert verdict.judgement is judgement
    own = " (own limit; SC-003 says 50)" if limit_ms != 50.0 else ""
    assert verdict.limit == f"p95 < {limit_ms:g} ms{own}"
    assert verdict.limits[0].value == limit_ms


def test_a_start_is_late_by_an_own_limit(synthetic: Any) -> None:
    run = synthetic(target=target(start_s=2.0))
    run.start(0, -20.0, took_s=3.0)
    verdict = start_time.judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "longer than 2 s" in verdict.reason
    assert verdict.grounds[0].excess_s == pytest.approx(1.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_reaches_its_judge(synthetic: Any, name: str) -> None:
    own = {name: 7}
    verdict = JUDGES[name].judge(synthetic(target=target(**own)).done())
    assert 7 in [limit.value for limit in verdict.limits], verdict
    assert "own limit" in verdict.limit
    before = JUDGES[name].judge(synthetic("before").done())
    assert "own limit" not in before.limit


def test_probes_without_a_database_have_the_limit_of_probes(synthetic: Any) -> None:
    verdict = probes_without_database.judge(synthetic(target=target(probe_ms=7.0)).done())
    assert verdict.limit == "median <= 7 ms (own limit; SC-007 says 100)"
