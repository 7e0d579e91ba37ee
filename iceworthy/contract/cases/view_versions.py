"""Replacing views: requirements, updates in order, versions and their log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.wire import Namespace
from iceworthy.contract.asks import Ask
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import refused_or_ignored
from iceworthy.contract.same_metadata import same_metadata
from iceworthy.contract.view_scenes import (
    CURRENT,
    added,
    current_version,
    load_view,
    logged,
    make_view,
    properties,
    queries,
    replace,
    sql,
    version,
)

PLACE = "schemas.ViewUpdate"

REPLACE = "replaceView"
MADE = ("createView", "loadView")
NEW = "select category from t"
NOBODYS = "6f1e2d3c-0000-4000-8000-00000000abcd"


def _texts(desk: Desk, metadata: dict[str, Any]) -> list[Any]:
    return [queries(one).get("spark") for one in metadata.get("versions") or []]


def _as_before(desk: Desk, space: Namespace, before: Reply) -> None:
    """The view is still what `before` answered: the same file, the same metadata."""
    now = load_view(desk, space)
    desk.same("metadata-location", before.get("metadata-location"), now.get("metadata-location"))
    same_metadata(desk, before.metadata, now.metadata)


@case(REPLACE, uses=MADE, says="200 with the new metadata; a load shows the same")
def what_a_replace_answers_is_what_loading_gives(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    reply = desk.expect(replace(desk, space, [added(NEW), CURRENT]), 200)
    found = load_view(desk, space)
    same_metadata(desk, reply.metadata, found.metadata)
    desk.same("view-uuid", before.metadata.get("view-uuid"), found.metadata.get("view-uuid"))
    received = found.get("metadata-location")
    desk.that(
        "metadata-location",
        before.get("metadata-location") != received,
        got=received,
        expected="a new location: clients use it to detect a change",
    )


@case(REPLACE, uses=MADE, says="-1 sets the version that was added last as current")
def minus_one_is_the_version_added_last(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    desk.expect(replace(desk, space, [added("select 1"), added(NEW), CURRENT]), 200)
    found = load_view(desk, space).metadata
    desk.same("queries", {"spark": NEW}, queries(current_version(found)))
    desk.same("versions", 3, len(found.get("versions") or []))
    desk.same(
        "version-log",
        [before.get("current-version-id"), found["current-version-id"]],
        logged(found),
    )


@case(REPLACE, uses=MADE, says="a version that is added but not set is kept beside the current one")
def a_version_that_is_only_added_is_not_current(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    desk.expect(replace(desk, space, [added(NEW)]), 200)
    found = load_view(desk, space).metadata
    desk.same("current", before.get("current-version-id"), found.get("current-version-id"))
    desk.same("versions", 2, len(found.get("versions") or []))
    desk.same("version-log", logged(before), logged(found))


@case(REPLACE, uses=MADE, says="an older version can be made current again by its id")
def a_view_goes_back_to_an_older_version(desk: Desk) -> None:
    space = desk.fresh()
    first = make_view(desk, space).metadata
    old = first.get("current-version-id")
    second = desk.expect(replace(desk, space, [added(NEW), CURRENT]), 200).metadata
    back = {"action": "set-current-view-version", "view-version-id": old}
    desk.expect(replace(desk, space, [back]), 200)
    found = load_view(desk, space).metadata
    desk.same("current", old, found.get("current-version-id"))
    desk.same("version-log", [old, second.get("current-version-id"), old], logged(found))
    desk.same("versions", second.get("versions"), found.get("versions"))


@case(REPLACE, uses=MADE, says="each version has a unique id, whatever ids clients choose")
def versions_of_the_same_id_get_two_ids(desk: Desk) -> None:
    space = desk.fresh()
    taken = make_view(desk, space).metadata.get("current-version-id")
    desk.expect(replace(desk, space, [added(NEW, version_id=taken), CURRENT]), 200)
    found = load_view(desk, space).metadata
    ids = [one.get("version-id") for one in found.get("versions") or []]
    desk.that("version ids", len(ids) == len(set(ids)) == 2, expected="two different", got=ids)
    desk.same("queries", {"spark": NEW}, queries(current_version(found)))


@case(REPLACE, uses=MADE, says="-1 as the schema-id of a version is the schema that was added last")
def a_version_names_the_schema_added_last(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    fields = [{"id": 1, "name": "only", "type": "string", "required": False}]
    schema = {"type": "struct", "schema-id": 9, "fields": fields}
    updates = [{"action": "add-schema", "schema": schema}, added(NEW, schema_id=-1), CURRENT]
    desk.expect(replace(desk, space, updates), 200)
    found = load_view(desk, space).metadata
    schema_id = current_version(found).get("schema-id")
    schemas = [one for one in found.get("schemas") or [] if one.get("schema-id") == schema_id]
    desk.same("number of schemas of that id", 1, len(schemas))
    desk.same("its fields", ["only"], [one.get("name") for one in schemas[0].get("fields") or []])


@case(
    REPLACE,
    uses=MADE,
    each={
        "set": ([properties(a="1")], {"a": "1", "b": "0"}),
        "over": ([properties(b="1")], {"b": "1"}),
        "remove": ([{"action": "remove-properties", "removals": ["b"]}], {}),
        "remove unknown": ([{"action": "remove-properties", "removals": ["z"]}], {"b": "0"}),
        "set then remove": (
            [properties(a="1"), {"action": "remove-properties", "removals": ["a"]}],
            {"b": "0"},
        ),
        "remove then set": (
            [{"action": "remove-properties", "removals": ["b"]}, properties(b="2")],
            {"b": "2"},
        ),
        "twice": ([properties(a="1"), properties(a="2")], {"a": "2", "b": "0"}),
    },
    says="updates are applied in request order",
)
def properties_of_a_view_change_in_order(
    desk: Desk, given: tuple[list[Any], dict[str, str]]
) -> None:
    space = desk.fresh()
    make_view(desk, space, properties={"b": "0"})
    desk.expect(replace(desk, space, given[0]), 200)
    found = load_view(desk, space).metadata.get("properties") or {}
    desk.same("properties", given[1], {key: found[key] for key in ("a", "b", "z") if key in found})


@case(REPLACE, uses=MADE, says="set-properties changes only properties")
def a_property_changes_no_version(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    desk.expect(replace(desk, space, [properties(a="1")]), 200)
    found = load_view(desk, space).metadata
    for key in (
        "versions",
        "version-log",
        "schemas",
        "current-version-id",
        "view-uuid",
        "location",
    ):
        desk.same(key, before.get(key), found.get(key))


@case(REPLACE, uses=MADE, says="set-location changes the view's location")
def a_view_gets_another_location(desk: Desk) -> None:
    space = desk.fresh()
    expected = str(make_view(desk, space).metadata.get("location")).rstrip("/") + "-moved"
    desk.expect(replace(desk, space, [{"action": "set-location", "location": expected}]), 200)
    found = load_view(desk, space).metadata
    desk.same("location", expected, str(found.get("location")).rstrip("/"))


@case(REPLACE, uses=MADE, says="updates to the current state change nothing")
def the_views_own_uuid_and_format_are_no_change(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    updates = [
        {"action": "assign-uuid", "uuid": before.get("view-uuid")},
        {"action": "upgrade-format-version", "format-version": 1},
    ]
    desk.expect(replace(desk, space, updates), 200)
    same_metadata(desk, before, load_view(desk, space).metadata)


@case(REPLACE, uses=MADE, says="assert-view-uuid holds for the view's uuid")
def a_requirement_that_holds_lets_the_replace_through(desk: Desk) -> None:
    space = desk.fresh()
    own = make_view(desk, space).metadata.get("view-uuid")
    requirements = [{"type": "assert-view-uuid", "uuid": own}]
    desk.expect(replace(desk, space, [properties(a="1")], requirements), 200)
    desk.same("property", "1", load_view(desk, space).metadata["properties"].get("a"))


@case(REPLACE, uses=MADE, says="409 CommitFailedException when assert-view-uuid does not hold")
def a_requirement_that_fails_changes_nothing(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    requirements = [{"type": "assert-view-uuid", "uuid": desk.uuid()}]
    reply = replace(desk, space, [properties(a="1"), added(NEW), CURRENT], requirements)
    desk.expect(reply, 409, error="CommitFailedException")
    _as_before(desk, space, before)


@case(
    REPLACE,
    uses=(*MADE, "dropView"),
    says="a view that is created again under the name is another view",
)
def a_requirement_tells_a_view_from_its_successor(desk: Desk) -> None:
    space = desk.fresh()
    own = make_view(desk, space).metadata.get("view-uuid")
    desk.need(desk.do("dropView", space, "v"))
    make_view(desk, space)
    requirements = [{"type": "assert-view-uuid", "uuid": own}]
    desk.expect(replace(desk, space, [properties(a="1")], requirements), 409)


@case(REPLACE, says="404 for a view that does not exist; none is created")
def replacing_an_unknown_view_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    reply = replace(desk, space, [added(NEW), CURRENT])
    desk.expect(reply, 404, error="NoSuchViewException")
    desk.expect(desk.do("loadView", space, "v"), 404)


@case(REPLACE, uses=("createTable",), says="a table cannot be replaced as a view")
def replacing_a_table_as_a_view_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(replace(desk, space, [properties(a="1")], name="t"), 404)


@case(
    "updateTable",
    uses=MADE,
    says="a view cannot be committed to as a table",
    place="updateTable.responses.404",
)
def committing_to_a_view_as_a_table_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    desk.expect(desk.commit(space, "v", [properties(a="1")]), 404)
    same_metadata(desk, before, load_view(desk, space).metadata)


_WRONG: dict[str, Callable[[dict[str, Any]], list[Any]]] = {
    "unknown action": lambda view: [{"action": "set-flavour", "flavour": "x"}],
    "no action": lambda view: [{}],
    "a table's update": lambda view: [{"action": "remove-snapshots", "snapshot-ids": [1]}],
    "unknown version": lambda view: [{"action": "set-current-view-version", "view-version-id": 99}],
    "none added": lambda view: [CURRENT],
    "unknown schema": lambda view: [added(NEW, schema_id=99)],
    "no schema added": lambda view: [added(NEW, schema_id=-1)],
    "format version 2": lambda view: [{"action": "upgrade-format-version", "format-version": 2}],
    "another uuid": lambda view: [{"action": "assign-uuid", "uuid": NOBODYS}],
    "two of a dialect": lambda view: [
        {
            "action": "add-view-version",
            "view-version": version(representations=[sql("select 1"), sql("select 2")]),
        }
    ],
    "version without fields": lambda view: [{"action": "add-view-version", "view-version": {}}],
    "version a text": lambda view: [{"action": "add-view-version", "view-version": "x"}],
    "schema of no type": lambda view: [{"action": "add-schema", "schema": {"fields": 1}}],
    "updates a text": lambda view: [7],
    "first good, then wrong": lambda view: [
        properties(a="1"),
        {"action": "set-current-view-version", "view-version-id": 99},
    ],
}


@case(
    REPLACE,
    uses=MADE,
    each=_WRONG,
    says="an update that cannot be applied is refused, and no update is applied",
)
def a_wrong_update_changes_nothing(
    desk: Desk, wrong: Callable[[dict[str, Any]], list[Any]]
) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    desk.refused(replace(desk, space, wrong(before.metadata)))
    _as_before(desk, space, before)


@case(
    REPLACE,
    uses=MADE,
    each={
        "a table's": {"type": "assert-table-uuid", "uuid": NOBODYS},
        "unknown": {"type": "assert-flavour"},
        "no type": {},
        "no uuid": {"type": "assert-view-uuid"},
    },
    says="assert-view-uuid is the only requirement of views",
)
def a_requirement_that_views_do_not_know_is_refused(
    desk: Desk, requirement: dict[str, Any]
) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    desk.refused(replace(desk, space, [properties(a="1")], [requirement]))
    _as_before(desk, space, before)


@case(
    REPLACE,
    uses=MADE,
    each={
        "no updates": {"requirements": []},
        "updates an object": {"updates": {}},
        "nothing": {},
        "a list": [],
        "requirements a text": {"updates": [], "requirements": "x"},
    },
    says="updates is a required list",
)
def a_replace_of_the_wrong_shape_is_refused(desk: Desk, body: Any) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    refused_or_ignored(desk, desk.do(REPLACE, space, "v", body=body))
    same_metadata(desk, before.metadata, load_view(desk, space).metadata)


@case(
    REPLACE,
    uses=MADE,
    needs=("two_nodes",),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_shows_the_new_version_at_once(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    reply = desk.expect(replace(desk, space, [added(NEW), CURRENT], node=1), 200)
    same_metadata(desk, reply.metadata, load_view(desk, space).metadata)


@case(REPLACE, uses=MADE, says="every acknowledged one of concurrent replaces is applied")
def replaces_at_the_same_moment_lose_nothing(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    asks = [
        Ask(
            operation=REPLACE,
            parts=(space, "v"),
            node=number,
            body={"requirements": [], "updates": [properties(**{f"k{number}": "1"})]},
        )
        for number in range(6)
    ]
    replies = desk.at_once(*asks)
    found = load_view(desk, space).metadata.get("properties") or {}
    sure = {f"k{number}" for number, one in enumerate(replies) if one is not None and one.ok}
    desk.that("replaces that were answered 200", bool(sure), expected="at least one", got=len(sure))
    desk.that(
        "acknowledged properties", sure <= set(found), expected=str(sorted(sure)), got=sorted(found)
    )
    denied = {
        f"k{number}"
        for number, one in enumerate(replies)
        if one is not None and 400 <= one.status < 500
    }
    desk.that(
        "properties of refused replaces",
        not denied & set(found),
        expected="none",
        got=sorted(denied & set(found)),
    )


@case(REPLACE, uses=MADE, says="below the limit, every version is kept and logged")
def five_versions_are_kept_in_order(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space, text="select 0")
    for number in range(1, 5):
        desk.expect(replace(desk, space, [added(f"select {number}"), CURRENT]), 200)
    found = load_view(desk, space).metadata
    desk.same("queries", {f"select {n}" for n in range(5)}, set(_texts(desk, found)))
    desk.same("entries of the log", 5, len(found.get("version-log") or []))
    desk.same("the last one", found.get("current-version-id"), logged(found)[-1])
