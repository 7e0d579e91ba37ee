"""Helpers for the cases about tables: updates, requirements, and common steps.

Claim: every request made here is valid by the specification and has the form that an engine sends.
What it does NOT do: judge; the cases do.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from iceworthy.client.asker import Reply
from iceworthy.client.manifest_lists import path_of
from iceworthy.client.snapshots import (
    append_requirements,
    append_updates,
    set_ref,
    snapshot_document,
)
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.same_metadata import same_metadata

Document = dict[str, Any]


def put(**properties: str) -> Document:
    """A set-properties update."""
    return {"action": "set-properties", "updates": properties}


def snapshot(metadata: Mapping[str, Any], number: int, **fields: Any) -> Document:
    """An add-snapshot update that continues the table's history; fields replace its fields (`_`
    in a keyword becomes `-`)."""
    found = snapshot_document(
        snapshot_id=number,
        parent=None,
        sequence=int(metadata.get("last-sequence-number") or 0) + 1,
        location=str(metadata.get("location")),
    )
    found["schema-id"] = metadata.get("current-schema-id") or 0
    if metadata.get("format-version") == 3:
        found |= {"first-row-id": int(metadata.get("next-row-id") or 0), "added-rows": 0}
    found |= {key.replace("_", "-"): value for key, value in fields.items()}
    return {"action": "add-snapshot", "snapshot": found}


def branch(number: int, name: str = "main", kind: str = "branch", **fields: Any) -> Document:
    """A set-snapshot-ref update."""
    more = {key.replace("_", "-"): value for key, value in fields.items()}
    return set_ref(number, name, kind) | more


def remove_snapshots(*numbers: int) -> Document:
    """A remove-snapshots update."""
    return {"action": "remove-snapshots", "snapshot-ids": list(numbers)}


def same_log(
    desk: Desk,
    expected: Sequence[int],
    metadata: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> bool:
    """The snapshot-log must name these snapshots, oldest first.

    False, and nothing is checked, where a table with a current snapshot has no log: it is optional.
    before: the same table before the change; None: `metadata`."""
    earlier = metadata if before is None else before
    if head_of(earlier) is not None and not earlier.get("snapshot-log"):
        return False
    desk.same("snapshot-log", list(expected), logged_ids(metadata))
    return True


def logged_ids(metadata: Mapping[str, Any]) -> list[Any]:
    """The snapshot ids of the snapshot-log, oldest first."""
    return [one.get("snapshot-id") for one in metadata.get("snapshot-log") or []]


def head_of(metadata: Mapping[str, Any]) -> int | None:
    """The id of the snapshot that main names; None if there is none."""
    ref = (metadata.get("refs") or {}).get("main") or {}
    found = ref.get("snapshot-id")
    return found if isinstance(found, int) else None


def append(desk: Desk, space: Namespace, name: str = "t", **options: Any) -> tuple[int, Reply]:
    """Append an empty snapshot to the table's current state; returns (its id, the answer). Needs if
    the table cannot be loaded."""
    now = desk.need(desk.do("loadTable", space, name)).metadata
    number, parent = desk.snapshot_id(), head_of(now)
    if now.get("format-version") == 3:
        more = {"parent_snapshot_id": parent} if parent is not None else {}
        updates: Sequence[Document] = [snapshot(now, number, **more), branch(number)]
    else:
        updates = append_updates(
            snapshot_id=number,
            parent=parent,
            sequence=int(now.get("last-sequence-number") or 0) + 1,
            location=str(now.get("location")),
        )
    asserted = append_requirements(str(now.get("table-uuid")), parent)
    return number, desk.need(desk.commit(space, name, updates, asserted, **options))


def committed(desk: Desk, space: Namespace, *updates: Document, name: str = "t") -> Document:
    """Commit these updates, which must be accepted; returns the metadata read back."""
    desk.expect(desk.commit(space, name, updates), 200)
    return desk.load(space, name).metadata


def found_by(entries: Any, key: str, value: Any) -> Document:
    """The object in a list whose `key` equals `value`; {} if there is none."""
    for one in entries if isinstance(entries, list) else ():
        if isinstance(one, dict) and one.get(key) == value:
            return one
    return {}


def unchanged(desk: Desk, space: Namespace, before: Mapping[str, Any], name: str = "t") -> None:
    """Check that the table's metadata is still `before`."""
    same_metadata(desk, before, desk.load(space, name).metadata)


LAST = -1


def simple_table(desk: Desk, **fields: Any) -> tuple[Namespace, Document]:
    """A table in a new namespace, with its metadata as createTable answered it."""
    space = desk.fresh()
    return space, desk.table(space, **fields)


def current_schema(metadata: Document) -> Document:
    found = found_by(metadata.get("schemas"), "schema-id", metadata.get("current-schema-id"))
    return copy.deepcopy(found)


def wider_schema(metadata: Document, name: str = "more") -> Document:
    """The current schema with one more column, under the next id that no schema has, as clients
    send it: a catalog may refuse an id that is used, and may replace the id (it is read-only)."""
    schema, number = current_schema(metadata), int(metadata["last-column-id"]) + 1
    schema["schema-id"] = 1 + max(int(one["schema-id"]) for one in metadata["schemas"])
    schema["fields"].append({"id": number, "name": name, "required": False, "type": "int"})
    return schema


def add_schema(schema: Document, last_column_id: int) -> Document:
    """The update that adds this schema, as clients send it. last_column_id: its highest field id;
    the document makes it optional; a case of its own leaves it out."""
    return {"action": "add-schema", "schema": schema, "last-column-id": last_column_id}


def widen(metadata: Document) -> Document:
    """The update that adds the current schema with one more column."""
    return add_schema(wider_schema(metadata), int(metadata["last-column-id"]) + 1)


def use_number(what: str, number: int = LAST) -> Document:
    """The update that makes a schema, spec or sort order current. LAST: the last one added."""
    key = {
        "current-schema": "schema-id",
        "default-spec": "spec-id",
        "default-sort-order": "sort-order-id",
    }[what]
    return {"action": f"set-{what}", key: number}


def left_behind(desk: Desk) -> tuple[Namespace, str, dict[str, Any]]:
    """A namespace, and the location and metadata of a table that was dropped from it. The file is
    there: where the suite reaches it, it is written again if the drop has deleted it."""
    space = desk.fresh()
    desk.table(space)
    _, reply = append(desk, space)
    location, metadata = str(reply.get("metadata-location")), reply.metadata
    desk.need(desk.do("dropTable", space, "t", query={"purgeRequested": False}))
    if desk.warehouse is not None and not path_of(location).exists():
        path_of(location).parent.mkdir(parents=True, exist_ok=True)
        path_of(location).write_bytes(orjson.dumps(metadata))
    return space, location, metadata
