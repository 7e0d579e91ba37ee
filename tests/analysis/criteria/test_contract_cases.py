"""contract_cases: a case that touches other requirements, and cases that stand on a broken one."""

from __future__ import annotations

from typing import Any

import pytest

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


SESSION = "tables.a_session_goes_on"


def skips(run: Any, number: int, **more: Any) -> None:
    for one in range(number):
        run.case("skipped", requirement="EC-5", name=f"refused{one}", **more)


@pytest.mark.parametrize("session", ["holds", "unknown", "skipped"])
def test_skips_that_leave_it_to_a_case_which_does_not_show_why_are_no_pass(
    synthetic: Any, session: str
) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    run.case(session, requirement="EC-5", name="a_session_goes_on")
    skips(run, 35, came="the token never expires", left_to=SESSION)
    run = run.done()
    verdict = judge(run, "EC-5")
    assert verdict.judgement is Judgement.UNKNOWN
    assert f"35 cases not tried: they are left to {SESSION}" in verdict.reason
    assert verdict.applies
    assert judge_operations(run).judgement is Judgement.UNKNOWN


def test_skips_that_leave_it_to_a_case_which_nobody_asked_are_no_pass(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.case("holds", requirement="EC-5", name="another")
    skips(run, 1, left_to=SESSION)
    verdict = judge(run.done(), "EC-5")
    assert verdict.judgement is Judgement.UNKNOWN
    assert verdict.evidence[0]["came"].endswith("that was not asked")


@pytest.mark.parametrize("shown", ["broken", "remark"])
def test_skips_are_confirmed_by_the_case_that_shows_their_reason(
    synthetic: Any, shown: str
) -> None:
    run = synthetic("contract", scenario=None)
    run.case(shown, requirement="FR-009", name="a_session_goes_on")
    run.case("holds", requirement="EC-5", name="another")
    skips(run, 3, came="served without a token", left_to=SESSION)
    verdict = judge(run.done(), "EC-5")
    assert verdict.judgement is Judgement.PASS
    assert "3 do not apply" in verdict.reason


def test_an_operation_that_never_answers_is_one_finding_of_its_operation(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("tableExists")
    run.case("broken", about="tableExists", name="is_gone", came="no answer, twice", silent=True)
    run.case("unknown", about="dropTable", name="is_gone", stands_on="tables.is_gone")
    run = run.done()
    (finding,) = judge(run, "FR-001").findings
    assert finding.title == "tableExists never answers"
    assert finding.cause.rule == "silence"
    assert judge_operations(run).judgement is Judgement.FAIL
