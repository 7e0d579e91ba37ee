"""Findings: of judges and of single requests alike, one for each cause, none without a fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.findings_of_cases import of_case
from analysis.findings_of_requests import of_difference, of_shape, of_tally, of_tried
from analysis.judge import judge_review
from analysis.pasted_lines import portable
from analysis.report import render
from iceworthy.record.contract_lines import (
    CaseResult,
    Difference,
    Misshapen,
    SentRequest,
    TriedThing,
)
from iceworthy.record.findings_file import read_findings
from iceworthy.record.history import NULL_PARENT
from iceworthy.record.verdicts import read_review_verdicts
from iceworthy.words.finding import Finding, Harm, grouped

SENT = SentRequest(method="DELETE", path="/v1/x", headers={"X": "$KEY"}, body="{}", curl="curl x")
CURL = """curl -sS -i -X DELETE 'http://127.0.0.1:1/v1/namespaces/a/tables/b' -H 'accept: */*'"""
FUZZED = TriedThing(
    what="in words",
    expected="a 2xx or a 4xx, whatever is sent",
    got="oops",
    requirement="SC-001",
    works=False,
    check="fuzz",
    operation="dropTable",
    kind="server error",
    given=503,
)


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., tuple[Finding, ...]]:
    """Judges what was written below tmp_path/experiments, and reads findings.json."""

    def judge(**facts: Any) -> tuple[Finding, ...]:
        told = {"target": "reference", "target_name": "reference", "seed": 7, **facts}
        (tmp_path / "review.json").write_text(json.dumps(told))
        judge_review(tmp_path)
        return read_findings(tmp_path)

    return judge


def case(name: str, **facts: Any) -> CaseResult:
    line = {"about": "dropTable", "requirement": "FR-001", "says": "404", "request": CURL}
    line |= {
        "expected": "status 404",
        "got": "status 200: {}",
        "expected_statuses": (404,),
        "given": 200,
    }
    line |= {"sent": SENT, **facts}
    return CaseResult(case=f"tables.{name}", ended="broken", **line)


def test_two_cases_of_one_cause_are_one_finding() -> None:
    one, other = of_case(case("dropped")), of_case(case("gone", requirement="FR-004"))
    (both,) = grouped([one, other])
    assert both.cause.key == "status dropTable 404 -> 200"
    assert (both.count, both.requirements) == (2, ("FR-001", "FR-004"))
    assert both.shown_by == ("tables.dropped", "tables.gone")
    assert len(grouped([one, of_case(case("x", given=400))])) == 2


def test_a_server_error_is_one_cause_whoever_met_it() -> None:
    lines = [
        of_case(case("dropped", given=503)),
        of_case(case("body", expected_statuses=(), given=503)),
        of_tried(replace(FUZZED, times=12)),
        of_difference(
            Difference(
                what="a status",
                ruling="wrong",
                operation="dropTable",
                kind="status",
                expected="204",
                got="503 ServerError",
                expected_statuses=(204,),
                given=503,
            )
        ),
        *of_tally(
            "no error", [{"operation": "dropTable", "answer": "503", "count": 4, "op": "load-0:1"}]
        ),
    ]
    (all_of_them,) = grouped(lines)
    assert all_of_them.cause.key == "status dropTable no 5xx -> 503"
    assert all_of_them.count == 1 + 1 + 12 + 1 + 4
    assert all_of_them.operations == ("load-0:1",)


def test_a_title_says_the_operation_the_expected_and_the_given_answer() -> None:
    tally = [{"operation": "dropTable", "answer": "503", "count": 4, "op": "load-0:1"}]
    facts = {"what": "a status", "ruling": "wrong", "operation": "dropTable", "kind": "status"}
    differs = Difference(**facts, expected="404 NoSuchTable", got="200")
    in_body = replace(differs, kind="body", expected_statuses=(), given=0)
    titles = [
        *(one.title for one in of_tally("no error", tally)),
        of_difference(in_body).title,
        of_difference(replace(differs, expected_statuses=(404,), given=200)).title,
        of_difference(replace(differs, operation="", kind="", expected="", got="")).title,
        of_tried(replace(FUZZED, expected="a 2xx or a 4xx")).title,
        of_shape(Misshapen(operation="tableExists", status=200)).title,
    ]
    assert titles == [
        "dropTable under load: expected no error, got 503",
        "dropTable, body: expected 404 NoSuchTable, got 200",
        "dropTable, status: expected 404, got 200",
        "a status",
        "dropTable answers an odd request with a server error: expected a 2xx or a 4xx, got 503",
        "tableExists answers a status that the document does not have for it: "
        "expected 204, got 200",
    ]


def test_cases_that_fail_in_the_body_group_by_the_part_that_differs_and_not_by_value() -> None:
    facts = {"expected": "the name: 'a'", "got": "'b'", "expected_statuses": ()}
    labels = [of_case(case(f"renamed[{label}]", **facts)) for label in "xy"]
    assert len(grouped([*labels, of_case(case("moved", **facts))])) == 1
    assert len(grouped([*labels, of_case(case("x", **facts | {"expected": "its id: 1"}))])) == 2
    assert labels[0].cause.key == "state dropTable the name"


def test_what_words_say_of_a_status_does_not_count() -> None:
    told = of_case(case("x", expected_statuses=(), expected="status 404", got="status 200"))
    assert told.cause.rule == "state"


def test_bodies_that_fit_none_of_the_forms_are_one_cause_whatever_is_in_them() -> None:
    def refused(body: str) -> Finding:
        wrong = "is not valid under any of the schemas listed in the 'anyOf' keyword"
        problems = (f"/: {body} {wrong}",)
        return of_shape(Misshapen(operation="createTable", status=422, problems=problems))

    cut = '{"detail":[{"input":{"name":"bad"},"msg":"Field…'
    bodies = ('{"detail":[{"loc":["body","name"],"msg":"no: a text"}]}', '{"detail":[]}', cut)
    (one,) = grouped(map(refused, bodies))
    assert one.count == 3
    assert one.title == (
        "createTable: errors are not as the schema says: /: the body is not valid under any of "
        "the schemas listed in the 'anyOf' keyword"
    )


def test_a_server_error_is_no_status_that_the_document_lacks() -> None:
    problems = ("the body is not JSON in UTF-8: unexpected character",)
    shape = Misshapen(operation="createTable", status=500, problems=problems)
    assert of_shape(shape).title == f"createTable: errors are not as the schema says: {problems[0]}"


def test_answers_of_one_misshape_group_by_their_path_without_numbers() -> None:
    def shape(at: int, value: str) -> Finding:
        problem = f'/metadata/schemas/{at}: "{value}" is not of type "integer"'
        return of_shape(Misshapen(operation="loadTable", status=200, problems=(problem,)))

    (one,) = grouped([shape(0, "x"), shape(3, "y")])
    assert (one.cause.path, one.cause.operation) == ("/metadata/schemas/N", "")
    lacks = of_shape(Misshapen(operation="loadTable", status=200, problems=("a required field",)))
    assert len(grouped([one, lacks])) == 2


def test_a_finding_keeps_the_request_as_it_was_sent() -> None:
    (request,) = of_case(case("dropped")).requests
    assert (request.method, request.path, request.body) == ("DELETE", "/v1/x", "{}")
    assert request.headers == (("X", "$KEY"),)
    assert (request.curl, request.answer) == (portable(CURL), "status 200: {}")
    assert of_case(case("x", sent=None, request="")).requests == ()


def test_wrong_answers_to_odd_requests_are_one_cause_for_each_place_in_the_body() -> None:
    """A catalog that shows what it was sent is wrong there in as many ways as it is asked."""
    kinds = [
        "/metadata/schemas {…:N} is not of type …",
        '/metadata/schemas "id" is a required property',
        "/metadata/versions […] is not of type …",
        "accepted …",
        "accepted … and more",
    ]
    lines = [replace(FUZZED, kind=kind, given=200, expected_statuses=()) for kind in kinds]
    found = grouped(map(of_tried, lines))
    assert sorted(one.count for one in found) == [1, 1, 1, 2]
    assert any("is wrong in /metadata/schemas: {…:" in one.title for one in found)


def test_a_thing_that_was_tried_is_told_apart_by_operation_and_kind() -> None:
    facts = {"expected": "200", "got": "x", "requirement": "FR-001", "given": 0}
    lines = [
        TriedThing(what=f"the namespace {name}", operation=operation, **facts)
        for name, operation in (("a", "createNamespace"), ("b", "createNamespace"), ("c", "x"))
    ]
    assert [one.count for one in grouped(map(of_tried, lines))] == [2, 1]


def test_a_difference_of_statuses_has_the_cause_of_a_case() -> None:
    line = Difference(
        what="a status",
        ruling="wrong",
        operation="dropTable",
        kind="status",
        expected="404 NoSuchTable",
        got="200",
        expected_statuses=(404,),
        given=200,
    )
    assert of_difference(line).cause == of_case(case("dropped")).cause


def test_a_broken_case_that_two_judges_count_is_one_failure(
    synthetic: Callable[..., Any], found: Callable[..., tuple[Finding, ...]]
) -> None:
    run = synthetic("contract", scenario=None, inquiry="x")
    for name in ("dropped", "gone"):
        run.case("broken", about="dropTable", name=name, expected_statuses=[404], given=200)
    run.case("holds", about="loadTable")
    run.operation("dropTable")
    run.operation("loadTable")
    run.done()
    (one,) = found(experiments=["contract"])
    assert one.cause.key == "status dropTable 404 -> 200"
    assert (one.count, one.requirements) == (2, ("FR-001", "SC-001"))
    assert one.experiments == ("contract",)
    assert one.words == "the words"
    assert one.again == ("iceworthy reproduce tables.dropped --target reference --seed 7")


def test_a_checker_s_fail_names_operations_and_requirements(
    synthetic: Callable[..., Any], found: Callable[..., tuple[Finding, ...]], tmp_path: Path
) -> None:
    run = synthetic("contention").calm()
    key = "hot\x1ftable"
    run.op("createTable", 3.0, key=key)
    for value, session in ((11, 901), (12, 902)):
        run.op(
            "updateTable",
            4.0,
            key=key,
            value=value,
            parent=NULL_PARENT,
            session=session,
            chain=[value],
        )
    run.done()
    all_found = found(experiments=["contention"])
    one = next(one for one in all_found if one.cause.rule == "cas_exclusivity")
    assert one.operations
    assert all(op.startswith("load-0:") for op in one.operations)
    assert {"FR-004", "EC-2"} <= set(one.requirements)
    assert one.count >= 1
    assert one.first_ns is not None
    assert one.since == "4.0 s after the load of contention began"
    assert one.harm is Harm.TORN
    assert one.again.startswith("iceworthy run mix --experiment contention --target reference")
    assert all(one.expected and one.words for one in all_found)
    page = render(tmp_path).read_text()
    assert "<section id=findings>" in page
    assert "cas_exclusivity commits that assert" in page
    assert f"## Findings: the worst of {len(all_found)}" in (tmp_path / "report.md").read_text()


def test_a_passing_run_has_no_finding(
    synthetic: Callable[..., Any], found: Callable[..., tuple[Finding, ...]], tmp_path: Path
) -> None:
    run = synthetic("steady").calm()
    run.access_log()
    run.done()
    assert found(experiments=["steady"]) == ()
    assert 'id="findings"' not in render(tmp_path).read_text()
    assert "Findings" not in (tmp_path / "report.md").read_text()


def test_a_fail_that_is_withheld_makes_no_finding(
    synthetic: Callable[..., Any], found: Callable[..., tuple[Finding, ...]]
) -> None:
    run = synthetic("contract", scenario=None, inquiry="x", complete=False)
    run.case("broken", expected="status 404", got="status 200")
    run.done()
    assert found(experiments=["contract"]) == ()


def test_every_fail_of_a_recorded_review_has_a_finding(recorded: Path) -> None:
    judge_review(recorded)
    findings = read_findings(recorded)
    rows = read_review_verdicts(recorded).requirements
    failed = {row.id for row in rows if row.verdict == "fail"}
    assert failed
    assert failed == {name for one in findings for name in one.requirements}
