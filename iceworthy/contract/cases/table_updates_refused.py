"""Table updates that are refused without effect: unknown, of the wrong shape, contradictory."""

from __future__ import annotations

from typing import Any

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED
from iceworthy.contract.table_scenes import (
    Document,
    put,
    simple_table,
    unchanged,
    use_number,
    widen,
)

PLACE = "updateTable.description"

COMMIT, MADE = "updateTable", ("createTable", "loadTable")
UNKNOWN: dict[str, Any] = {
    "another action": {"action": "iceworthy-no-such-update"},
    "a requirement's name": {"action": "assert-create"},
    "no action": {"updates": {"k": "2"}},
    "an action that is a number": {"action": 5},
}


SHAPES: dict[str, Any] = {
    "assign-uuid": {"action": "assign-uuid"},
    "upgrade-format-version": {"action": "upgrade-format-version", "format-version": "x"},
    "add-schema": {"action": "add-schema", "schema": "x"},
    "set-current-schema": {"action": "set-current-schema"},
    "add-spec": {"action": "add-spec", "spec": {"spec-id": 1}},
    "set-default-spec": {"action": "set-default-spec", "spec-id": "x"},
    "add-sort-order": {"action": "add-sort-order"},
    "set-default-sort-order": {"action": "set-default-sort-order"},
    "add-snapshot": {"action": "add-snapshot", "snapshot": {"snapshot-id": 5}},
    "set-snapshot-ref": {"action": "set-snapshot-ref", "ref-name": "x", "type": "branch"},
    "remove-snapshots": {"action": "remove-snapshots", "snapshot-ids": "x"},
    "remove-snapshot-ref": {"action": "remove-snapshot-ref"},
    "set-location": {"action": "set-location"},
    "set-properties": {"action": "set-properties", "updates": {"k": 5}},
    "remove-properties": {"action": "remove-properties", "removals": "k"},
    "set-statistics": {"action": "set-statistics", "statistics": {"snapshot-id": 5}},
    "remove-statistics": {"action": "remove-statistics"},
    "set-partition-statistics": {"action": "set-partition-statistics"},
    "remove-partition-statistics": {"action": "remove-partition-statistics", "snapshot-id": "x"},
    "remove-partition-specs": {"action": "remove-partition-specs", "spec-ids": 5},
    "remove-schemas": {"action": "remove-schemas", "schema-ids": ["x"]},
    "remove-encryption-key": {"action": "remove-encryption-key"},
    "add-encryption-key": {"action": "add-encryption-key", "encryption-key": {}},
    "an update that is a text": "set-properties",
    "null": None,
}


@case(
    COMMIT,
    uses=MADE,
    says="all updates or none: if one is wrong, none is applied",
    each=("first", "last"),
)
def a_wrong_update_leaves_nothing_of_the_others(desk: Desk, place: str) -> None:
    space, first = simple_table(desk)
    good: list[Document] = [
        put(k="1"),
        widen(first),
        use_number("current-schema"),
    ]
    bad = [use_number("default-spec", 77)]
    desk.refused(desk.commit(space, "t", [*bad, *good] if place == "first" else [*good, *bad]))
    unchanged(desk, space, first)


@case(
    COMMIT,
    uses=MADE,
    each=UNKNOWN,
    says="400 when an unknown update is received, and nothing is applied",
    early=("another action",),
)
def an_unknown_update_is_refused(desk: Desk, update: Document) -> None:
    space, first = simple_table(desk)
    reply = desk.expect(desk.commit(space, "t", [put(k="1"), update]), 400)
    desk.same("status, which the document requires", 400, reply.status, reply)
    unchanged(desk, space, first)


@case(
    COMMIT,
    uses=MADE,
    each=SHAPES,
    says="400 for an update of the wrong shape, and nothing is applied",
    reading={"set-properties": COERCED},
)
def an_update_of_the_wrong_shape_is_refused(desk: Desk, update: Any) -> None:
    space, first = simple_table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1"), update]))
    unchanged(desk, space, first)


@case(
    COMMIT,
    uses=MADE,
    each={
        "add-view-version": {
            "action": "add-view-version",
            "view-version": {
                "version-id": 1,
                "timestamp-ms": 1,
                "schema-id": 0,
                "summary": {},
                "representations": [],
                "default-namespace": ["a"],
            },
        },
        "set-current-view-version": {"action": "set-current-view-version", "view-version-id": -1},
    },
    says="a 4xx for an update of views, and nothing is applied",
)
def an_update_of_views_is_refused(desk: Desk, update: Document) -> None:
    space, first = simple_table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1"), update]))
    unchanged(desk, space, first)


@case(
    COMMIT,
    uses=MADE,
    each={
        "add-spec": {
            "action": "add-spec",
            "spec": {
                "spec-id": 6,
                "fields": [{"source-id": 99, "name": "x", "transform": "identity"}],
            },
        },
        "add-sort-order": {
            "action": "add-sort-order",
            "sort-order": {
                "order-id": 1,
                "fields": [
                    {
                        "source-id": 99,
                        "transform": "identity",
                        "direction": "asc",
                        "null-order": "nulls-first",
                    }
                ],
            },
        },
        "a field id twice": {
            "action": "add-schema",
            "schema": {
                "type": "struct",
                "fields": [
                    {"id": 1, "name": "a", "required": False, "type": "int"},
                    {"id": 1, "name": "b", "required": False, "type": "int"},
                ],
            },
        },
        "a name twice": {
            "action": "add-schema",
            "schema": {
                "type": "struct",
                "fields": [
                    {"id": 1, "name": "a", "required": False, "type": "int"},
                    {"id": 2, "name": "a", "required": False, "type": "int"},
                ],
            },
        },
        "set-snapshot-ref": {
            "action": "set-snapshot-ref",
            "ref-name": "x",
            "type": "branch",
            "snapshot-id": 99,
        },
    },
    says="a 4xx for an update that no table can have, and nothing is applied",
)
def an_update_that_contradicts_the_table_is_refused(desk: Desk, update: Document) -> None:
    space, first = simple_table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1"), update]))
    unchanged(desk, space, first)
