"""Answers and requests against the contract's schemas, lawful and not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iceworthy.specification import (
    OPERATIONS,
    match,
    operation,
    validate_request,
    validate_response,
)
from iceworthy.specification.schemas import SCHEMAS
from iceworthy.specification.validation import references

METADATA = {"format-version": 2, "table-uuid": "u", "location": "file:/t"}


def error(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": "m", "type": "T", "code": code}, **more}


def answer(operation_id: str, status: int, body: Any) -> list[str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return validate_response(operation_id, status, data)


def test_every_name_that_is_referred_to_is_a_schema() -> None:
    named = {name for schema in SCHEMAS.values() for name in references(schema)}
    asked = {name for one in OPERATIONS for name in (one.request, *one.responses.values()) if name}
    assert not (named | asked) - set(SCHEMAS)
    assert not set(SCHEMAS) - named - asked


@pytest.mark.parametrize(
    ("operation_id", "status", "body"),
    [
        ("listNamespaces", 200, {"namespaces": [["a", "b"]], "next-page-token": None}),
        ("listNamespaces", 404, error(404)),
        ("dropTable", 409, error(409)),
        ("updateProperties", 409, error(409)),
        ("loadTable", 200, {"metadata": METADATA, "metadata-location": None, "more": 1}),
        ("loadTable", 304, b""),
        ("dropTable", 204, b""),
        ("tableExists", 404, b""),
        ("updateTable", 599, error(599)),
        ("listTables", 429, error(429)),
        ("loadView", 404, error(404)),
        ("loadView", 404, error(404)["error"]),
        ("getToken", 401, {"error": "invalid_client"}),
        ("fetchPlanningResult", 200, {"status": "failed", **error(400)}),
    ],
)
def test_lawful_answers_have_no_problem(operation_id: str, status: int, body: Any) -> None:
    assert answer(operation_id, status, body) == []


@pytest.mark.parametrize(
    ("operation_id", "status", "body", "place"),
    [
        ("listNamespaces", 200, {"namespaces": [["a", 1]]}, "/namespaces/0/1: "),
        ("listNamespaces", 200, b"{", "not JSON"),
        ("listNamespaces", 200, b"", "no body"),
        ("listNamespaces", 200, b'{"next-page-token": "\xff"}', "not JSON in UTF-8"),
        ("listNamespaces", 404, error(409), "/error/code: 409"),
        ("listNamespaces", 404, error(404, more=1), "more"),
        ("listNamespaces", 409, error(409), "status 409 is not among those of listNamespaces"),
        ("createNamespace", 201, {"namespace": ["a"]}, "status 201"),
        ("createTable", 304, b"", "status 304"),
        ("dropTable", 204, b"{}", "a body of 2 bytes"),
        ("listTables", 429, {"detail": "slow"}, "/: "),
        ("loadView", 404, {"error": "gone"}, "/: "),
        (
            "loadTable",
            200,
            {"metadata": {**METADATA, "last-updated-ms": 1 << 63}},
            "/metadata/last-updated-ms: ",
        ),
        (
            "loadTable",
            200,
            {"metadata": {**METADATA, "sort-orders": [{"fields": []}]}},
            "/metadata/sort-orders/0: ",
        ),
        ("planTableScan", 200, {"status": "completed"}, "plan-id"),
        ("planTableScan", 200, {"status": "done"}, "/status: "),
    ],
)
def test_an_unlawful_answer_is_told_with_its_place(
    operation_id: str, status: int, body: Any, place: str
) -> None:
    problems = answer(operation_id, status, body)
    assert problems
    assert place in problems[0]


def test_a_request_is_held_without_the_fields_that_the_server_gives() -> None:
    body = {"name": "t", "schema": {"type": "struct", "fields": []}, "write-order": {"fields": []}}
    assert validate_request("createTable", json.dumps(body).encode()) == []
    del body["name"]
    assert "name" in validate_request("createTable", json.dumps(body).encode())[0]


def test_an_update_is_held_against_the_schema_that_its_action_names() -> None:
    body = {"requirements": [{"type": "assert-nothing"}], "updates": [{"action": "set-location"}]}
    problems = validate_request("updateTable", json.dumps(body).encode())
    assert [problem.split(": ")[0] for problem in problems] == [
        "/requirements/0/type",
        "/updates/0",
    ]
    assert "location" in problems[1]


def test_no_more_problems_are_told_than_asked_for() -> None:
    body = json.dumps({"namespaces": [[n] for n in range(100)]}).encode()
    assert len(validate_response("listNamespaces", 200, body, most=3)) == 4


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/config", "getConfig"),
        ("POST", "/tables/rename", "renameTable"),
        ("GET", "/namespaces/a%1Fb/tables/t?snapshots=a/b", "loadTable"),
        ("HEAD", "/namespaces/a", "namespaceExists"),
        ("DELETE", "/namespaces/a/tables/t/plan/1", "cancelPlanning"),
    ],
)
def test_a_request_is_matched_to_its_operation(method: str, path: str, wanted: str) -> None:
    assert match(method, path) is operation(wanted)


def test_what_no_operation_has_is_matched_to_none() -> None:
    assert match("PUT", "/namespaces/a") is None
    assert match("GET", "/namespaces/a/b") is None


@pytest.mark.parametrize(
    ("status", "media", "lawful"),
    [
        (400, "text/plain; charset=utf-8", True),
        (400, None, True),
        (400, "application/json", False),
        (400, "text/html", False),
        (404, "text/plain", False),
    ],
)
def test_a_400_may_be_plain_text_of_the_servers_middleware(
    status: int, media: str | None, lawful: bool
) -> None:
    found = validate_response("createTable", status, b"Bad Request: no name", media=media)
    assert (found == []) is lawful


@pytest.mark.parametrize(
    ("number", "problems"),
    [("9" * 400, []), ("-1e999", []), ("1.5", []), ("NaN", ["not JSON"]), ("01", ["not JSON"])],
)
def test_a_number_beyond_a_double_is_json(number: str, problems: list[str]) -> None:
    error = f'{{"message": "no", "type": "T", "code": 404, "of": {number}}}'
    body = f'{{"error": {error}}}'.encode()
    found = validate_response("loadTable", 404, body)
    assert len(found) == len(problems), found
    assert all(words in found[0] for words in problems)


def test_a_long_value_leaves_the_words_about_it_whole() -> None:
    body = json.dumps({"detail": ["x" * 1000]}).encode()
    (told,) = validate_response("createTable", 422, body)
    assert told.endswith("is not valid under any of the schemas listed in the 'anyOf' keyword")
    assert len(told) < 300
