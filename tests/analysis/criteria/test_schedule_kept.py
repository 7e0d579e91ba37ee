"""schedule_kept: a guard on the load generator's own lateness."""

from __future__ import annotations

from typing import Any

from analysis.criteria.schedule_kept import judge
from iceworthy.words.verdict import Judgement


def test_a_load_that_left_on_time_passes(synthetic: Any) -> None:
    assert judge(synthetic().calm().done()).judgement is Judgement.PASS


def test_a_load_that_left_late_is_unknown(synthetic: Any) -> None:
    verdict = judge(synthetic().calm(lag_ms=150.0).done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "left late" in verdict.reason


def test_waiting_behind_an_earlier_operation_is_not_the_generators_lag(synthetic: Any) -> None:
    run = synthetic().calm()
    for i in range(300):
        run.op("loadTable", 3.0 + i / 50, took_ms=900.0, session=50_000 + i)
        run.op("loadTable", 3.5 + i / 50, lag_ms=401.0, session=50_000 + i)
    assert judge(run.done()).judgement is Judgement.PASS


def test_no_load_or_too_little_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic("survey", scenario=None).done()).judgement is Judgement.UNKNOWN
    few = synthetic("steady")
    few.window("steady", 0.0, 20.0)
    few.reads(0.0, 1.0, per_s=50.0)
    assert judge(few.done()).judgement is Judgement.UNKNOWN
