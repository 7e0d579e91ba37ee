"""Format version 3: upgrades, row ids, types, defaults and encryption keys."""

from __future__ import annotations

import re
from typing import Any

from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_scenes import (
    Document,
    append,
    branch,
    committed,
    found_by,
    head_of,
    put,
    snapshot,
    unchanged,
    widen,
)

PLACE = "schemas.TableMetadata"

COMMIT, MADE = "updateTable", ("createTable", "loadTable")
UPGRADE = {"action": "upgrade-format-version", "format-version": 3}
USE_LAST = {"action": "set-current-schema", "schema-id": -1}
TYPES = (
    "timestamp_ns",
    "timestamptz_ns",
    "unknown",
    "variant",
    "geometry",
    "geography",
    "geometry(srid:3857)",
    "geography(srid:4269, karney)",
)
DEFAULTS: dict[str, tuple[str, Any, Any]] = {
    "boolean": ("boolean", True, False),
    "int": ("int", 34, -5),
    "long": ("long", 2**62 + 1, 0),
    "float": ("float", 1.5, -2.0),
    "double": ("double", 0.25, 1e10),
    "decimal": ("decimal(9,2)", "14.20", "-0.05"),
    "date": ("date", "2017-11-16", "1969-12-31"),
    "time": ("time", "22:31:08.123456", "00:00:00.000000"),
    "timestamp": ("timestamp", "2017-11-16T22:31:08.123456", "1970-01-01T00:00:00.000000"),
    "string": ("string", "iceberg é", ""),
    "uuid": (
        "uuid",
        "f79c3e09-677c-4bbd-a479-3f349cb785e7",
        "00000000-0000-4000-8000-000000000001",
    ),
    "binary": ("binary", "000102ff", ""),
}


def _table(desk: Desk) -> tuple[Namespace, Document]:
    """A table of version 3; skips if the target cannot create one."""
    space = desk.fresh()
    table = desk.table(space, properties={"format-version": "3"})
    if table.get("format-version") != 3:
        reply = desk.commit(space, "t", [UPGRADE])
        if not reply.ok:
            desk.refused(reply)
            desk.skip(f"the target has no format version 3: {reply.said}")
        table = desk.load(space).metadata
    desk.same("format-version", 3, table.get("format-version"))
    return space, table


def _with_column(table: Document, **field: Any) -> Document:
    """The update that adds the current schema with one more column."""
    update = widen(table)
    update["schema"]["fields"][-1] |= field
    return update


def _column(table: Document) -> Document:
    current = found_by(table.get("schemas"), "schema-id", table.get("current-schema-id"))
    return found_by(current.get("fields"), "name", "more")


def _plain(kind: Any) -> str:
    return str(kind).replace(" ", "")


@case(COMMIT, uses=MADE, says="next-row-id is above all assigned row ids, 0 at first")
def a_new_table_starts_at_row_0(desk: Desk) -> None:
    space, table = _table(desk)
    desk.same("next-row-id", 0, table.get("next-row-id"))
    desk.same("next-row-id", 0, desk.load(space).metadata.get("next-row-id"))


@case(COMMIT, uses=MADE, says="a table of version 2 can be upgraded, and keeps everything")
def a_table_is_upgraded_from_2_to_3(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space, properties={"format-version": "2", "k": "1"})
    number, reply = append(desk, space)
    was = reply.metadata
    done = desk.commit(space, "t", [UPGRADE])
    if not done.ok:
        desk.refused(done)
        desk.skip(f"the target has no format version 3: {done.said}")
    found = desk.load(space).metadata
    desk.same("format-version", 3, found.get("format-version"))
    desk.same("next-row-id", 0, found.get("next-row-id"))
    desk.same("current-snapshot-id", number, found.get("current-snapshot-id"))
    for key in ("table-uuid", "schemas", "partition-specs", "last-sequence-number", "location"):
        desk.same(key, was.get(key), found.get(key))
    desk.refused(desk.commit(space, "t", [{**UPGRADE, "format-version": 2}]))
    desk.same("format-version", 3, desk.load(space).metadata.get("format-version"))


@case(COMMIT, uses=MADE, says="each snapshot's row ids follow those of the previous snapshot")
def snapshots_take_their_row_ids(desk: Desk) -> None:
    space, table = _table(desk)
    following = 0
    for added in (100, 0, 2**40):
        number = desk.snapshot_id()
        more = {"first_row_id": following, "added_rows": added}
        if head_of(table) is not None:
            more["parent_snapshot_id"] = head_of(table) or 0
        table = committed(desk, space, snapshot(table, number, **more), branch(number))
        found = found_by(table.get("snapshots"), "snapshot-id", number)
        desk.same("first-row-id", following, found.get("first-row-id"))
        desk.same("added-rows", added, found.get("added-rows"))
        following += added
        desk.same("next-row-id", following, table.get("next-row-id"))


@case(COMMIT, uses=MADE, says="row ids are never assigned twice: a stale first-row-id is refused")
def a_stale_first_row_id_is_refused(desk: Desk) -> None:
    space, table = _table(desk)
    first, second = desk.snapshot_id(), desk.snapshot_id()
    table = committed(desk, space, snapshot(table, first, added_rows=10), branch(first))
    stale = snapshot(table, second, first_row_id=9, added_rows=5, parent_snapshot_id=first)
    desk.refused(desk.commit(space, "t", [stale, branch(second)]))
    unchanged(desk, space, table)


@case(COMMIT, uses=MADE, says="a snapshot of version 3 has a first-row-id")
def a_snapshot_without_row_ids_gets_none_of_others(desk: Desk) -> None:
    space, table = _table(desk)
    number = desk.snapshot_id()
    without = snapshot(table, number)
    del without["snapshot"]["first-row-id"]
    reply = desk.commit(space, "t", [without, branch(number)])
    if not reply.ok:
        desk.refused(reply)
        unchanged(desk, space, table)
        return
    found = found_by(desk.load(space).metadata.get("snapshots"), "snapshot-id", number)
    desk.that(
        "first-row-id",
        isinstance(found.get("first-row-id"), int),
        expected="an id that the catalog assigned",
        got=found.get("first-row-id"),
    )


@case(COMMIT, uses=MADE, each=TYPES, says="every type that version 3 added is stored unchanged")
def a_column_of_a_new_type_is_kept(desk: Desk, kind: str) -> None:
    space, table = _table(desk)
    reply = desk.commit(space, "t", [_with_column(table, type=kind), USE_LAST])
    if not reply.ok:
        desk.refused(reply)
        unchanged(desk, space, table)
        desk.skip(f"the target does not have this type: {reply.said}")
    found = _column(desk.load(space).metadata)
    desk.same("type", _plain(kind), _plain(found.get("type")))


@case(
    COMMIT,
    uses=MADE,
    each=("timestamp_ns", "variant", "geometry"),
    says="version 2 has none of the types that version 3 added",
)
def a_new_type_is_refused_by_version_2(desk: Desk, kind: str) -> None:
    space = desk.fresh()
    table = desk.table(space, properties={"format-version": "2"})
    if table.get("format-version") != 2:
        desk.skip("the target created no table of version 2, as it may")
    desk.refused(desk.commit(space, "t", [put(k="1"), _with_column(table, type=kind), USE_LAST]))
    unchanged(desk, space, table)


@case(COMMIT, uses=MADE, each=DEFAULTS, says="defaults of a column are stored unchanged")
def defaults_are_kept(desk: Desk, default: tuple[str, Any, Any]) -> None:
    kind, initial, write = default
    space, table = _table(desk)
    fields = {"initial-default": initial, "write-default": write}
    reply = desk.commit(space, "t", [_with_column(table, type=kind, **fields), USE_LAST])
    if not reply.ok:
        desk.refused(reply)
        unchanged(desk, space, table)
        desk.skip(f"the target has no defaults of this type: {reply.said}")
    found = _column(desk.load(space).metadata)
    for key, expected in fields.items():
        desk.same(key, _value(kind, expected), _value(kind, found.get(key)))


def _value(kind: str, value: Any) -> Any:
    """A default in comparable form: hexadecimal digits in lower case, and seconds without trailing
    zeros, because both spellings are the same value."""
    if not isinstance(value, str):
        return value
    if kind in ("time", "timestamp"):
        return re.sub(r"\.?0*$", "", value) if "." in value else value
    return value.lower() if kind in ("binary", "uuid") else value


def _key(number: str, **more: Any) -> Document:
    key = {"key-id": number, "encrypted-key-metadata": "AAECAwQ=", **more}
    return {"action": "add-encryption-key", "encryption-key": key}


@case(COMMIT, uses=MADE, says="encryption keys can be added and removed by their id")
def encryption_keys_are_added_and_removed(desk: Desk) -> None:
    space, table = _table(desk)
    keys = [_key("a"), _key("b", **{"encrypted-by-id": "a", "properties": {"p": "1"}})]
    reply = desk.commit(space, "t", keys)
    if not reply.ok:
        desk.refused(reply)
        unchanged(desk, space, table)
        desk.skip(f"the target stores no encryption keys: {reply.said}")
    found = desk.load(space).metadata
    for sent in keys:
        expected = sent["encryption-key"]
        received = found_by(found.get("encryption-keys"), "key-id", expected["key-id"])
        desk.same("encryption key", expected, {key: received.get(key) for key in expected})
    found = committed(desk, space, {"action": "remove-encryption-key", "key-id": "a"})
    left = [one.get("key-id") for one in found.get("encryption-keys") or []]
    desk.same("encryption keys", ["b"], left)


@case(COMMIT, uses=MADE, says="a snapshot names the key of its manifest list")
def the_key_id_of_a_snapshot_is_kept(desk: Desk) -> None:
    space, table = _table(desk)
    reply = desk.commit(space, "t", [_key("a")])
    if not reply.ok:
        desk.refused(reply)
        desk.skip(f"the target stores no encryption keys: {reply.said}")
    number = desk.snapshot_id()
    found = committed(desk, space, snapshot(table, number, key_id="a"), branch(number))
    received = found_by(found.get("snapshots"), "snapshot-id", number)
    desk.same("key-id", "a", received.get("key-id"))
