"""Statements of errors: equal where only names, numbers and quoted texts differ."""

from __future__ import annotations

import pytest

from analysis.statements import statement, template


@pytest.mark.parametrize(
    ("message", "path", "said"),
    [
        ("snapshot-id 17 does not exist", "", "snapshot-id … does not exist"),
        (
            "Table does not exist: ns.a%2Fb",
            "/v1/namespaces/ns/tables/a%2Fb",
            "Table does not exist: …",
        ),
        ("Table gone: big table", "/v1/x/tables/big%20table", "Table gone: …"),
        ("a \\\"b\\\" is no 'c'", "", "a … is no …"),
        ("java.lang.Long cannot be cast\\n at x", "", "java.lang.Long cannot be cast"),
    ],
)
def test_a_statement_leaves_out_what_the_request_named(message: str, path: str, said: str) -> None:
    came = 'status 400: {"error":{"code":400,"message":"' + message + '","type":"X"}}'
    assert statement(came, path) == said


def test_a_body_that_was_cut_still_has_its_statement() -> None:
    assert statement('status 500: {"error":{"message":"index row requires 34384 by') == (
        "index row requires … by"
    )
    assert statement("status 500: Internal Server Error") == ""


def test_a_template_is_bounded() -> None:
    assert len(template("word " * 100)) == 120
