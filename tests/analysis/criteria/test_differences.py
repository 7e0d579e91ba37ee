"""differences: only what the contract decides fails, and a comparison of nothing is unknown."""

from __future__ import annotations

from typing import Any

from analysis.criteria.differences import judge
from iceworthy.words.verdict import Judgement
from tests.streams import append_line


def _judged(synthetic: Any, steps: int, *rulings: str) -> Any:
    run = synthetic("differential", scenario=None)
    append_line(run.folder, "comparison", steps=steps)
    for ruling in rulings:
        append_line(run.folder, "differences", ruling=ruling, what=f"a {ruling} one", says="words")
    return judge(run.done())


def test_one_that_the_contract_decides_fails(synthetic: Any) -> None:
    verdict = _judged(synthetic, 2000, "allowed", "wrong", "undecided")
    assert verdict.judgement is Judgement.FAIL
    assert "a wrong one" in verdict.reason
    assert [one["ruling"] for one in verdict.evidence] == ["wrong", "undecided"]


def test_what_is_allowed_or_undecided_is_no_fail(synthetic: Any) -> None:
    verdict = _judged(synthetic, 2000, "allowed", "undecided")
    assert verdict.judgement is Judgement.PASS
    assert "1 that the specification does not decide" in verdict.reason


def test_too_few_steps_are_unknown(synthetic: Any) -> None:
    assert _judged(synthetic, 20).judgement is Judgement.UNKNOWN
