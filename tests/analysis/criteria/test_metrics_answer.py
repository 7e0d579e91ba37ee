"""metrics_answer: a scrape that Prometheus would throw away is a fail."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria import metrics_answer, metrics_count, metrics_monotonic
from analysis.criteria.metrics_answer import judge
from iceworthy.words.target import EndpointSpec, TargetSpec
from iceworthy.words.verdict import Judgement
from tests.streams import append_line


def calm_second(run: Any, second: float, status: int = 200, **parsed: Any) -> None:
    t_ns = run.T0 + int(second * 1e9)
    append_line(
        run.folder,
        "probes",
        t_ns=t_ns,
        node=0,
        probe="metrics",
        status=status,
        latency_ms=2.0,
        error="",
        body="",
    )
    append_line(run.folder, "metrics", t_ns=t_ns, node=0, pid=1, samples={}, types={}, **parsed)


def steady(run: Any) -> None:
    append_line(
        run.folder,
        "windows",
        name="steady",
        kind="steady",
        start_ns=run.T0,
        end_ns=run.T0 + 20 * 10**9,
        node=None,
        fault=None,
    )


def test_whole_scrapes_pass(synthetic: Any) -> None:
    run = synthetic()
    steady(run)
    for second in range(6):
        calm_second(run, second)
    assert judge(run.done()).judgement is Judgement.PASS


@pytest.mark.parametrize("judge_of", [metrics_answer, metrics_count, metrics_monotonic])
def test_a_target_without_metrics_is_unknown_for_that_reason(synthetic: Any, judge_of: Any) -> None:
    run = synthetic(target=TargetSpec(name="t", summary="s", endpoints=EndpointSpec(metrics="")))
    steady(run)
    verdict = judge_of.judge(run.done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert verdict.reason == "the target has no metrics endpoint"


def test_a_500_is_told(synthetic: Any) -> None:
    run = synthetic()
    steady(run)
    for second in range(6):
        calm_second(run, second, status=500 if second > 3 else 200)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "2 × status 500" in verdict.reason


def test_a_series_that_comes_twice_is_told(synthetic: Any) -> None:
    run = synthetic()
    steady(run)
    for second in range(6):
        calm_second(run, second, repeated=1 if second == 2 else 0)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "a series that occurs twice" in verdict.reason


def test_what_happens_outside_the_calm_is_not_judged(synthetic: Any) -> None:
    run = synthetic()
    steady(run)
    for second in (30, 31, 32):
        calm_second(run, second, status=500)
    assert judge(run.done()).judgement is Judgement.UNKNOWN
