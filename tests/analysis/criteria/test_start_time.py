"""start_time: every start, restarts included, is ready within its limit."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.start_time import judge
from iceworthy.words.verdict import Judgement


@pytest.mark.parametrize(
    ("took_s", "judgement"),
    [(9.9, Judgement.PASS), (10.1, Judgement.FAIL), (None, Judgement.FAIL)],
)
def test_the_slowest_start_decides(
    synthetic: Any, took_s: float | None, judgement: Judgement
) -> None:
    run = synthetic()
    run.start(0, -20.0)
    run.start(0, 5.0, took_s=took_s, reason="restart")
    assert judge(run.done()).judgement is judgement


def test_no_start_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().done()).judgement is Judgement.UNKNOWN


def test_a_start_that_the_suite_cut_short_is_not_judged(synthetic: Any) -> None:
    run = synthetic()
    run.start(0, -20.0)
    pid = run.start(0, 5.0, took_s=None, reason="restart")
    run.end(0, pid, 6.0, asked="SIGKILL", code=-9)
    assert judge(run.done()).judgement is Judgement.PASS
