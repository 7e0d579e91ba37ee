"""Two documents of one table are compared without what a catalog may change by itself."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken
from iceworthy.contract.same_metadata import same_metadata, same_properties
from iceworthy.contract.table_scenes import same_log, wider_schema
from tests.iceworthy.contract.conftest import Server

ADDED = {"catalog.commit": "7", "owner": "catalog"}
TABLE: dict[str, Any] = {"table-uuid": "u", "properties": {"k": "1", "catalog.commit": "6"}}
COMMITTED = {"refs": {"main": {"type": "branch", "snapshot-id": 2}}}


@pytest.fixture
def adding(whole_desk: Desk, server: Server) -> Desk:
    """A catalog that adds properties to each table and view."""
    metadata = {"table-uuid": "new", "properties": ADDED}
    server.otherwise = 200, orjson.dumps({"namespace": ["a"], "metadata": metadata})
    return whole_desk


@pytest.mark.parametrize(
    "now",
    [
        TABLE,
        {**TABLE, "properties": {"k": "1", "catalog.commit": "9"}},
        {**TABLE, "properties": {"k": "1"}},
        {**TABLE, "refs": {}, "snapshots": [], "snapshot-log": [], "current-snapshot-id": -1},
    ],
)
def test_what_the_catalog_adds_and_what_is_empty_is_no_difference(
    adding: Desk, now: dict[str, Any]
) -> None:
    same_metadata(adding, TABLE, now)
    same_metadata(adding, now, TABLE)
    same_properties(adding, TABLE, now)


@pytest.mark.parametrize(
    "now",
    [
        {**TABLE, "table-uuid": "v"},
        {**TABLE, "properties": {"catalog.commit": "6"}},
        {**TABLE, "properties": {"k": "2", "catalog.commit": "6"}},
        {**TABLE, "properties": {**TABLE["properties"], "other": "1"}},
        {**TABLE, "refs": {"main": {"type": "branch", "snapshot-id": 1}}},
        {**TABLE, "current-snapshot-id": 5},
        {**TABLE, "location": ""},
        {**TABLE, "last-sequence-number": 0},
    ],
)
def test_another_difference_breaks_the_case(adding: Desk, now: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        same_metadata(adding, TABLE, now)
    with pytest.raises(Broken):
        same_metadata(adding, now, TABLE)


def test_a_number_is_no_truth_value(adding: Desk) -> None:
    with pytest.raises(Broken):
        same_metadata(adding, {"format-version": 1}, {"format-version": True})


@pytest.mark.parametrize(
    ("log", "expected", "checked"),
    [([], [1, 2], False), ([1, 2], [1, 2], True), ([2], [1, 2], None), ([], [], False)],
)
def test_a_log_that_is_not_kept_is_not_checked(
    desk: Desk, log: list[int], expected: list[int], checked: bool | None
) -> None:
    found = {**COMMITTED, "snapshot-log": [{"snapshot-id": one} for one in log]}
    if checked is None:
        with pytest.raises(Broken):
            same_log(desk, expected, found)
    else:
        assert same_log(desk, expected, found) is checked


def test_a_log_that_was_kept_is_not_lost(desk: Desk) -> None:
    before = {**COMMITTED, "snapshot-log": [{"snapshot-id": 1}]}
    with pytest.raises(Broken):
        same_log(desk, [2], COMMITTED, before)


def test_a_schema_is_added_under_an_id_that_no_schema_has() -> None:
    schemas = [{"schema-id": number, "fields": []} for number in (0, 4)]
    table = {"schemas": schemas, "current-schema-id": 0, "last-column-id": 3}
    added = wider_schema(table)
    assert added["schema-id"] == 5
    assert [one["id"] for one in added["fields"]] == [4]
    assert schemas[0]["fields"] == []
