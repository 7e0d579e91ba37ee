"""conflict_status: a lost race is a 409 and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.conflict_status import judge
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.verdict import Judgement


def raced(synthetic: Any, **facts: Any) -> Any:
    run = synthetic("contention")
    run.window("steady", 0.0, 20.0)
    run.race(0.5, 20.0, **facts)
    return run


def test_conflicts_told_as_409_pass(synthetic: Any) -> None:
    verdict = judge(raced(synthetic).done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure.endswith("0 answered otherwise")


@pytest.mark.parametrize("status", [400, 412, 422, 500, 503])
def test_a_conflict_told_as_anything_else_fails(synthetic: Any, status: int) -> None:
    assert judge(raced(synthetic, conflict=status).done()).judgement is Judgement.FAIL


def test_one_500_among_many_409_fails(synthetic: Any) -> None:
    run = raced(synthetic)
    run.op("updateTable", 9.0, status=500)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_a_commit_that_is_never_answered_in_a_calm_race_fails(synthetic: Any) -> None:
    run = raced(synthetic)
    run.op("updateTable", 9.0, status=0, took_ms=5000.0, error="timeout")
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "no answer: timeout" in verdict.reason
    assert verdict.grounds[0].kind is EvidenceKind.SILENCE


def test_a_500_under_a_fault_is_not_judged_here(synthetic: Any) -> None:
    run = synthetic("contention")
    run.window("steady", 0.0, 15.0)
    run.window("fault", 15.0, 20.0)
    run.race(0.5, 14.0)
    run.op("updateTable", 17.0, status=500)
    assert judge(run.done()).judgement is Judgement.PASS


def test_no_conflicts_are_unknown(synthetic: Any) -> None:
    run = synthetic("contention")
    run.window("steady", 0.0, 20.0)
    run.op("updateTable", 5.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_nothing_acknowledged_is_unknown(synthetic: Any) -> None:
    run = synthetic("contention")
    run.window("steady", 0.0, 20.0)
    for i in range(30):
        run.op("updateTable", 1.0 + i / 10, status=400)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


@pytest.mark.parametrize(
    ("status", "with_409", "kind"),
    [
        (500, False, EvidenceKind.STATUS),
        (500, True, EvidenceKind.BUSY),
        (503, False, EvidenceKind.BUSY),
    ],
)
def test_a_500_in_the_place_of_every_409_is_no_matter_of_waiting(
    synthetic: Any, status: int, with_409: bool, kind: EvidenceKind
) -> None:
    run = raced(synthetic, conflict=status)
    if with_409:
        run.op("updateTable", 9.0, status=409)
    assert {ground.kind for ground in judge(run.done()).grounds} == {kind}
