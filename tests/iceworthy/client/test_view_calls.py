"""Bodies of calls about views fit the document, and their paths those of its operations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iceworthy.client.view_calls import (
    create_view,
    drop_view,
    list_views,
    rename_view,
    replace_view,
)
from iceworthy.client.wire import Call, Wire
from iceworthy.record.history import UNIT
from iceworthy.specification.operations import operation
from iceworthy.specification.validation import validate_request

WIRE = replace(Wire(), base="/b", prefix="p")
CALLS = (
    create_view(WIRE, ("a", "b"), "v w"),
    replace_view(WIRE, ("a", "b"), "v w", 2),
    rename_view(WIRE, ("a", "b"), "v w", ("a",), "x"),
)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call.operation))
def test_bodies_fit_the_document(call: Call) -> None:
    assert call.body is not None
    assert validate_request(call.operation, call.body) == []


@pytest.mark.parametrize(
    "call", [*CALLS, drop_view(WIRE, ("a", "b"), "v w")], ids=lambda call: str(call.operation)
)
def test_each_call_is_that_of_its_operation(call: Call) -> None:
    known = operation(call.operation)
    parts = (("a", "b"), "v w")[: known.template.count("{") - 1]
    assert (call.method, call.path) == (known.method, WIRE.path_of(known.template, *parts))
    assert call.key == f"a{UNIT}b/v w"


def test_a_page_token_is_written_as_a_query() -> None:
    assert list_views(WIRE, ("a",)).path == "/b/v1/p/namespaces/a/views"
    assert list_views(WIRE, ("a",), page_token="x/1").path.endswith("/views?pageToken=x%2F1")


def test_each_version_of_a_view_has_another_query() -> None:
    bodies = {replace_view(WIRE, ("a",), "v", number).body for number in (2, 3)}
    assert len(bodies) == 2
