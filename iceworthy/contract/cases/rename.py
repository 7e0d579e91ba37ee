"""Renaming tables: a table has one name, and its content is neither lost nor duplicated."""

from __future__ import annotations

from typing import Any

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.same_metadata import same_properties
from iceworthy.contract.view_scenes import make_view, move, names

PLACE = "renameTable.description"

RENAME = "renameTable"


@case(
    RENAME, uses=("createTable",), says="204; the table exists under the new name only", early=True
)
def a_renamed_table_has_its_new_name_alone(desk: Desk) -> None:
    space = desk.fresh()
    before = desk.table(space, properties={"p": "1"})
    desk.expect(move(desk, "Table", (space, "t"), (space, "u")), 204)
    desk.expect(desk.do("loadTable", space, "t"), 404)
    after = desk.load(space, "u").metadata
    desk.same("table-uuid", before.get("table-uuid"), after.get("table-uuid"))
    desk.same("location", before.get("location"), after.get("location"))
    same_properties(desk, before, after)
    desk.same("names", ["u"], names(desk, space, "Table"))


@case(RENAME, uses=("createTable",), says="a table may be moved to another namespace", early=True)
def a_table_moves_to_another_namespace(desk: Desk) -> None:
    here, there = desk.fresh(), desk.fresh()
    before = desk.table(here)
    reply = move(desk, "Table", (here, "t"), (there, "t"))
    if reply.status in (400, 406):
        desk.skip("the target does not move tables across namespaces, as it may")
    desk.expect(reply, 204)
    desk.expect(desk.do("loadTable", here, "t"), 404)
    desk.same("names", [], names(desk, here, "Table"))
    after = desk.load(there).metadata
    desk.same("table-uuid", before.get("table-uuid"), after.get("table-uuid"))


@case(
    RENAME,
    uses=("createTable",),
    says="409 when the destination exists; nothing is renamed",
    early=True,
)
def a_taken_destination_is_refused_and_nothing_moves(desk: Desk) -> None:
    space = desk.fresh()
    one, two = desk.table(space, "one"), desk.table(space, "two")
    desk.expect(move(desk, "Table", (space, "one"), (space, "two")), 409)
    for name, expected in (("one", one), ("two", two)):
        found = desk.load(space, name).metadata
        desk.same(f"table-uuid of {name}", expected.get("table-uuid"), found.get("table-uuid"))


@case(RENAME, uses=("createTable", "createView"), says="409 when a view has the destination's name")
def a_destination_that_is_a_view_is_refused(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    make_view(desk, space)
    desk.expect(move(desk, "Table", (space, "t"), (space, "v")), 409)
    desk.load(space)
    desk.expect(desk.do("loadView", space, "v"), 200)


@case(RENAME, says="404 when the source does not exist", early=True)
def renaming_an_unknown_table_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    reply = move(desk, "Table", (space, "unknown"), (space, "u"))
    desk.expect(reply, 404, error="NoSuchTableException")
    desk.same("names", [], names(desk, space, "Table"))


@case(
    RENAME,
    uses=("createTable",),
    says="404 when the destination's namespace does not exist",
    early=True,
)
def renaming_into_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    space, unknown = desk.fresh(), (*desk.root, desk.name())
    before = desk.table(space)
    reply = move(desk, "Table", (space, "t"), (unknown, "t"))
    if reply.status in (400, 406):
        desk.skip("the target does not move tables across namespaces, as it may")
    desk.expect(reply, 404, error="NoSuchNamespaceException")
    after = desk.load(space).metadata
    desk.same("table-uuid", before.get("table-uuid"), after.get("table-uuid"))
    desk.is_there("namespaceExists", unknown, there=False)


@case(RENAME, uses=("createTable",), says="the old name can be used again")
def the_old_name_is_free_after_a_rename(desk: Desk) -> None:
    space = desk.fresh()
    first = desk.table(space)
    desk.expect(move(desk, "Table", (space, "t"), (space, "u")), 204)
    second = desk.table(space)
    for name, expected in (("u", first), ("t", second)):
        found = desk.load(space, name).metadata
        desk.same(f"table-uuid of {name}", expected.get("table-uuid"), found.get("table-uuid"))


@case(RENAME, uses=("createTable", "updateTable"), says="a renamed table accepts commits as before")
def a_renamed_table_takes_commits(desk: Desk) -> None:
    space = desk.fresh()
    before = desk.table(space)
    desk.expect(move(desk, "Table", (space, "t"), (space, "u")), 204)
    requirements = [{"type": "assert-table-uuid", "uuid": before.get("table-uuid")}]
    updates = [{"action": "set-properties", "updates": {"p": "1"}}]
    desk.expect(desk.commit(space, "u", updates, requirements), 200)
    desk.expect(desk.commit(space, "t", updates, requirements), 404)
    found = desk.load(space, "u").metadata.get("properties") or {}
    desk.same("property", "1", found.get("p"))


@case(
    RENAME,
    uses=("createTable",),
    needs=("two_nodes",),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_knows_the_new_name_at_once(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(move(desk, "Table", (space, "t"), (space, "u")), 204)
    desk.load(space, "u", node=1)
    desk.expect(desk.do("loadTable", space, "t", node=1), 404)


@case(
    RENAME,
    each={
        "no source": {"destination": {"namespace": ["a"], "name": "b"}},
        "no destination": {"source": {"namespace": ["a"], "name": "b"}},
        "source a text": {"source": "a.b", "destination": {"namespace": ["a"], "name": "c"}},
        "name a number": {
            "source": {"namespace": ["a"], "name": 1},
            "destination": {"namespace": ["a"], "name": "c"},
        },
        "namespace a text": {
            "source": {"namespace": "a", "name": "b"},
            "destination": {"namespace": ["a"], "name": "c"},
        },
        "empty": {},
    },
    says="source and destination are required table identifiers",
)
def a_rename_of_the_wrong_shape_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    desk.refused(desk.do(RENAME, body=body))
