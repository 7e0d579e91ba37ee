"""Updates of a table: each type does what it says, in request order, and wrong ones do nothing."""

from __future__ import annotations

import copy
from typing import Any

from fixtures.wire import Namespace
from scenarios.contract.case import case
from scenarios.contract.desk import Desk
from scenarios.contract.table_scenes import (
    Document,
    branch,
    committed,
    found_by,
    put,
    snapshot,
    unchanged,
)

COMMIT, MADE = "updateTable", ("createTable", "loadTable")
SORT: Document = {"order-id": 5, "fields": [
    {"source-id": 1, "transform": "identity", "direction": "desc", "null-order": "nulls-last"},
]}  # fmt: skip
SPEC: Document = {"spec-id": 5, "fields": [
    {"source-id": 1, "name": "id_bucket", "transform": "bucket[8]"},
    {"source-id": 3, "name": "at_day", "transform": "day"},
]}  # fmt: skip
LAST = -1


def _table(desk: Desk, **fields: Any) -> tuple[Namespace, Document]:
    space = desk.fresh()
    return space, desk.table(space, **fields)


def _schema(metadata: Document) -> Document:
    found = found_by(metadata.get("schemas"), "schema-id", metadata.get("current-schema-id"))
    return copy.deepcopy(found)


def _wider(metadata: Document, name: str = "more") -> Document:
    """The current schema with one column more."""
    schema, number = _schema(metadata), int(metadata["last-column-id"]) + 1
    schema["fields"].append({"id": number, "name": name, "required": False, "type": "int"})
    return schema


def _use(what: str, number: int = LAST) -> Document:
    key = {"current-schema": "schema-id", "default-spec": "spec-id",
           "default-sort-order": "sort-order-id"}[what]  # fmt: skip
    return {"action": f"set-{what}", key: number}


def _properties(metadata: Document) -> Document:
    found = metadata.get("properties")
    return found if isinstance(found, dict) else {}


# what every commit does


@case(COMMIT, uses=MADE, says="the answer is the new metadata, and so is what is loaded after it")
def a_commit_answers_what_load_shows(desk: Desk) -> None:
    space, first = _table(desk)
    before = desk.load(space).get("metadata-location")
    reply = desk.expect(desk.commit(space, "t", [put(k="1")]), 200)
    for node in range(len(desk.live.nodes)):
        found = desk.load(space, node=node)
        desk.same("metadata-location", reply.get("metadata-location"),
                  found.get("metadata-location"), found)  # fmt: skip
        desk.same("metadata", reply.metadata, found.metadata, found)
    desk.that("metadata-location", reply.get("metadata-location") != before,
              wanted="another one than before", came=before)  # fmt: skip
    desk.same("table-uuid", first.get("table-uuid"), reply.metadata.get("table-uuid"))


@case(COMMIT, uses=MADE, says="the log of metadata files names the ones before, oldest first")
def the_metadata_log_grows_by_every_commit(desk: Desk) -> None:
    space, _ = _table(desk)
    wanted = []
    for number in range(3):
        wanted.append(desk.load(space).get("metadata-location"))
        committed(desk, space, put(k=str(number)))
    log = desk.load(space).metadata.get("metadata-log") or []
    desk.same("metadata-log", wanted, [one.get("metadata-file") for one in log])
    times = [one.get("timestamp-ms") for one in log]
    desk.that("times of the log", times == sorted(times), wanted="in order", came=times)


@case(COMMIT, uses=MADE, says="last-updated-ms is when the table was changed last")
def the_time_of_the_last_change_does_not_go_back(desk: Desk) -> None:
    space, first = _table(desk)
    after = committed(desk, space, put(k="1"))
    before_ms, after_ms = first.get("last-updated-ms"), after.get("last-updated-ms")
    fits = isinstance(before_ms, int) and isinstance(after_ms, int) and after_ms >= before_ms
    desk.that("last-updated-ms", fits, wanted=f"{before_ms} or later", came=after_ms)


@case(COMMIT, uses=MADE, says="without updates nothing is changed")
def a_commit_without_updates_changes_nothing(desk: Desk) -> None:
    space, first = _table(desk)
    desk.expect(desk.commit(space, "t", []), 200)
    found = desk.load(space).metadata
    for key in ("table-uuid", "schemas", "properties", "snapshots", "current-schema-id"):
        desk.same(key, first.get(key), found.get(key))


@case(COMMIT, uses=MADE, says="updates apply in request order")
def properties_follow_the_order_of_the_updates(desk: Desk) -> None:
    space, _ = _table(desk, properties={"a": "0", "b": "0"})
    take = {"action": "remove-properties", "removals": ["a"]}
    found = _properties(committed(desk, space, take, put(a="1", b="1"), put(b="2")))
    desk.same("set after it was removed", ("1", "2"), (found.get("a"), found.get("b")))
    found = _properties(committed(desk, space, put(a="3"), take))
    desk.same("removed after it was set", None, found.get("a"))


@case(COMMIT, uses=MADE, says="an update can only use what updates before it made")
def an_update_that_comes_too_early_is_refused(desk: Desk) -> None:
    space, first = _table(desk)
    add = {"action": "add-schema", "schema": _wider(first)}
    desk.refused(desk.commit(space, "t", [_use("current-schema"), add]))
    unchanged(desk, space, first)
    number = desk.snapshot_id()
    desk.refused(desk.commit(space, "t", [branch(number), snapshot(first, number)]))
    unchanged(desk, space, first)


@case(COMMIT, uses=MADE, says="all updates or none: a wrong one leaves nothing of the others",
      each=("first", "last"))  # fmt: skip
def a_wrong_update_leaves_nothing_of_the_others(desk: Desk, place: str) -> None:
    space, first = _table(desk)
    good: list[Document] = [
        put(k="1"), {"action": "add-schema", "schema": _wider(first)}, _use("current-schema"),
    ]  # fmt: skip
    bad = [_use("default-spec", 77)]
    desk.refused(desk.commit(space, "t", [*bad, *good] if place == "first" else [*good, *bad]))
    unchanged(desk, space, first)


UNKNOWN: dict[str, Any] = {
    "another action": {"action": "iceworthy-no-such-update"},
    "a requirement's name": {"action": "assert-create"},
    "no action": {"updates": {"k": "2"}},
    "an action that is a number": {"action": 5},
}  # fmt: skip


@case(COMMIT, uses=MADE, each=UNKNOWN,
      says="400 when an unknown update is received, and nothing is applied")  # fmt: skip
def an_unknown_update_is_refused(desk: Desk, update: Document) -> None:
    space, first = _table(desk)
    desk.expect(desk.commit(space, "t", [put(k="1"), update]), 400)
    unchanged(desk, space, first)


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
    "an update that is a text": "set-properties", "null": None,
}  # fmt: skip


@case(COMMIT, uses=MADE, each=SHAPES,
      says="400 for an update of the wrong shape, and nothing is applied")  # fmt: skip
def an_update_of_the_wrong_shape_is_refused(desk: Desk, update: Any) -> None:
    space, first = _table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1"), update]))
    unchanged(desk, space, first)


@case(COMMIT, uses=MADE, each={
          "add-view-version": {"action": "add-view-version", "view-version": {
              "version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {},
              "representations": [], "default-namespace": ["a"]}},
          "set-current-view-version": {
              "action": "set-current-view-version", "view-version-id": -1},
      }, says="a 4xx for an update of views, and nothing is applied")  # fmt: skip
def an_update_of_views_is_refused(desk: Desk, update: Document) -> None:
    space, first = _table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1"), update]))
    unchanged(desk, space, first)


# uuid, format, location, properties


@case(COMMIT, uses=MADE, says="it is not safe to re-assign the uuid of a table that has one")
def the_uuid_of_a_table_stays(desk: Desk) -> None:
    space, first = _table(desk)
    own = str(first.get("table-uuid"))
    desk.expect(desk.commit(space, "t", [{"action": "assign-uuid", "uuid": own}]), 200)
    other = "00000000-0000-4000-8000-000000000001"
    desk.refused(desk.commit(space, "t", [{"action": "assign-uuid", "uuid": other}]))
    desk.same("table-uuid", own, desk.load(space).metadata.get("table-uuid"))


@case(COMMIT, uses=MADE, says="the format version is raised, and never lowered")
def the_format_version_is_raised_from_1_to_2(desk: Desk) -> None:
    space, first = _table(desk, properties={"format-version": "1"})
    if first.get("format-version") != 1:
        desk.skip("the target makes no tables of version 1, as it may")

    def to(version: int) -> Document:
        return {"action": "upgrade-format-version", "format-version": version}

    found = committed(desk, space, to(2))
    desk.same("format-version", 2, found.get("format-version"))
    desk.same("format-version", 2, committed(desk, space, to(2)).get("format-version"))
    for wrong in (1, 99):
        desk.refused(desk.commit(space, "t", [to(wrong)]))
    desk.same("format-version", 2, desk.load(space).metadata.get("format-version"))


@case(COMMIT, uses=MADE, says="the location is set; the table stays the same one")
def the_location_is_set(desk: Desk) -> None:
    space, first = _table(desk)
    wanted = f"{str(first.get('location')).rstrip('/')}-moved"
    reply = desk.commit(space, "t", [{"action": "set-location", "location": wanted}])
    if not reply.ok:
        desk.refused(reply)
        desk.same("location", first.get("location"), desk.load(space).metadata.get("location"))
        desk.skip(f"the target moves no tables there: {reply.said}")
    found = desk.load(space).metadata
    desk.same("location", wanted, str(found.get("location")).rstrip("/"))
    desk.same("table-uuid", first.get("table-uuid"), found.get("table-uuid"))


@case(COMMIT, uses=MADE, says="properties are set over older ones and removed, others stay")
def properties_are_set_and_removed(desk: Desk) -> None:
    space, _ = _table(desk, properties={"a": "1", "b": "1", "c": "1"})
    found = _properties(committed(desk, space, put(b="2", d="é\u2028 \"'%\\"), {
        "action": "remove-properties", "removals": ["c"]}))  # fmt: skip
    wanted = {"a": "1", "b": "2", "d": "é\u2028 \"'%\\"}
    desk.same("properties", wanted, {key: found[key] for key in "abcd" if key in found})


# schemas, specs, orders


@case(COMMIT, uses=MADE, says="a schema is added, and is current once it is set")
def a_schema_is_added_and_then_set(desk: Desk) -> None:
    space, first = _table(desk)
    add = {"action": "add-schema", "schema": _wider(first)}
    found = committed(desk, space, add)
    desk.same("current-schema-id", first.get("current-schema-id"), found.get("current-schema-id"))
    desk.same("number of schemas", 2, len(found["schemas"]))
    desk.same("last-column-id", first["last-column-id"] + 1, found.get("last-column-id"))
    (new,) = (one["schema-id"] for one in found["schemas"]
              if one["schema-id"] != first["current-schema-id"])  # fmt: skip
    found = committed(desk, space, _use("current-schema", new))
    desk.same("current-schema-id", new, found.get("current-schema-id"))
    desk.same("fields", _wider(first)["fields"], _schema(found).get("fields"))


@case(COMMIT, uses=MADE, says="-1 sets the schema that was added last")
def the_schema_added_last_is_set(desk: Desk) -> None:
    space, first = _table(desk)
    found = committed(desk, space, {"action": "add-schema", "schema": _wider(first)},
                      _use("current-schema"))  # fmt: skip
    desk.same("fields", _wider(first)["fields"], _schema(found).get("fields"))
    unknown = desk.commit(space, "t", [_use("current-schema", 77)])
    desk.refused(unknown)
    desk.refused(desk.commit(space, "t", [_use("current-schema")]))
    unchanged(desk, space, found)


@case(COMMIT, uses=MADE, says="schemas are removed, but not the current one")
def schemas_are_removed(desk: Desk) -> None:
    space, first = _table(desk)
    added = committed(desk, space, {"action": "add-schema", "schema": _wider(first)},
                      _use("current-schema"))  # fmt: skip
    old, new = first["current-schema-id"], added["current-schema-id"]
    desk.refused(desk.commit(space, "t", [{"action": "remove-schemas", "schema-ids": [new]}]))
    found = committed(desk, space, {"action": "remove-schemas", "schema-ids": [old]})
    desk.same("schemas", [new], [one.get("schema-id") for one in found.get("schemas") or []])


@case(COMMIT, uses=MADE, says="column ids are never given twice")
def the_last_column_id_stays_when_columns_go(desk: Desk) -> None:
    space, first = _table(desk)
    added = committed(desk, space, {"action": "add-schema", "schema": _wider(first)},
                      _use("current-schema"))  # fmt: skip
    found = committed(desk, space, _use("current-schema", first["current-schema-id"]))
    desk.same("fields", _schema(first)["fields"], _schema(found).get("fields"))
    desk.same("last-column-id", added["last-column-id"], found.get("last-column-id"))


@case(COMMIT, uses=MADE, says="a partition spec is added, its fields get ids of their own, and set")
def a_partition_spec_is_added_and_set(desk: Desk) -> None:
    space, first = _table(desk)
    found = committed(desk, space, {"action": "add-spec", "spec": SPEC})
    desk.same("default-spec-id", first.get("default-spec-id"), found.get("default-spec-id"))
    half = {"action": "add-spec", "spec": {"spec-id": 6, "fields": SPEC["fields"][:1]}}
    whole = {"action": "add-spec", "spec": SPEC}
    found = committed(desk, space, whole, half, _use("default-spec"))
    used = found_by(found.get("partition-specs"), "spec-id", found.get("default-spec-id"))
    seen = [(f.get("source-id"), f.get("name"), f.get("transform")) for f in used.get("fields", [])]
    desk.same("fields of the default spec", [(1, "id_bucket", "bucket[8]")], seen)
    numbers = {f.get("field-id"): (f.get("source-id"), f.get("transform"))
               for spec in found["partition-specs"] for f in spec.get("fields", [])}  # fmt: skip
    desk.same("distinct partition field ids", 2, len(numbers))
    last = found.get("last-partition-id")
    fits = isinstance(last, int) and all(1000 <= number <= last for number in numbers)
    desk.that("partition field ids", fits, wanted=f"from 1000 to {last}", came=sorted(numbers))
    for wrong in ([_use("default-spec", 77)], [_use("default-spec")]):
        desk.refused(desk.commit(space, "t", wrong))
    unchanged(desk, space, found)


@case(COMMIT, uses=MADE, says="specs are removed, but not the default one")
def partition_specs_are_removed(desk: Desk) -> None:
    space, first = _table(desk)
    found = committed(desk, space, {"action": "add-spec", "spec": SPEC}, _use("default-spec"))
    old, new = first["default-spec-id"], found["default-spec-id"]
    desk.refused(desk.commit(space, "t", [{"action": "remove-partition-specs", "spec-ids": [new]}]))
    found = committed(desk, space, {"action": "remove-partition-specs", "spec-ids": [old]})
    desk.same("specs", [new], [one.get("spec-id") for one in found.get("partition-specs") or []])


@case(COMMIT, uses=MADE, says="a sort order is added and set; order 0 is unsorted")
def a_sort_order_is_added_and_set(desk: Desk) -> None:
    space, first = _table(desk)
    found = committed(desk, space, {"action": "add-sort-order", "sort-order": SORT},
                      _use("default-sort-order"))  # fmt: skip
    used = found_by(found.get("sort-orders"), "order-id", found.get("default-sort-order-id"))
    desk.same("fields of the default order", SORT["fields"], used.get("fields"))
    desk.that("default-sort-order-id", found.get("default-sort-order-id") != 0,
              wanted="not 0, the unsorted one", came=0)  # fmt: skip
    desk.refused(desk.commit(space, "t", [_use("default-sort-order", 77)]))
    found = committed(desk, space, _use("default-sort-order", 0))
    desk.same("default-sort-order-id", first.get("default-sort-order-id"),
              found.get("default-sort-order-id"))  # fmt: skip


@case(COMMIT, uses=MADE, each={
          "add-spec": {"action": "add-spec", "spec": {"spec-id": 6, "fields": [
              {"source-id": 99, "name": "x", "transform": "identity"}]}},
          "add-sort-order": {"action": "add-sort-order", "sort-order": {
              "order-id": 1, "fields": [{"source-id": 99, "transform": "identity",
                                         "direction": "asc", "null-order": "nulls-first"}]}},
          "a field id twice": {"action": "add-schema", "schema": {"type": "struct", "fields": [
              {"id": 1, "name": "a", "required": False, "type": "int"},
              {"id": 1, "name": "b", "required": False, "type": "int"}]}},
          "a name twice": {"action": "add-schema", "schema": {"type": "struct", "fields": [
              {"id": 1, "name": "a", "required": False, "type": "int"},
              {"id": 2, "name": "a", "required": False, "type": "int"}]}},
          "set-snapshot-ref": {"action": "set-snapshot-ref", "ref-name": "x", "type": "branch",
                               "snapshot-id": 99},
      }, says="a 4xx for an update that no table could have, and nothing is applied")  # fmt: skip
def an_update_that_contradicts_the_table_is_refused(desk: Desk, update: Document) -> None:
    space, first = _table(desk)
    desk.refused(desk.commit(space, "t", [put(k="1"), update]))
    unchanged(desk, space, first)
