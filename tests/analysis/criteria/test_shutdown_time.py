"""shutdown_time: SIGTERM is followed by a clean end, in time, of its own."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.shutdown_time import judge
from iceworthy.words.verdict import Judgement


def test_a_clean_end_in_time_passes(synthetic: Any) -> None:
    run = synthetic()
    run.end(0, 1, 5.0, took_s=1.5)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure == "1.50 s"


@pytest.mark.parametrize("code", [143, -15])
def test_the_code_that_tells_of_sigterm_is_clean(synthetic: Any, code: int) -> None:
    """Java ends with 143 after its shutdown hooks; who has drained may pass the signal on."""
    run = synthetic()
    run.end(0, 1, 5.0, took_s=1.5, code=code)
    assert judge(run.done()).judgement is Judgement.PASS


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"took_s": 36.0}, "36.0 s"),
        ({"code": 1}, "code 1"),
        ({"code": -6}, "code -6"),
        ({"code": -9, "took_s": 40.0}, "killed"),
        ({"code": None, "took_s": 40.0}, "did not end"),
    ],
)
def test_any_other_end_fails(synthetic: Any, facts: dict[str, Any], word: str) -> None:
    run = synthetic()
    run.end(0, 1, 5.0)
    run.end(1, 2, 5.0, **facts)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert word in verdict.reason


def test_without_sigterm_it_is_unknown(synthetic: Any) -> None:
    run = synthetic()
    run.end(0, 1, 5.0, asked="SIGKILL", code=-9)
    assert judge(run.done()).judgement is Judgement.UNKNOWN
