"""Tables: create (or stage), load, exists and drop, and the state after each of them."""

from __future__ import annotations

from typing import Any

from iceworthy.client.wire import SCHEMA
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED
from iceworthy.contract.odd_names import ODD_EARLY, ODD_NAMES, can_be_dropped_again
from iceworthy.contract.same_metadata import same_metadata
from iceworthy.contract.table_metadata import REQUIRED

PLACE = "createTable.description"

SPEC = {
    "spec-id": 0,
    "fields": [
        {"source-id": 3, "field-id": 1000, "name": "at_day", "transform": "day"},
        {"source-id": 1, "field-id": 1001, "name": "id_bucket", "transform": "bucket[16]"},
    ],
}
ORDER = {
    "order-id": 1,
    "fields": [
        {"source-id": 3, "transform": "identity", "direction": "desc", "null-order": "nulls-last"},
    ],
}
TYPES = (
    "boolean",
    "int",
    "long",
    "float",
    "double",
    "decimal(20,4)",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "string",
    "uuid",
    "fixed[16]",
    "binary",
)
NESTED: dict[str, Any] = {
    "struct": {
        "type": "struct",
        "fields": [
            {"id": 10, "name": "x", "required": True, "type": "double"},
            {"id": 11, "name": "y", "required": False, "type": "string"},
        ],
    },
    "list": {"type": "list", "element-id": 10, "element": "long", "element-required": True},
    "map": {
        "type": "map",
        "key-id": 10,
        "key": "string",
        "value-id": 11,
        "value-required": False,
        "value": "date",
    },
    "list of structs": {
        "type": "list",
        "element-id": 10,
        "element-required": False,
        "element": {
            "type": "struct",
            "fields": [{"id": 11, "name": "x", "required": True, "type": "int"}],
        },
    },
}


def _current(metadata: dict[str, Any], many: str, key: str, chosen: str) -> dict[str, Any]:
    for one in metadata.get(many) or []:
        if isinstance(one, dict) and one.get(key) == metadata.get(chosen):
            return dict(one)
    return {}


def _columns(metadata: dict[str, Any]) -> list[tuple[Any, ...]]:
    schema = _current(metadata, "schemas", "schema-id", "current-schema-id")
    return [(f.get("name"), f.get("required"), f.get("type")) for f in schema.get("fields") or []]


@case("createTable", says="the answer contains the whole metadata of the new table", early=True)
def a_created_table_has_whole_metadata(desk: Desk) -> None:
    metadata = desk.table(desk.fresh())
    for key in REQUIRED:
        if key == "last-sequence-number":  # a table of format version 1 has none
            continue
        desk.that(f"metadata {key}", metadata.get(key) is not None, expected="there", got="missing")
    expected = [(f["name"], f["required"], f["type"]) for f in SCHEMA["fields"]]
    desk.same("columns", expected, _columns(metadata))
    desk.same("last-column-id", 4, metadata.get("last-column-id"))
    current = metadata.get("current-snapshot-id")
    desk.that("current-snapshot-id", current in (None, -1), expected="none or -1", got=current)


@case("createTable", says="load shows the metadata that create answered", early=True)
def create_and_load_show_the_same(desk: Desk) -> None:
    space = desk.fresh()
    created = desk.expect(desk.do("createTable", space, body=desk.table_body("t", space)), 200)
    loaded = desk.load(space)
    expected, metadata_location = created.get("metadata-location"), loaded.get("metadata-location")
    desk.same("metadata-location", expected, metadata_location)
    same_metadata(desk, created.metadata, loaded.metadata)


@case("createTable", says="a table that is not staged has a metadata location")
def a_created_table_has_a_metadata_location(desk: Desk) -> None:
    space = desk.fresh()
    reply = desk.expect(desk.do("createTable", space, body=desk.table_body("t", space)), 200)
    location = reply.get("metadata-location")
    desk.that(
        "metadata-location",
        isinstance(location, str) and "/" in location,
        expected="the location of a file",
        got=location,
    )


@case(
    "createTable", says="409 when the name is taken; the existing table does not change", early=True
)
def the_second_create_is_refused_and_keeps_the_first(desk: Desk) -> None:
    space = desk.fresh()
    first = desk.table(space, properties={"p": "first"})
    other = {
        "type": "struct",
        "schema-id": 0,
        "fields": [{"id": 1, "name": "other", "required": False, "type": "int"}],
    }
    body = desk.table_body("t", space, schema=other, properties={"p": "second"})
    desk.expect(desk.do("createTable", space, body=body), 409)
    loaded = desk.load(space)
    desk.same("table-uuid", first.get("table-uuid"), loaded.metadata.get("table-uuid"))
    same_metadata(desk, first, loaded.metadata)


@case("createTable", needs=("two_nodes",), says="409 when the name is taken, on every node")
def the_second_create_at_the_other_node_is_refused(desk: Desk) -> None:
    space = desk.fresh()
    first = desk.table(space)
    desk.expect(desk.do("createTable", space, body=desk.table_body("t", space), node=1), 409)
    table_uuid = desk.load(space, node=1).metadata.get("table-uuid")
    desk.same("table-uuid", first.get("table-uuid"), table_uuid)


@case("createTable", says="404 for a namespace that does not exist", early=True)
def a_table_in_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    space = (*desk.root, desk.name())
    desk.expect(desk.do("createTable", space, body=desk.table_body("t", space)), 404)
    desk.is_there("namespaceExists", space, there=False)


@case("createTable", each=TYPES, says="every primitive type of the table specification")
def a_column_of_this_type_is_kept(desk: Desk, kind: str) -> None:
    space = desk.fresh()
    field = {"id": 1, "name": "c", "required": False, "type": kind, "doc": "a column"}
    metadata = desk.table(space, schema={"type": "struct", "schema-id": 0, "fields": [field]})
    kept = [(name, required, str(t).replace(" ", "")) for name, required, t in _columns(metadata)]
    desk.same("columns", [("c", False, kind)], kept)
    schema = _current(desk.load(space).metadata, "schemas", "schema-id", "current-schema-id")
    desk.same("doc", "a column", schema["fields"][0].get("doc"))


@case("createTable", each=NESTED, says="nested types are stored, and each field has a unique id")
def a_nested_column_is_kept(desk: Desk, kind: dict[str, Any]) -> None:
    field = {"id": 1, "name": "c", "required": False, "type": kind}
    metadata = desk.table(
        desk.fresh(), schema={"type": "struct", "schema-id": 0, "fields": [field]}
    )
    schema = _current(metadata, "schemas", "schema-id", "current-schema-id")
    numbers = sorted(_ids(schema))
    desk.same("field ids", len(set(numbers)), len(numbers))
    desk.same("last-column-id", max(numbers), metadata.get("last-column-id"))
    desk.same("kind", kind["type"], schema["fields"][0]["type"]["type"])


def _ids(node: Any) -> list[int]:
    if isinstance(node, list):
        return [number for child in node for number in _ids(child)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("id", "element-id", "key-id", "value-id") if key in node]
    return own + [n for key, child in node.items() if key != "id" for n in _ids(child)]


@case("createTable", says="the requested partition spec is the default", early=True)
def a_partition_spec_is_kept(desk: Desk) -> None:
    space = desk.fresh()
    metadata = desk.table(space, "t", **{"partition-spec": SPEC})
    spec = _current(metadata, "partition-specs", "spec-id", "default-spec-id")
    fields = [(f["name"], f["transform"], f["source-id"]) for f in spec.get("fields") or []]
    desk.same("fields", [("at_day", "day", 3), ("id_bucket", "bucket[16]", 1)], fields)
    desk.same("last-partition-id", 1001, metadata.get("last-partition-id"))


@case("createTable", says="the requested write order is the default")
def a_write_order_is_kept(desk: Desk) -> None:
    metadata = desk.table(desk.fresh(), "t", **{"write-order": ORDER})
    order = _current(metadata, "sort-orders", "order-id", "default-sort-order-id")
    fields = [(f["source-id"], f["direction"], f["null-order"]) for f in order.get("fields") or []]
    desk.same("fields", [(3, "desc", "nulls-last")], fields)


@case("createTable", says="without spec and order: unpartitioned and unsorted")
def a_plain_table_is_unpartitioned_and_unsorted(desk: Desk) -> None:
    metadata = desk.table(desk.fresh())
    spec = _current(metadata, "partition-specs", "spec-id", "default-spec-id")
    desk.same("partition fields", [], spec.get("fields"))
    order = _current(metadata, "sort-orders", "order-id", "default-sort-order-id")
    desk.same("sort fields", [], order.get("fields"))


@case("createTable", says="properties are stored unchanged", early=True)
def table_properties_are_kept(desk: Desk) -> None:
    space = desk.fresh()
    expected = {"a": "1", "empty": "", "unicode": "größe 表 🧊", "long": "v" * 2000}
    desk.table(space, properties=expected)
    found = desk.load(space).metadata.get("properties") or {}
    desk.same("properties", expected, {key: found.get(key) for key in expected})


@case(
    "createTable",
    each=("1", "2", "3"),
    says="property format-version chooses the version, where the server honours it",
    early=("2",),
)
def a_format_version_can_be_asked_for(desk: Desk, version: str) -> None:
    space = desk.fresh()
    body = desk.table_body("t", space, properties={"format-version": version})
    reply = desk.do("createTable", space, body=body)
    if 400 <= reply.status < 500 and version != "2":
        desk.skip(f"the target does not write format version {version}")
    desk.expect(reply, 200)
    format_version = reply.metadata.get("format-version")
    # The property belongs to the table format, not to this API.
    if format_version == 2 != int(version):
        desk.skip(f"the target answers a request for version {version} with version 2")
    desk.same("format-version", int(version), format_version)


@case(
    "createTable",
    each={
        "no name": {"schema": dict(SCHEMA)},
        "no schema": {"name": "bad"},
        "name a number": {"name": 1, "schema": dict(SCHEMA)},
        "name null": {"name": None, "schema": dict(SCHEMA)},
        "schema a text": {"name": "bad", "schema": "x"},
        "schema without fields": {"name": "bad", "schema": {"type": "struct"}},
        "field without type": {
            "name": "bad",
            "schema": {"type": "struct", "fields": [{"id": 1, "name": "a", "required": False}]},
        },
        "unknown type": {
            "name": "bad",
            "schema": {
                "type": "struct",
                "fields": [{"id": 1, "name": "a", "required": False, "type": "quaternion"}],
            },
        },
        "default of an unknown type": {
            "name": "bad",
            "schema": {
                "type": "struct",
                "fields": [
                    {
                        "id": 1,
                        "name": "a",
                        "required": False,
                        "type": "quaternion",
                        "write-default": "x",
                    }
                ],
            },
        },
        "properties of numbers": {"name": "bad", "schema": dict(SCHEMA), "properties": {"a": 1}},
        "spec on no column": {
            "name": "bad",
            "schema": dict(SCHEMA),
            "partition-spec": {"fields": [{"source-id": 99, "name": "x", "transform": "identity"}]},
        },
        "stage a text": {"name": "bad", "schema": dict(SCHEMA), "stage-create": "maybe"},
    },
    says="name and schema are required; types are those of the table specification",
    reading=dict.fromkeys(("name a number", "name null", "properties of numbers"), COERCED),
)
def a_table_of_the_wrong_shape_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    space = desk.fresh()
    desk.refused(desk.do("createTable", space, body=body))
    listed = desk.expect(desk.do("listTables", space), 200)
    desk.same("tables", [], listed.get("identifiers"))


@case("createTable", says="stage-create makes metadata and creates no table", early=True)
def a_staged_table_is_not_there(desk: Desk) -> None:
    space = desk.fresh()
    body = desk.table_body("t", space, **{"stage-create": True})
    reply = desk.expect(desk.do("createTable", space, body=body), 200)
    desk.that("metadata", bool(reply.metadata.get("location")), expected="initialised", got="none")
    desk.expect(desk.do("loadTable", space, "t"), 404)
    desk.is_there("tableExists", space, "t", there=False)
    listed = desk.expect(desk.do("listTables", space), 200)
    desk.same("tables", [], listed.get("identifiers"))
    desk.expect(desk.do("dropNamespace", space), 204)


@case(
    "createTable",
    uses=("updateTable",),
    says="a staged creation is committed with assert-create",
    early=True,
    touches=("FR-004",),
)
def a_staged_table_is_created_by_its_commit(desk: Desk) -> None:
    space = desk.fresh()
    body = desk.table_body("t", space, properties={"p": "1"}, **{"stage-create": True})
    staged = desk.expect(desk.do("createTable", space, body=body), 200).metadata
    done = desk.commit(space, "t", creation_updates(staged), [{"type": "assert-create"}])
    desk.expect(done, 200)
    loaded = desk.load(space).metadata
    desk.same("table-uuid", staged.get("table-uuid"), loaded.get("table-uuid"))
    desk.same("location", staged.get("location"), loaded.get("location"))
    desk.same("columns", _columns(staged), _columns(loaded))
    desk.same("property", "1", (loaded.get("properties") or {}).get("p"))


@case("updateTable", uses=("createTable",), says="409 when assert-create does not hold")
def the_commit_of_a_staged_table_whose_name_was_taken_is_refused(desk: Desk) -> None:
    space = desk.fresh()
    body = desk.table_body("t", space, **{"stage-create": True})
    staged = desk.expect(desk.do("createTable", space, body=body), 200).metadata
    winner = desk.table(space)
    done = desk.commit(space, "t", creation_updates(staged), [{"type": "assert-create"}])
    desk.expect(done, 409)
    same_metadata(desk, winner, desk.load(space).metadata)


def creation_updates(staged: dict[str, Any]) -> list[dict[str, Any]]:
    """The updates that create a table from staged metadata, as clients send them."""
    return [
        {"action": "assign-uuid", "uuid": staged["table-uuid"]},
        {"action": "upgrade-format-version", "format-version": staged["format-version"]},
        {
            "action": "add-schema",
            "schema": staged["schemas"][0],
            "last-column-id": staged["last-column-id"],
        },
        {"action": "set-current-schema", "schema-id": -1},
        {"action": "add-spec", "spec": staged["partition-specs"][0]},
        {"action": "set-default-spec", "spec-id": -1},
        {"action": "add-sort-order", "sort-order": staged["sort-orders"][0]},
        {"action": "set-default-sort-order", "sort-order-id": -1},
        {"action": "set-location", "location": staged["location"]},
        {"action": "set-properties", "updates": staged.get("properties") or {}},
    ]


@case(
    "createTable",
    each=ODD_NAMES,
    says="a name is any string; it is returned unchanged, or refused",
    early=ODD_EARLY,
)
def an_odd_table_name_is_kept_exactly_or_refused(desk: Desk, odd: str) -> None:
    space = desk.fresh()
    can_be_dropped_again(desk, "loadTable", space, odd)
    reply = desk.do("createTable", space, body=desk.table_body(odd, space))
    if 400 <= reply.status < 500:
        desk.skip(f"the target refuses this name: {reply.said}")
    created = desk.expect(reply, 200).metadata
    listed = desk.expect(desk.do("listTables", space), 200)
    desk.same("listed", [odd], [one.get("name") for one in listed.get("identifiers") or []])
    loaded = desk.load(space, odd)
    desk.same("table-uuid", created.get("table-uuid"), loaded.metadata.get("table-uuid"))
    desk.is_there("tableExists", space, odd)
    desk.expect(desk.do("dropTable", space, odd), 204)
    desk.is_there("tableExists", space, odd, there=False)
