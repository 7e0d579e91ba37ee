"""Drops leave nothing behind: after each kind of drop the namespace is empty and can be dropped.

A row that a drop leaves behind is seen by no listing, but the namespace then counts as not empty
for ever: its drop answers 409.
"""

from __future__ import annotations

from collections.abc import Callable

from iceworthy.client.manifest_lists import path_of
from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.view_scenes import make_view, move

Drop = Callable[[Desk, Namespace], None]


def _drop_plainly(desk: Desk, space: Namespace) -> None:
    desk.table(space)
    desk.need(desk.do("dropTable", space, "t"))


def _drop_and_purge(desk: Desk, space: Namespace) -> None:
    desk.table(space)
    reply = desk.do("dropTable", space, "t", query={"purgeRequested": True})
    if 400 <= reply.status < 500:
        desk.skip(f"the target does not purge: {reply.said}")
    desk.need(reply)


def _drop_after_rename(desk: Desk, space: Namespace) -> None:
    desk.table(space)
    desk.need(move(desk, "Table", (space, "t"), (space, "u")))
    desk.need(desk.do("dropTable", space, "u"))


def _drop_where_it_moved(desk: Desk, space: Namespace) -> None:
    """The table leaves the namespace by a rename, and is dropped in the other namespace."""
    other = desk.fresh()
    desk.table(space)
    moved = move(desk, "Table", (space, "t"), (other, "t"))
    if moved.status in (400, 406):
        desk.skip("the target does not move tables across namespaces, as it may")
    desk.need(moved)
    desk.need(desk.do("dropTable", other, "t"))


def _refuse_a_create(desk: Desk, space: Namespace) -> None:
    """A createTable that was refused has made nothing, and a second name is not taken either."""
    desk.table(space)
    desk.refused(desk.do("createTable", space, body=desk.table_body("t", space)))
    desk.need(desk.do("dropTable", space, "t"))


def _unregister(desk: Desk, space: Namespace) -> None:
    desk.table(space)
    desk.need(desk.do("unregisterTable", space, "t"))


def _drop_a_view(desk: Desk, space: Namespace) -> None:
    make_view(desk, space)
    desk.need(desk.do("dropView", space, "v"))


def _drop_a_renamed_view(desk: Desk, space: Namespace) -> None:
    make_view(desk, space)
    desk.need(move(desk, "View", (space, "v"), (space, "w")))
    desk.need(desk.do("dropView", space, "w"))


def _drop_a_child(desk: Desk, space: Namespace) -> None:
    child = desk.namespace((*space, "below"))
    desk.need(desk.do("dropNamespace", child))


TABLE_DROPS: dict[str, Drop] = {
    "a drop": _drop_plainly,
    "a drop with purge": _drop_and_purge,
    "a refused create and a drop": _refuse_a_create,
}
RENAMED: dict[str, Drop] = {
    "a rename and a drop": _drop_after_rename,
    "a move to another namespace": _drop_where_it_moved,
}


def _becomes_empty(desk: Desk, drop: Drop) -> None:
    """Drop the content, then the namespace: it is gone on every node and can be created again."""
    space = desk.fresh()
    drop(desk, space)
    desk.expect(desk.do("dropNamespace", space), 204)
    for node in range(len(desk.live.nodes)):
        desk.expect(desk.do("loadNamespaceMetadata", space, node=node), 404)
    body = {"namespace": list(space), "properties": {}}
    desk.expect(desk.do("createNamespace", body=body), 200)
    desk.expect(desk.do("dropNamespace", space), 204)


@case(
    "dropNamespace",
    uses=("createTable", "dropTable"),
    each=TABLE_DROPS,
    says="409 only if the namespace is not empty",
)
def a_namespace_is_empty_after_its_tables_are_dropped(desk: Desk, drop: Drop) -> None:
    _becomes_empty(desk, drop)


@case(
    "dropNamespace",
    uses=("createTable", "renameTable", "dropTable"),
    each=RENAMED,
    says="409 only if the namespace is not empty",
)
def a_namespace_is_empty_after_a_renamed_table_is_dropped(desk: Desk, drop: Drop) -> None:
    _becomes_empty(desk, drop)


@case(
    "dropNamespace",
    uses=("createTable", "unregisterTable"),
    says="409 only if the namespace is not empty",
)
def a_namespace_is_empty_after_its_table_is_unregistered(desk: Desk) -> None:
    _becomes_empty(desk, _unregister)


@case(
    "dropNamespace",
    uses=("createView", "dropView"),
    says="409 only if the namespace is not empty",
)
def a_namespace_is_empty_after_its_view_is_dropped(desk: Desk) -> None:
    _becomes_empty(desk, _drop_a_view)


@case(
    "dropNamespace",
    uses=("createView", "renameView", "dropView"),
    says="409 only if the namespace is not empty",
)
def a_namespace_is_empty_after_its_renamed_view_is_dropped(desk: Desk) -> None:
    _becomes_empty(desk, _drop_a_renamed_view)


@case(
    "dropNamespace",
    uses=("createNamespace",),
    requirement="FR-003",
    says="409 only if the namespace is not empty",
)
def a_namespace_is_empty_after_its_child_is_dropped(desk: Desk) -> None:
    _becomes_empty(desk, _drop_a_child)


@case(
    "dropTable",
    uses=("createTable", "loadTable"),
    says="without purgeRequested the client did not ask for the table's files to be removed",
    place="dropTable.parameters.purgeRequested",
    reading="a catalog may own the files of its tables, and remove them with each table",
)
def a_plain_drop_leaves_the_metadata_file(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    location = str(desk.load(space).get("metadata-location"))
    path = path_of(location)
    root = desk.warehouse
    if root is None or not path.is_relative_to(root) or not path.is_file():
        desk.skip("the suite cannot read the table's files")
    desk.need(desk.do("dropTable", space, "t"))
    desk.that(
        "the metadata file", path.is_file(), expected=f"{location} is still there", got="it is gone"
    )
