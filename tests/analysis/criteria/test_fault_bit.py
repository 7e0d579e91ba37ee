"""fault_bit: a guard that never fails the target."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.fault_bit import judge
from iceworthy.words.experiment import FaultAt
from iceworthy.words.verdict import Judgement


def test_a_proven_fault_under_load_passes(synthetic: Any) -> None:
    assert judge(synthetic("cut_link").broken_link().done()).judgement is Judgement.PASS


def test_a_fault_without_proof_is_unknown(synthetic: Any) -> None:
    verdict = judge(synthetic("cut_link").broken_link(facts={}).done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "no evidence proves" in verdict.reason


def test_a_fault_without_load_before_it_is_unknown(synthetic: Any) -> None:
    run = synthetic("cut_link")
    run.fault("cut_link", 6.0, 11.0)
    run.reads(6.5, 20.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_a_fault_that_was_never_healed_is_unknown(synthetic: Any) -> None:
    run = synthetic("cut_link")
    run.fault("cut_link", 6.0, None)
    run.reads(0.0, 20.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_a_planned_fault_that_never_came_is_unknown(synthetic: Any) -> None:
    run = synthetic("cut_link").broken_link()
    run.plan["faults"].append(FaultAt(fault="cut_link", at_s=14.0, hold_s=1.0))
    assert judge(run.done()).judgement is Judgement.UNKNOWN


@pytest.mark.parametrize("name", ["steady", "contention"])
def test_no_planned_fault_is_unknown(synthetic: Any, name: str) -> None:
    assert judge(synthetic(name).calm().done()).judgement is Judgement.UNKNOWN
