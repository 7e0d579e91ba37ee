"""contract_cases: a case that touches other requirements, and cases that stand on a broken one."""

from __future__ import annotations

from typing import Any

from analysis.criteria.contract_cases import judge
from analysis.criteria.contract_operations import judge as judge_operations
from iceworthy.words.verdict import Judgement


def test_a_broken_case_refutes_every_requirement_that_it_touches(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("updateTable")
    run.case("broken", about="updateTable", name="ids[62 bits]", touches=["FR-002"])
    run.case("holds", about="updateTable", requirement="FR-002")
    run = run.done()
    for requirement in ("FR-001", "FR-002"):
        verdict = judge(run, requirement)
        assert verdict.judgement is Judgement.FAIL
        assert "ids[62 bits]" in verdict.reason
        assert set(verdict.findings[0].requirements) == {"FR-001", "FR-002"}
    assert judge_operations(run).judgement is Judgement.FAIL
    assert judge(run, "FR-004").judgement is Judgement.UNKNOWN


def test_a_case_that_holds_confirms_its_own_requirement_alone(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.case("holds", touches=["FR-002"])
    assert judge(run.done(), "FR-002").judgement is Judgement.UNKNOWN


def test_cases_that_were_not_tried_are_told_together_and_accuse_nobody(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    first = "plain_requests.a_table_needs_a_name_and_a_schema_alone"
    run.case("broken", about="createTable", name="plain")
    for number in range(50):
        run.case("unknown", requirement="FR-017", name=f"case{number}", stands_on=first)
    run.case("unknown", requirement="FR-017", name="another", came="no answer")
    run = run.done()
    assert len(judge(run, "FR-001").findings) == 1
    open_ones = judge(run, "FR-017")
    assert open_ones.judgement is Judgement.UNKNOWN
    assert f"50 cases not tried, since {first} is broken" in open_ones.reason
    assert "1 cases not decided: tables.another: no answer" in open_ones.reason
