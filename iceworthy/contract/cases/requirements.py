"""Requirements of a commit: each type, true and false, combined, and exact to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_scenes import append, branch, put, unchanged

PLACE = "schemas.TableRequirement"

FR = "FR-004"
COMMIT, MADE = "updateTable", ("createTable", "loadTable")
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000001"
Document = dict[str, Any]
Make = Callable[[Document], Document]
Setup = Callable[[Desk], tuple[Namespace, Document]]


def _number(kind: str, key: str, current: str, by: int = 0) -> Make:
    return lambda table: {"type": kind, key: int(table.get(current) or 0) + by}


def _ref(name: str, number: int | None, by: int = 0) -> Document:
    asserted = None if number is None else number + by
    return {"type": "assert-ref-snapshot-id", "ref": name, "snapshot-id": asserted}


def _head(table: Document) -> int:
    return int(table["refs"]["main"]["snapshot-id"])


TRUE: dict[str, Make] = {
    "assert-table-uuid": lambda t: {"type": "assert-table-uuid", "uuid": t.get("table-uuid")},
    "assert-ref-snapshot-id of main": lambda t: _ref("main", _head(t)),
    "assert-ref-snapshot-id of a tag": lambda t: _ref("kept", t["refs"]["kept"]["snapshot-id"]),
    "assert-ref-snapshot-id of no ref": lambda t: _ref("no-such-ref", None),
    "assert-last-assigned-field-id": _number(
        "assert-last-assigned-field-id", "last-assigned-field-id", "last-column-id"
    ),
    "assert-current-schema-id": _number(
        "assert-current-schema-id", "current-schema-id", "current-schema-id"
    ),
    "assert-last-assigned-partition-id": _number(
        "assert-last-assigned-partition-id", "last-assigned-partition-id", "last-partition-id"
    ),
    "assert-default-spec-id": _number(
        "assert-default-spec-id", "default-spec-id", "default-spec-id"
    ),
    "assert-default-sort-order-id": _number(
        "assert-default-sort-order-id", "default-sort-order-id", "default-sort-order-id"
    ),
}
FALSE: dict[str, Make] = {
    "assert-create": lambda t: {"type": "assert-create"},
    "assert-table-uuid": lambda t: {"type": "assert-table-uuid", "uuid": UNKNOWN_UUID},
    "assert-ref-snapshot-id, one more": lambda t: _ref("main", _head(t), 1),
    "assert-ref-snapshot-id, one less": lambda t: _ref("main", _head(t), -1),
    "assert-ref-snapshot-id, null": lambda t: _ref("main", None),
    "assert-ref-snapshot-id of no ref": lambda t: _ref("no-such-ref", _head(t)),
    "assert-ref-snapshot-id of a tag": lambda t: _ref("kept", None),
    "assert-last-assigned-field-id": _number(
        "assert-last-assigned-field-id", "last-assigned-field-id", "last-column-id", 1
    ),
    "assert-current-schema-id": _number(
        "assert-current-schema-id", "current-schema-id", "current-schema-id", 1
    ),
    "assert-last-assigned-partition-id": _number(
        "assert-last-assigned-partition-id", "last-assigned-partition-id", "last-partition-id", 1
    ),
    "assert-default-spec-id": _number(
        "assert-default-spec-id", "default-spec-id", "default-spec-id", 1
    ),
    "assert-default-sort-order-id": _number(
        "assert-default-sort-order-id", "default-sort-order-id", "default-sort-order-id", 1
    ),
}


def _table(desk: Desk) -> tuple[Namespace, Document]:
    """A table with a snapshot on main and a tag on that snapshot."""
    space = desk.fresh()
    desk.table(space)
    number, _ = append(desk, space)
    desk.need(desk.commit(space, "t", [branch(number, "kept", "tag")]))
    return space, desk.load(space).metadata


def _empty_table(desk: Desk) -> tuple[Namespace, Document]:
    """A table without a snapshot, for requirements that are not about snapshots."""
    space = desk.fresh()
    desk.table(space)
    return space, desk.load(space).metadata


def _of_its_kind(makers: dict[str, Make]) -> dict[str, tuple[Setup, Make]]:
    """Each requirement with its scene: only one about a ref needs a table with a snapshot."""
    return {
        name: (_table if name.startswith("assert-ref") else _empty_table, make)
        for name, make in makers.items()
    }


def _taken(desk: Desk, space: Namespace, *requirements: Document) -> None:
    desk.expect(desk.commit(space, "t", [put(k="1")], requirements), 200)
    found = desk.load(space).metadata.get("properties") or {}
    desk.same("property", "1", found.get("k"))


def _refused(desk: Desk, space: Namespace, table: Document, *requirements: Document) -> None:
    reply = desk.commit(space, "t", [put(k="1")], requirements)
    desk.expect(reply, 409, error="CommitFailedException")
    unchanged(desk, space, table)


@case(
    COMMIT,
    requirement=FR,
    uses=MADE,
    each=_of_its_kind(TRUE),
    says="a commit whose requirement holds is applied",
    early=True,
)
def a_requirement_that_holds(desk: Desk, kind: tuple[Setup, Make]) -> None:
    make_table, make = kind
    space, table = make_table(desk)
    _taken(desk, space, make(table))


@case(
    COMMIT,
    requirement=FR,
    uses=MADE,
    each=_of_its_kind(FALSE),
    says="409 CommitFailedException, and no update is applied",
    early=True,
)
def a_requirement_that_does_not_hold(desk: Desk, kind: tuple[Setup, Make]) -> None:
    make_table, make = kind
    space, table = make_table(desk)
    _refused(desk, space, table, make(table))


@case(COMMIT, requirement=FR, uses=MADE, says="all requirements are validated, in any order")
def one_of_many_requirements_that_does_not_hold(desk: Desk) -> None:
    space, table = _table(desk)
    good = [make(table) for make in TRUE.values()]
    bad = _ref("main", None)
    _refused(desk, space, table, bad, *good)
    _refused(desk, space, table, *good, bad)
    _taken(desk, space, *good)


@case(COMMIT, requirement=FR, uses=MADE, says="null: the ref must not exist already", early=True)
def null_holds_while_the_branch_is_missing(desk: Desk) -> None:
    space = desk.fresh()
    table = desk.table(space)
    _refused(desk, space, table, _ref("main", 1))
    _taken(desk, space, _ref("main", None))


@case(
    COMMIT, requirement=FR, uses=MADE, says="requirements are validated before any change is made"
)
def requirements_are_about_the_table_before_the_updates(desk: Desk) -> None:
    space, table = _table(desk)
    order: Document = {
        "order-id": 1,
        "fields": [
            {
                "source-id": 1,
                "transform": "identity",
                "direction": "asc",
                "null-order": "nulls-first",
            }
        ],
    }
    updates: list[Document] = [
        {"action": "add-sort-order", "sort-order": order},
        {"action": "set-default-sort-order", "sort-order-id": -1},
    ]
    after = {"type": "assert-default-sort-order-id", "default-sort-order-id": 1}
    desk.expect(desk.commit(space, "t", updates, [after]), 409)
    unchanged(desk, space, table)
    before = {"type": "assert-default-sort-order-id", "default-sort-order-id": 0}
    desk.expect(desk.commit(space, "t", updates, [before]), 200)


@case(
    COMMIT,
    requirement=FR,
    uses=MADE,
    each={
        "another type": {"type": "iceworthy-no-such-requirement"},
        "a view's": {"type": "assert-view-uuid", "uuid": UNKNOWN_UUID},
        "an update's name": {"type": "set-properties"},
        "no type": {"uuid": UNKNOWN_UUID},
        "a type that is a number": {"type": 5},
        "an empty type": {"type": ""},
    },
    says="400 when an unknown requirement is received, and nothing is applied",
    early=("another type",),
)
def an_unknown_requirement_is_refused(desk: Desk, requirement: Document) -> None:
    space, table = _empty_table(desk)
    reply = desk.expect(desk.commit(space, "t", [put(k="1")], [requirement]), 400)
    desk.same("status, which the document requires", 400, reply.status, reply)
    unchanged(desk, space, table)


@case(
    COMMIT,
    requirement=FR,
    uses=MADE,
    each={
        "no uuid": {"type": "assert-table-uuid"},
        "a uuid that is a number": {"type": "assert-table-uuid", "uuid": 5},
        "no ref": {"type": "assert-ref-snapshot-id", "snapshot-id": None},
        "a snapshot id that is a text": {
            "type": "assert-ref-snapshot-id",
            "ref": "main",
            "snapshot-id": "x",
        },
        "no field id": {"type": "assert-last-assigned-field-id"},
        "a schema id that is a text": {
            "type": "assert-current-schema-id",
            "current-schema-id": "x",
        },
        "no spec id": {"type": "assert-default-spec-id"},
        "a requirement that is a text": "assert-create",
        "null": None,
    },
    says="400 for a requirement of the wrong shape, and nothing is applied",
)
def a_requirement_of_the_wrong_shape_is_refused(desk: Desk, requirement: Any) -> None:
    space, table = _empty_table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1")], [requirement]))
    unchanged(desk, space, table)


@case(
    COMMIT,
    requirement=FR,
    uses=("createTable",),
    says="404 for a table that does not exist",
    early=True,
)
def requirements_of_an_unknown_table(desk: Desk) -> None:
    space = desk.fresh()
    requirement = {"type": "assert-table-uuid", "uuid": UNKNOWN_UUID}
    desk.expect(desk.commit(space, "unknown", [put(k="1")], [requirement]), 404)
    desk.expect(desk.commit(space, "unknown", [put(k="1")]), 404)
    desk.is_there("tableExists", space, "unknown", there=False)


@case(
    COMMIT,
    requirement=FR,
    uses=(*MADE, "dropTable"),
    needs=("two_nodes",),
    says="the requirement is checked against the state that all nodes share",
)
def the_other_node_knows_what_has_changed(desk: Desk) -> None:
    space, table = _table(desk)
    number, _ = append(desk, space, node=1)
    stale = desk.commit(space, "t", [put(k="1")], [_ref("main", _head(table))], node=0)
    desk.expect(stale, 409, error="CommitFailedException")
    _taken(desk, space, _ref("main", number))
    desk.need(desk.do("dropTable", space, "t", node=1))
    desk.table(space)
    other = {"type": "assert-table-uuid", "uuid": table.get("table-uuid")}
    desk.expect(desk.commit(space, "t", [put(k="1")], [other], node=0), 409)
