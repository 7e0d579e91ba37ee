"""The criteria over the contract's cases: what is broken fails, what was not tried never passes."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria import (
    contract_cases,
    contract_operations,
    contract_phases,
    contract_schemas,
)
from analysis.report_contract import contract
from iceworthy.words.finding import Cause, Finding, Request
from iceworthy.words.verdict import Judgement

WRONG_SHAPE = [
    {
        "operation": "loadTable",
        "status": 200,
        "problems": ["/metadata is missing"],
        "request": "curl …",
        "got": "status 200: {}",
    }
]


def test_a_broken_case_fails_its_own_requirement_alone(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.case("holds")
    run.case("broken", requirement="FR-004", name="a_requirement_is_ignored")
    run = run.done()
    assert contract_cases.judge(run, "FR-001").judgement is Judgement.PASS
    broken = contract_cases.judge(run, "FR-004")
    assert broken.judgement is Judgement.FAIL
    assert "a_requirement_is_ignored" in broken.reason
    assert broken.evidence[0]["request"] == "curl …"
    assert contract_cases.judge(run).judgement is Judgement.FAIL


@pytest.mark.parametrize("ended", [["unknown", "holds"], ["skipped"], []])
def test_what_was_not_decided_is_unknown(synthetic: Any, ended: list[str]) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    for number, one in enumerate(ended):
        run.case(one, name=f"case{number}", got="loadTable is not advertised")
    run = run.done()
    assert contract_cases.judge(run, "FR-001").judgement is Judgement.UNKNOWN
    assert contract_operations.judge(run).judgement is Judgement.UNKNOWN


def test_an_operation_passes_when_its_cases_hold_and_its_answers_have_their_shape(
    synthetic: Any,
) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    run.operation("dropTable")
    run.operation("loadView", advertised=False, phase="views")
    run.case("holds")
    run.case("holds", about="dropTable")
    run.case("skipped", about="loadView")
    verdict = contract_operations.judge(run.done())
    assert (verdict.judgement, verdict.figure) == (Judgement.PASS, "2 of 2 operations")


def test_an_answer_of_the_wrong_shape_in_any_case_fails_its_operation(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    run.operation("dropTable")
    run.case("holds")
    run.case("holds", about="dropTable", schema=WRONG_SHAPE)
    run = run.done()
    verdict = contract_operations.judge(run)
    assert (verdict.judgement, verdict.figure) == (Judgement.FAIL, "1 of 2 operations")
    assert "loadTable" in verdict.reason
    assert "dropTable" not in verdict.reason
    assert contract_schemas.judge(run).judgement is Judgement.FAIL


def test_shapes_pass_only_where_answers_were_held_against_them(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.case("holds", answers=0)
    assert contract_schemas.judge(run.done()).judgement is Judgement.UNKNOWN
    run = synthetic("contract2", scenario=None)
    run.case("holds", answers=3)
    verdict = contract_schemas.judge(run.done())
    assert (verdict.judgement, verdict.judged) == (Judgement.PASS, 3)


def test_a_phase_that_is_not_advertised_fails_and_is_named(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    run.operation("planTableScan", advertised=False, phase="scans")
    run.operation("listFunctions", advertised=False, phase="")
    verdict = contract_phases.judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "scans: planTableScan" in verdict.reason
    assert "listFunctions" not in verdict.reason
    whole = synthetic("contract2", scenario=None)
    whole.operation("loadTable")
    assert contract_phases.judge(whole.done()).judgement is Judgement.PASS


def test_every_case_is_on_the_page_and_a_broken_one_with_its_curl_line(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    run.case("holds", name="one_that_holds")
    run.case("broken", name="one_that_does_not", request="curl 'http://x/<y>'", schema=WRONG_SHAPE)
    html = contract(run.done())
    for text in (
        "one_that_holds",
        "one_that_does_not",
        "curl &quot;$CATALOG&quot;&#x27;/&lt;y&gt;&#x27;",
        "0 of 1 advertised operations pass",
        "/metadata is missing",
    ):
        assert text in html, text


def test_what_a_finding_says_of_a_case_stands_with_the_finding_alone(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    facts = {"expected": "status 404", "got": "status 200"}
    run.case("broken", name="shown", request="curl http://x/told", **facts)
    run.case("broken", name="alike", request="curl http://x/other", **facts | {"got": "status 201"})
    asks = Request(method="GET", path="/told", body="", curl='curl "$CATALOG"/told', answer="")
    finding = Finding(
        cause=Cause(rule="r"),
        title="t",
        requests=(asks,),
        words="the words",
        shown_by=("tables.shown", "tables.alike"),
        again="iceworthy reproduce tables.shown --target t",
        **facts,
    )
    done = run.done()
    alone, both = contract(done), contract(done, [finding])
    told = ("/told", "status 404", "status 200", "the words</dd>", "--case tables.shown")
    others = ("/other", "status 201", "--case tables.alike", "tables.shown", "tables.alike")
    assert [text in alone for text in (*told, *others)] == [True] * 10
    assert [text in both for text in told] == [False] * 5
    assert [text in both for text in others] == [True] * 5
    assert both.count('<a href="#finding-1">finding 1</a>') == 2


def test_cases_of_which_the_same_is_said_are_one_row(synthetic: Any) -> None:
    run = synthetic("contract", scenario=None)
    run.operation("loadTable")
    for name in ("a[1]", "a[2]", "b"):
        run.case("skipped", name=name, got="not advertised")
    run.case("skipped", name="c", got="something else")
    html = contract(run.done())
    assert html.count("not advertised") == 1
    assert "<td>tables.a [1] [2], tables.b</td>" in html
    assert html.count("something else") == 1
