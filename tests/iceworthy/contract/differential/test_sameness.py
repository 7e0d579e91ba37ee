"""What is free is no difference; everything else is."""

from __future__ import annotations

from typing import Any

import pytest

from iceworthy.contract.differential.diff import Answered, Twins, differences


def _table(uuid: str, home: str, **more: Any) -> dict[str, Any]:
    return {
        "metadata-location": f"{home}/metadata/1.json",
        "metadata": {
            "table-uuid": uuid,
            "location": home,
            "last-updated-ms": 1_000_000,
            "properties": {"k": "1"},
            **more,
        },
    }


def _found(ours: Any, theirs: Any, twins: Twins | None = None) -> list[tuple[str, str]]:
    answers = Answered(status=200, body=ours), Answered(status=200, body=theirs)
    return [(d.kind, d.path) for d in differences(*answers, twins or Twins())]


def test_uuids_locations_and_the_time_are_free() -> None:
    theirs = _table("b", "s3://bucket/x", **{"last-updated-ms": 1_002_000, "refs": {}})
    assert _found(_table("a", "file:///w/t-a"), theirs) == []


def test_one_uuid_of_the_target_cannot_stand_for_two_of_the_reference() -> None:
    twins = Twins()
    assert _found(_table("a", "file:///1"), _table("x", "s3://1"), twins) == []
    other = _table("b", "file:///2"), _table("x", "s3://2")
    other[1]["metadata-location"] = "s3://2/metadata/2.json"
    assert ("identity", "metadata.table-uuid") in _found(*other, twins)


def test_a_location_that_moved_here_must_move_there() -> None:
    twins = Twins()
    assert (
        _found({"metadata": {"location": "file:///t"}}, {"metadata": {"location": "s3://t"}}, twins)
        == []
    )
    moved = {"metadata": {"location": "file:///t/moved"}}
    assert _found(moved, {"metadata": {"location": "s3://t/moved"}}, twins) == []
    assert _found(
        moved,
        {"metadata": {"location": "s3://t"}},
        Twins(
            ours={"file:///t": "s3://t"},
            theirs={"s3://t": "file:///t"},
        ),
    ) == [("value", "metadata.location")]


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "path"),
    [
        ({"properties": {"k": "1"}}, {"properties": {}}, "missing", "properties.k"),
        ({"properties": {}}, {"properties": {"k": "1"}}, "extra", "properties.k"),
        ({"names": [["a"], ["b"]]}, {"names": [["b"]]}, "value", "names"),
        ({"names": [["a"]]}, {"names": [["a"], ["a"]]}, "value", "names"),
        (
            {"metadata": {"current-schema-id": 0}},
            {"metadata": {"current-schema-id": False}},
            "value",
            "metadata.current-schema-id",
        ),
    ],
)
def test_what_is_not_free_differs(ours: Any, theirs: Any, kind: str, path: str) -> None:
    assert _found(ours, theirs) == [(kind, path)]


def test_the_order_of_names_and_of_schemas_is_free() -> None:
    assert _found({"names": [["a"], ["b"]]}, {"names": [["b"], ["a"]]}) == []
    one, two = {"schema-id": 0, "fields": []}, {"schema-id": 1, "fields": [1]}
    assert _found({"metadata": {"schemas": [one, two]}}, {"metadata": {"schemas": [two, one]}}) == (
        []
    )


def test_a_status_differs_before_anything_else_is_looked_at() -> None:
    ours, theirs = Answered(status=200, body={}), Answered(status=409, error_type="Taken")
    (found,) = differences(ours, theirs, Twins())
    assert (found.kind, found.ours, found.theirs) == ("status", "200", "409 Taken")
