"""Tables are registered by a metadata file, and unregistered while their files are kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson

from iceworthy.client.asker import Reply
from iceworthy.client.manifest_lists import path_of
from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED, refused_or_unreadable
from iceworthy.contract.table_metadata import snapshot_ids
from iceworthy.contract.table_scenes import append, left_behind, put, unchanged
from iceworthy.contract.view_scenes import make_view

PLACE = "schemas.RegisterTableRequest"

REGISTER, UNREGISTER = "registerTable", "unregisterTable"
MADE = ("createTable", "dropTable")
FILES: dict[str, Any] = {
    "empty": b"",
    "cut off": b'{"format-version":2,"table-uuid":',
    "no JSON": b"metadata",
    "a list": b"[]",
    "no fields": b"{}",
    "format version 9": lambda table: table | {"format-version": 9},
    "no format version": lambda table: _without(table, "format-version"),
    "no schemas": lambda table: _without(table, "schemas"),
    "a location that is a number": lambda table: table | {"location": 5},
}


def _without(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}


def _register(desk: Desk, space: Namespace, location: Any, name: str = "r", **more: Any) -> Reply:
    body = {"name": name, "metadata-location": location} | more
    return desk.do(REGISTER, space, body=body)


@case(REGISTER, uses=MADE, says="the table is registered with the metadata in its file")
def a_dropped_table_is_registered_as_it_was(desk: Desk) -> None:
    space, location, was = left_behind(desk)
    reply = desk.expect(_register(desk, space, location), 200)
    for found in (reply, desk.load(space, "r")):
        desk.same("metadata-location", location, found.get("metadata-location"), found)
        for key in (
            "table-uuid",
            "location",
            "format-version",
            "last-sequence-number",
            "current-snapshot-id",
            "last-column-id",
        ):
            desk.same(key, was.get(key), found.metadata.get(key), found)
        desk.same("snapshot ids", snapshot_ids(was), snapshot_ids(found.metadata), found)


@case(
    REGISTER,
    uses=(*MADE, "updateTable"),
    needs=("earlier_snapshots",),
    says="a registered table can be loaded and committed to like any other",
)
def a_registered_table_is_committed_to(desk: Desk) -> None:
    space, location, was = left_behind(desk)
    desk.need(_register(desk, space, location))
    number, _ = append(desk, space, "r")
    found = desk.load(space, "r").metadata
    desk.same("snapshot ids", [*snapshot_ids(was), number], snapshot_ids(found))
    log = [one.get("metadata-file") for one in found.get("metadata-log") or []]
    desk.that("metadata-log", location in log or not log, expected=f"to name {location}", got=log)


@case(REGISTER, uses=MADE, needs=("two_nodes",), says="every node shows a change", place="FR-007")
def a_registered_table_is_there_at_the_other_node(desk: Desk) -> None:
    space, location, was = left_behind(desk)
    desk.expect(_register(desk, space, location), 200)
    found = desk.load(space, "r", node=1).metadata
    desk.same("table-uuid", was.get("table-uuid"), found.get("table-uuid"))


@case(REGISTER, uses=("createTable",), says="409 when the identifier exists as a table")
def the_name_of_a_table_is_refused(desk: Desk) -> None:
    space, location, _ = left_behind(desk)
    first = desk.table(space, "r")
    desk.expect(_register(desk, space, location), 409, error="AlreadyExistsException")
    unchanged(desk, space, first, "r")
    desk.expect(_register(desk, space, location, overwrite=False), 409)
    unchanged(desk, space, first, "r")


@case(REGISTER, uses=(*MADE, "createView"), says="409 when the identifier exists as a view")
def the_name_of_a_view_is_refused(desk: Desk) -> None:
    space, location, _ = left_behind(desk)
    make_view(desk, space, "r")
    desk.expect(_register(desk, space, location), 409, error="AlreadyExistsException")
    desk.is_there("viewExists", space, "r")
    desk.is_there("tableExists", space, "r", there=False)


@case(REGISTER, uses=MADE, says="404 when the namespace does not exist")
def a_table_of_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    _, location, _ = left_behind(desk)
    space = (*desk.root, desk.name())
    desk.expect(_register(desk, space, location), 404)
    desk.is_there("namespaceExists", space, there=False)


def _overwrites(desk: Desk, space: Namespace, location: Any) -> bool:
    """Register with `overwrite`. A 406 is a remark: the document gives it to other operations that
    a target may leave out."""
    reply = _register(desk, space, location, overwrite=True)
    if reply.status == 406:
        desk.remark("status 200", reply.said, reply)
        return False
    desk.expect(reply, 200)
    return True


@case(REGISTER, uses=MADE, says="with overwrite the metadata of an existing table is overwritten")
def overwrite_replaces_the_table_of_that_name(desk: Desk) -> None:
    space, location, was = left_behind(desk)
    desk.table(space, "r")
    if not _overwrites(desk, space, location):
        return
    found = desk.load(space, "r")
    desk.same("metadata-location", location, found.get("metadata-location"))
    desk.same("table-uuid", was.get("table-uuid"), found.metadata.get("table-uuid"))
    desk.same("snapshot ids", snapshot_ids(was), snapshot_ids(found.metadata))


@case(REGISTER, uses=MADE, says="overwrite applies to tables that already exist")
def overwrite_of_a_free_name_registers(desk: Desk) -> None:
    space, location, was = left_behind(desk)
    if not _overwrites(desk, space, location):
        return
    table_uuid = desk.load(space, "r").metadata.get("table-uuid")
    desk.same("table-uuid", was.get("table-uuid"), table_uuid)


@case(REGISTER, uses=MADE, says="a 4xx for a file that does not exist, and no table")
def a_missing_file_registers_nothing(desk: Desk) -> None:
    space, location, _ = left_behind(desk)
    folder = location.rpartition("/")[0]
    missing = f"{folder}/00009-{desk.uuid()}.metadata.json"
    refused_or_unreadable(desk, _register(desk, space, missing))
    desk.is_there("tableExists", space, "r", there=False)


@case(
    REGISTER,
    uses=MADE,
    each=FILES,
    needs=("local_folder",),
    says="a 4xx for a file without table metadata, and no table",
)
def a_broken_file_registers_nothing(desk: Desk, content: Any) -> None:
    space, location, was = left_behind(desk)
    if urlsplit(location).scheme not in ("", "file") or not path_of(location).is_file():
        desk.skip("the metadata file is not in a folder of the suite's")
    data = content if isinstance(content, bytes) else orjson.dumps(content(dict(was)))
    broken = f"00009-{desk.uuid()}.metadata.json"
    path_of(location).with_name(broken).write_bytes(data)
    refused_or_unreadable(desk, _register(desk, space, f"{location.rpartition('/')[0]}/{broken}"))
    desk.is_there("tableExists", space, "r", there=False)


@case(
    REGISTER,
    uses=("createTable",),
    each={
        "no name": {"metadata-location": None},
        "no location": {"name": "r"},
        "nothing": {},
        "a name that is a number": {"name": 5, "metadata-location": None},
        "a location that is a number": {"name": "r", "metadata-location": 5},
        "an overwrite that is a text": {"name": "r", "metadata-location": None, "overwrite": "x"},
    },
    says="400 for a body that is not a RegisterTableRequest",
    reading=dict.fromkeys(("a name that is a number", "a location that is a number"), COERCED),
)
def a_body_of_the_wrong_shape_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    space, location, _ = left_behind(desk)
    filled = {key: location if value is None else value for key, value in body.items()}
    desk.refused(desk.do(REGISTER, space, body=filled))
    desk.is_there("tableExists", space, "r", there=False)


@case(
    UNREGISTER,
    uses=("createTable", "updateTable"),
    says="the last metadata location and the metadata, with every commit before it",
    place="unregisterTable.description",
)
def an_unregistered_table_is_told_as_it_was_last(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    number, last = append(desk, space)
    reply = desk.expect(desk.do(UNREGISTER, space, "t"), 200)
    desk.same("metadata-location", last.get("metadata-location"), reply.get("metadata-location"))
    desk.same("snapshot ids", [number], snapshot_ids(reply.metadata))
    desk.same("table-uuid", last.metadata.get("table-uuid"), reply.metadata.get("table-uuid"))
    desk.is_there("tableExists", space, "t", there=False)


@case(
    UNREGISTER,
    uses=("createTable", "updateTable"),
    says="every commit after unregistering must fail",
    place="unregisterTable.description",
)
def an_unregistered_table_takes_no_commit(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do(UNREGISTER, space, "t"), 200)
    for node in range(len(desk.live.nodes)):
        desk.expect(desk.commit(space, "t", [put(a="1")], node=node), 404)


@case(
    UNREGISTER,
    uses=("createTable", REGISTER),
    says="the files are left in place, so that the table can be registered again",
    place="unregisterTable.description",
)
def an_unregistered_table_can_be_registered_again(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    append(desk, space)
    left = desk.expect(desk.do(UNREGISTER, space, "t"), 200)
    desk.expect(_register(desk, space, left.get("metadata-location"), "t"), 200)
    found = desk.load(space)
    desk.same("metadata-location", left.get("metadata-location"), found.get("metadata-location"))
    desk.same("table-uuid", left.metadata.get("table-uuid"), found.metadata.get("table-uuid"))
    desk.same("snapshot ids", snapshot_ids(left.metadata), snapshot_ids(found.metadata))


@case(UNREGISTER, says="404 for a table that does not exist")
def an_unknown_table_cannot_be_unregistered(desk: Desk) -> None:
    desk.expect(desk.do(UNREGISTER, desk.fresh(), "unknown"), 404)


@case(
    UNREGISTER,
    uses=("createTable",),
    says="the table no longer exists: its name is free",
    place="unregisterTable.description",
)
def the_name_of_an_unregistered_table_is_free(desk: Desk) -> None:
    space = desk.fresh()
    first = desk.table(space)
    desk.expect(desk.do(UNREGISTER, space, "t"), 200)
    desk.expect(desk.do(UNREGISTER, space, "t"), 404)
    second = desk.expect(desk.do("createTable", space, body=desk.table_body("t", space)), 200)
    desk.that(
        "table-uuid",
        second.metadata.get("table-uuid") != first.get("table-uuid"),
        expected="another one",
        got=first.get("table-uuid"),
    )
