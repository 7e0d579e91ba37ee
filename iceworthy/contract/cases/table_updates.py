"""Updates of a table: each type has its effect, in request order; wrong updates have none."""

from __future__ import annotations

from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import refused_or_ignored
from iceworthy.contract.same_metadata import same_metadata, same_properties
from iceworthy.contract.table_scenes import (
    Document,
    branch,
    committed,
    current_schema,
    found_by,
    put,
    simple_table,
    snapshot,
    unchanged,
    use_number,
    widen,
    wider_schema,
)

PLACE = "schemas.TableUpdate"

COMMIT, MADE = "updateTable", ("createTable", "loadTable")
SORT: Document = {
    "order-id": 1,
    "fields": [
        {"source-id": 1, "transform": "identity", "direction": "desc", "null-order": "nulls-last"},
    ],
}
SPEC: Document = {
    "spec-id": 1,
    "fields": [
        {"source-id": 1, "field-id": 1000, "name": "id_bucket", "transform": "bucket[8]"},
        {"source-id": 3, "field-id": 1001, "name": "at_day", "transform": "day"},
    ],
}


def _widened(desk: Desk, space: Namespace, first: Document) -> Document:
    """The metadata after a commit that adds a column to `first`."""
    add = widen(first)
    return committed(desk, space, add, use_number("current-schema"))


def _last_of_none(desk: Desk, space: Namespace, before: Document, kind: str) -> None:
    """-1 in a commit that adds nothing is refused, or names what the table got last, which is used
    already: the document does not say whether "last added" is of the commit or of the table."""
    reply = desk.commit(space, "t", [use_number(kind)])
    if not refused_or_ignored(desk, reply).ok:
        unchanged(desk, space, before)
        return
    now = desk.load(space).metadata
    desk.same(f"{kind}-id", before.get(f"{kind}-id"), now.get(f"{kind}-id"))


def _properties(metadata: Document) -> Document:
    found = metadata.get("properties")
    return found if isinstance(found, dict) else {}


# every commit


@case(
    COMMIT,
    uses=MADE,
    says="the answer and the next load show the new metadata",
    early=True,
    place="responses.CommitTableResponse",
)
def a_commit_answers_what_load_shows(desk: Desk) -> None:
    space, first = simple_table(desk)
    before = desk.load(space).get("metadata-location")
    reply = desk.expect(desk.commit(space, "t", [put(k="1")]), 200)
    for node in range(len(desk.live.nodes)):
        found = desk.load(space, node=node)
        desk.same(
            "metadata-location",
            reply.get("metadata-location"),
            found.get("metadata-location"),
            found,
        )
        same_metadata(desk, reply.metadata, found.metadata, found)
    desk.that(
        "metadata-location",
        reply.get("metadata-location") != before,
        expected="another location than before",
        got=before,
    )
    desk.same("table-uuid", first.get("table-uuid"), reply.metadata.get("table-uuid"))


@case(COMMIT, uses=MADE, says="the metadata-log names the previous files, oldest first")
def the_metadata_log_grows_by_every_commit(desk: Desk) -> None:
    space, _ = simple_table(desk)
    expected = []
    for number in range(3):
        expected.append(desk.load(space).get("metadata-location"))
        committed(desk, space, put(k=str(number)))
    log = desk.load(space).metadata.get("metadata-log") or []
    if not log:
        desk.skip("the target keeps no metadata-log, which is optional")
    shown = [one.get("metadata-file") for one in log]
    desk.same("metadata-log", expected[-len(shown) :], shown)  # a catalog may keep the newest alone
    times = [one.get("timestamp-ms") for one in log]
    desk.that("times of the log", times == sorted(times), expected="in order", got=times)


@case(COMMIT, uses=MADE, says="last-updated-ms is the time of the last change")
def the_time_of_the_last_change_does_not_go_back(desk: Desk) -> None:
    space, first = simple_table(desk)
    after = committed(desk, space, put(k="1"))
    before_ms, after_ms = first.get("last-updated-ms"), after.get("last-updated-ms")
    fits = isinstance(before_ms, int) and isinstance(after_ms, int) and after_ms >= before_ms
    desk.that("last-updated-ms", fits, expected=f"{before_ms} or later", got=after_ms)


@case(COMMIT, uses=MADE, says="without updates nothing is changed")
def a_commit_without_updates_changes_nothing(desk: Desk) -> None:
    space, first = simple_table(desk)
    desk.expect(desk.commit(space, "t", []), 200)
    found = desk.load(space).metadata
    same_properties(desk, first, found)
    for key in ("table-uuid", "schemas", "current-schema-id"):
        desk.same(key, first.get(key), found.get(key))
    desk.same("snapshots", first.get("snapshots") or [], found.get("snapshots") or [])


@case(COMMIT, uses=MADE, says="updates apply in request order")
def properties_follow_the_order_of_the_updates(desk: Desk) -> None:
    space, _ = simple_table(desk, properties={"a": "0", "b": "0"})
    take = {"action": "remove-properties", "removals": ["a"]}
    found = _properties(committed(desk, space, take, put(a="1", b="1"), put(b="2")))
    last = (found.get("a"), found.get("b"))
    desk.same("a, removed and then set, and b, set twice", ("1", "2"), last)
    found = _properties(committed(desk, space, put(a="3"), take))
    desk.same("a, set and then removed", None, found.get("a"))


@case(COMMIT, uses=MADE, says="an update can only use what earlier updates have added")
def an_update_that_comes_too_early_is_refused(desk: Desk) -> None:
    space, first = simple_table(desk)
    add = widen(first)
    desk.refused(desk.commit(space, "t", [use_number("current-schema"), add]))
    unchanged(desk, space, first)
    number = desk.snapshot_id()
    desk.refused(desk.commit(space, "t", [branch(number), snapshot(first, number)]))
    unchanged(desk, space, first)


# uuid, format, location, properties


@case(COMMIT, uses=MADE, says="the uuid of a table that has one cannot be replaced")
def the_uuid_of_a_table_stays(desk: Desk) -> None:
    space, first = simple_table(desk)
    own = str(first.get("table-uuid"))
    again = desk.commit(space, "t", [{"action": "assign-uuid", "uuid": own}])
    if not again.ok:  # "should only be used when creating" may be read as "must"
        desk.remark("200: the uuid is the same", desk.refused(again).said, again)
    other = "00000000-0000-4000-8000-000000000001"
    taken = desk.commit(space, "t", [{"action": "assign-uuid", "uuid": other}])
    if taken.ok:  # what counts is that the uuid stays
        desk.remark("a 4xx: the uuid cannot be replaced", taken.said, taken)
    else:
        desk.refused(taken)
    desk.same("table-uuid", own, desk.load(space).metadata.get("table-uuid"))


@case(COMMIT, uses=MADE, says="the format version can be raised, and never lowered")
def the_format_version_is_raised_from_1_to_2(desk: Desk) -> None:
    space, first = simple_table(desk, properties={"format-version": "1"})
    if first.get("format-version") != 1:
        desk.skip("the target creates no tables of version 1, as it may")

    def to(version: int) -> Document:
        return {"action": "upgrade-format-version", "format-version": version}

    found = committed(desk, space, to(2))
    desk.same("format-version", 2, found.get("format-version"))
    desk.same("format-version", 2, committed(desk, space, to(2)).get("format-version"))
    for wrong in (1, 99):
        desk.refused(desk.commit(space, "t", [to(wrong)]))
    desk.same("format-version", 2, desk.load(space).metadata.get("format-version"))


@case(COMMIT, uses=MADE, says="the location is changed; the table keeps its uuid")
def the_location_is_set(desk: Desk) -> None:
    space, first = simple_table(desk)
    expected = f"{str(first.get('location')).rstrip('/')}-moved"
    reply = desk.commit(space, "t", [{"action": "set-location", "location": expected}])
    if not reply.ok:
        desk.refused(reply)
        desk.same("location", first.get("location"), desk.load(space).metadata.get("location"))
        desk.skip(f"the target refuses this location: {reply.said}")
    found = desk.load(space).metadata
    desk.same("location", expected, str(found.get("location")).rstrip("/"))
    desk.same("table-uuid", first.get("table-uuid"), found.get("table-uuid"))


@case(COMMIT, uses=MADE, says="properties are set, replaced and removed; others stay", early=True)
def properties_are_set_and_removed(desk: Desk) -> None:
    space, _ = simple_table(desk, properties={"a": "1", "b": "1", "c": "1"})
    found = _properties(
        committed(
            desk,
            space,
            put(b="2", d="é\u2028 \"'%\\"),
            {"action": "remove-properties", "removals": ["c"]},
        )
    )
    expected = {"a": "1", "b": "2", "d": "é\u2028 \"'%\\"}
    desk.same("properties", expected, {key: found[key] for key in "abcd" if key in found})


# schemas, specs, orders


@case(COMMIT, uses=MADE, says="a schema is added, and becomes current when it is set", early=True)
def a_schema_is_added_and_then_set(desk: Desk) -> None:
    space, first = simple_table(desk)
    add = widen(first)
    found = committed(desk, space, add)
    desk.same("current-schema-id", first.get("current-schema-id"), found.get("current-schema-id"))
    desk.same("number of schemas", 2, len(found["schemas"]))
    desk.same("last-column-id", first["last-column-id"] + 1, found.get("last-column-id"))
    (new,) = (
        one["schema-id"]
        for one in found["schemas"]
        if one["schema-id"] != first["current-schema-id"]
    )
    found = committed(desk, space, use_number("current-schema", new))
    desk.same("current-schema-id", new, found.get("current-schema-id"))
    desk.same("fields", wider_schema(first)["fields"], current_schema(found).get("fields"))


@case(COMMIT, uses=MADE, says="-1 sets the schema that was added last", early=True)
def the_schema_added_last_is_set(desk: Desk) -> None:
    space, first = simple_table(desk)
    found = committed(
        desk,
        space,
        widen(first),
        use_number("current-schema"),
    )
    desk.same("fields", wider_schema(first)["fields"], current_schema(found).get("fields"))
    unknown = desk.commit(space, "t", [use_number("current-schema", 77)])
    desk.refused(unknown)
    unchanged(desk, space, found)
    _last_of_none(desk, space, found, "current-schema")


@case(COMMIT, uses=MADE, says="schemas can be removed, but not the current one")
def schemas_are_removed(desk: Desk) -> None:
    space, first = simple_table(desk)
    added = _widened(desk, space, first)
    old, new = first["current-schema-id"], added["current-schema-id"]
    desk.refused(desk.commit(space, "t", [{"action": "remove-schemas", "schema-ids": [new]}]))
    found = committed(desk, space, {"action": "remove-schemas", "schema-ids": [old]})
    desk.same("schemas", [new], [one.get("schema-id") for one in found.get("schemas") or []])


@case(COMMIT, uses=MADE, says="column ids are never given twice")
def the_last_column_id_stays_when_columns_go(desk: Desk) -> None:
    space, first = simple_table(desk)
    added = _widened(desk, space, first)
    found = committed(desk, space, use_number("current-schema", first["current-schema-id"]))
    desk.same("fields", current_schema(first)["fields"], current_schema(found).get("fields"))
    desk.same("last-column-id", added["last-column-id"], found.get("last-column-id"))


@case(COMMIT, uses=MADE, says="a partition spec is added with new field ids, and set as default")
def a_partition_spec_is_added_and_set(desk: Desk) -> None:
    space, first = simple_table(desk)
    found = committed(desk, space, {"action": "add-spec", "spec": SPEC})
    desk.same("default-spec-id", first.get("default-spec-id"), found.get("default-spec-id"))
    half = {"action": "add-spec", "spec": {"spec-id": 2, "fields": SPEC["fields"][:1]}}
    found = committed(desk, space, half, use_number("default-spec"))
    used = found_by(found.get("partition-specs"), "spec-id", found.get("default-spec-id"))
    seen = [(f.get("source-id"), f.get("name"), f.get("transform")) for f in used.get("fields", [])]
    desk.same("fields of the default spec", [(1, "id_bucket", "bucket[8]")], seen)
    numbers = {
        f.get("field-id"): (f.get("source-id"), f.get("transform"))
        for spec in found["partition-specs"]
        for f in spec.get("fields", [])
    }
    desk.same("distinct partition field ids", 2, len(numbers))
    last = found.get("last-partition-id")
    fits = isinstance(last, int) and all(1000 <= number <= last for number in numbers)
    desk.that("partition field ids", fits, expected=f"from 1000 to {last}", got=sorted(numbers))
    desk.refused(desk.commit(space, "t", [use_number("default-spec", 77)]))
    unchanged(desk, space, found)
    _last_of_none(desk, space, found, "default-spec")


@case(COMMIT, uses=MADE, says="specs can be removed, but not the default one")
def partition_specs_are_removed(desk: Desk) -> None:
    space, first = simple_table(desk)
    found = committed(desk, space, {"action": "add-spec", "spec": SPEC}, use_number("default-spec"))
    old, new = first["default-spec-id"], found["default-spec-id"]
    desk.refused(desk.commit(space, "t", [{"action": "remove-partition-specs", "spec-ids": [new]}]))
    found = committed(desk, space, {"action": "remove-partition-specs", "spec-ids": [old]})
    desk.same("specs", [new], [one.get("spec-id") for one in found.get("partition-specs") or []])


@case(COMMIT, uses=MADE, says="a sort order is added and set; order 0 is unsorted")
def a_sort_order_is_added_and_set(desk: Desk) -> None:
    space, first = simple_table(desk)
    found = committed(
        desk,
        space,
        {"action": "add-sort-order", "sort-order": SORT},
        use_number("default-sort-order"),
    )
    used = found_by(found.get("sort-orders"), "order-id", found.get("default-sort-order-id"))
    desk.same("fields of the default order", SORT["fields"], used.get("fields"))
    desk.that(
        "default-sort-order-id",
        found.get("default-sort-order-id") != 0,
        expected="not 0, the unsorted one",
        got=0,
    )
    desk.refused(desk.commit(space, "t", [use_number("default-sort-order", 77)]))
    found = committed(desk, space, use_number("default-sort-order", 0))
    desk.same(
        "default-sort-order-id",
        first.get("default-sort-order-id"),
        found.get("default-sort-order-id"),
    )
