"""Lines of older runs make the findings that typed lines make."""

from __future__ import annotations

from typing import Any

import pytest

from analysis import findings_before as before
from analysis.findings_of_cases import of_case
from analysis.findings_of_requests import of_difference, of_tried
from analysis.pasted_lines import portable
from iceworthy.record.contract_lines import CaseResult, Difference, TriedThing

CURL = """curl -sS -i -X DELETE 'http://127.0.0.1:1/v1/namespaces/a/tables/b' -H 'accept: */*'"""


def case(**facts: Any) -> CaseResult:
    line = {"about": "dropTable", "requirement": "FR-001", "request": CURL}
    line |= {"expected": "status 404", "got": "status 200: {}", **facts}
    return CaseResult(case="tables.dropped", ended="broken", **line)


@pytest.mark.parametrize(
    ("wanted", "came", "key"),
    [
        ("status 404", "status 200: {}", "status dropTable 404 -> 200"),
        ("status 404 or 410", "status 200", "status dropTable 404 or 410 -> 200"),
        ("status 204", "status 503", "status dropTable no 5xx -> 503"),
        ("the name: 'a'", "'b'", "case dropTable tables.dropped"),
        ("status 404 with error type A", "status 404", "case dropTable tables.dropped"),
        ("a status 4xx", "status 200", "status dropTable 4xx -> 200"),
    ],
)
def test_the_cause_of_a_case_is_read_from_its_words(wanted: str, came: str, key: str) -> None:
    assert of_case(case(expected=wanted, got=came)).cause.key == key


def test_a_fuzzed_request_is_read_from_its_words() -> None:
    found = of_tried(
        TriedThing(
            what="fuzz dropTable: server error (12 times; a null body)",
            expected="a 2xx or a 4xx, whatever is sent",
            got="status 503: oops",
            requirement="SC-001",
            works=False,
        )
    )
    assert (found.cause.key, found.count) == ("status dropTable no 5xx -> 503", 12)


def test_a_survey_s_line_is_its_sentence() -> None:
    line = TriedThing(
        what="drop it (3 times)", expected="status 204", got="status 200", requirement=""
    )
    assert of_tried(line).cause.key == "survey drop it (3 times)"


def test_a_difference_of_statuses_is_read_from_its_answers() -> None:
    line = Difference(
        what="w",
        ruling="wrong",
        operation="dropTable",
        kind="status",
        expected="404 NoSuchTable",
        got="200",
    )
    assert of_difference(line).cause.key == "status dropTable 404 -> 200"


def test_the_request_is_read_from_its_curl_line() -> None:
    (request,) = of_case(case()).requests
    assert (request.method, request.path) == ("DELETE", "/v1/namespaces/a/tables/b")
    assert (request.curl, request.answer) == (portable(CURL), "status 200: {}")
    posted = before.sent("curl 'http://h/v1/t' --data-binary '{\"a\": 1}'")
    assert posted is not None
    assert (posted.method, posted.body) == ("POST", '{"a": 1}')
    cut = before.sent("curl 'cut")
    assert cut is not None
    assert cut.method == ""
    assert before.sent("") is None
