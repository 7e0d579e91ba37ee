"""contract_cases: a case that touches other requirements, and cases that stand on a broken one."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.contract_cases import judge
from analysis.criteria.contract_operations import judge as judge_operations
from analysis.judge_experiment import judge_one
from iceworthy.words.blame import Blame
from iceworthy.words.verdict import Judgement, Verdict
from tests.analysis.conftest import at
from tests.streams import append_line


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
    run.case("unknown", requirement="FR-017", name="another", got="no answer")
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
    skips(run, 35, got="the token never expires", left_to=SESSION)
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
    assert verdict.evidence[0]["got"].endswith("that was not asked")


@pytest.mark.parametrize("shown", ["broken", "remark"])
def test_skips_are_confirmed_by_the_case_that_shows_their_reason(
    synthetic: Any, shown: str
) -> None:
    run = synthetic("contract", scenario=None)
    run.case(shown, requirement="FR-009", name="a_session_goes_on")
    run.case("holds", requirement="EC-5", name="another")
    skips(run, 3, got="served without a token", left_to=SESSION)
    verdict = judge(run.done(), "EC-5")
    assert verdict.judgement is Judgement.PASS
    assert "3 do not apply" in verdict.reason


def test_an_operation_that_never_answers_is_one_finding_of_its_operation(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("tableExists")
    run.case("broken", about="tableExists", name="is_gone", got="no answer, twice", silent=True)
    run.case("unknown", about="dropTable", name="is_gone", stands_on="tables.is_gone")
    run = run.done()
    (finding,) = judge(run, "FR-001").findings
    assert finding.title == "tableExists never answers"
    assert finding.cause.rule == "silence"
    assert judge_operations(run).judgement is Judgement.FAIL


STARVED, KILLED = "starved", "killed"


def asked_badly(synthetic: Any, trouble: str, ended: str, **case: Any) -> dict[str, Verdict]:
    """One case of the contract, at second 10, on a machine that is starved or whose node dies."""
    run = synthetic("contract", scenario=None)
    pid = run.start(0, -6.0)
    run.operation("loadTable")
    if trouble == STARVED:
        run.samples(0.0, 20.0, waited=1.0, others=0.7)
    else:
        run.end(0, pid, 10.0, took_s=0.0, code=-9, asked="none")
    run.case(ended, t_ns=at(10.2), seconds=0.3, **case)
    return {ruling.verdict.name: ruling.verdict for ruling in judge_one(run.done())}


JUDGES = ("contract_cases[FR-001]", "contract_operations")
BUSY = {"given": 503, "expected_statuses": (200,)}


@pytest.mark.parametrize(
    ("trouble", "blame", "words"),
    [(STARVED, Blame.MACHINE, "starved"), (KILLED, Blame.OUTSIDE, "killed from outside")],
)
def test_a_busy_answer_is_the_machines_or_the_killers_doing(
    synthetic: Any, trouble: str, blame: Blame, words: str
) -> None:
    found = asked_badly(synthetic, trouble, "broken", **BUSY)
    for name in JUDGES:
        assert (found[name].judgement, found[name].blame) == (Judgement.UNKNOWN, blame)
        assert words in found[name].reason


@pytest.mark.parametrize("trouble", [STARVED, KILLED])
@pytest.mark.parametrize(
    "case",
    [
        {"given": 404, "expected_statuses": (200,)},
        {"given": 200, "expected_statuses": ()},
        {"given": 500, "expected_statuses": (400,)},
        {**BUSY, "schema": [{"operation": "loadTable", "status": 503, "problems": ["no error"]}]},
    ],
    ids=("a wrong status", "a wrong value", "a 500 to a wrong body", "a busy answer of no form"),
)
def test_what_no_wait_explains_stands(synthetic: Any, trouble: str, case: dict[str, Any]) -> None:
    found = asked_badly(synthetic, trouble, "broken", **case)
    judge = "contract_schemas" if "schema" in case else JUDGES[0]
    assert found[judge].judgement is Judgement.FAIL
    assert found[JUDGES[1]].judgement is Judgement.FAIL


def test_an_unanswered_case_stays_undecided_and_the_cause_is_named_first(synthetic: Any) -> None:
    found = asked_badly(synthetic, STARVED, "unknown", got="no answer", evidence="no answer")
    for name in JUDGES:
        assert found[name].judgement is Judgement.UNKNOWN
        assert found[name].reason.startswith("the machine was starved")
        assert found[name].blame is Blame.MACHINE


@pytest.mark.parametrize(("given", "verdict"), [(503, Judgement.UNKNOWN), (500, Judgement.FAIL)])
def test_fuzzing_and_comparison_follow_the_same_rule(
    synthetic: Any, given: int, verdict: Judgement
) -> None:
    for name in ("fuzz", "differential"):
        run = synthetic(name, scenario=None)
        run.samples(0.0, 20.0, waited=1.0, others=0.7)
        append_line(
            run.folder,
            "findings",
            requirement="SC-001",
            what="w",
            expected="no 5xx",
            got="a 5xx",
            works=False,
            given=given,
            seen_ns=[at(10.0)],
        )
        append_line(run.folder, "comparison", steps=2000)
        kind = "busy" if given == 503 else None
        append_line(
            run.folder, "differences", ruling="wrong", what="w", evidence=kind, seen_ns=at(10.0)
        )
        found = {r.verdict.name: r.verdict for r in judge_one(run.done())}
        judge = "fuzz_findings[SC-001]" if name == "fuzz" else "differences"
        assert found[judge].judgement is verdict
