"""Properties of a namespace: set, changed and removed, and the answer to each."""

from __future__ import annotations

from typing import Any

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED, refused_or_ignored

PLACE = "updateProperties.description"

UPDATE = "updateProperties"
KEPT = ("namespace_properties",)
START = {"a": "1", "b": "2", "c": "3"}


def _properties(desk: Desk, space: tuple[str, ...]) -> dict[str, Any]:
    reply = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
    found = reply.get("properties")
    if not isinstance(found, dict | None):
        desk.broken("properties as an object", found, reply)
    return {key: (found or {}).get(key) for key in "abcd"}


@case(
    UPDATE,
    needs=KEPT,
    each={
        "set one": ({"d": "4"}, [], {**START, "d": "4"}),
        "change one": ({"a": "9"}, [], {**START, "a": "9", "d": None}),
        "set to the same": ({"a": "1"}, [], {**START, "d": None}),
        "set to empty": ({"a": ""}, [], {**START, "a": "", "d": None}),
        "remove one": ({}, ["a"], {**START, "a": None, "d": None}),
        "remove all": ({}, ["a", "b", "c"], {"a": None, "b": None, "c": None, "d": None}),
        "set and remove": ({"d": "4"}, ["b"], {"a": "1", "b": None, "c": "3", "d": "4"}),
        "nothing": ({}, [], {**START, "d": None}),
    },
    says="properties not in the request are neither changed nor removed",
    early=("set and remove",),
)
def properties_are_as_asked_and_the_others_as_they_were(desk: Desk, step: Any) -> None:
    updates, removals, expected = step
    space = desk.fresh(properties=START)
    reply = desk.do(UPDATE, space, body={"updates": updates, "removals": removals})
    if reply.status == 406:
        desk.skip("namespace properties are not supported (406)")
    desk.expect(reply, 200)
    desk.same("properties", expected, _properties(desk, space), reply)


@case(UPDATE, needs=KEPT, says="each key is listed in updated, removed or missing", early=True)
def the_answer_tells_what_became_of_each_key(desk: Desk) -> None:
    space = desk.fresh(properties=START)
    body = {"updates": {"a": "9", "d": "4"}, "removals": ["b", "unknown"]}
    reply = desk.expect(desk.do(UPDATE, space, body=body), 200)
    desk.same("updated", ["a", "d"], sorted(reply.get("updated") or []))
    desk.same("removed", ["b"], reply.get("removed"))
    missing = reply.get("missing")
    desk.that("missing", missing in (["unknown"], None), expected="['unknown']", got=missing)


@case(
    UPDATE,
    needs=KEPT,
    says="a removed key that does not exist is listed in missing, and is no error",
)
def removing_an_unknown_key_changes_nothing(desk: Desk) -> None:
    space = desk.fresh(properties=START)
    reply = desk.expect(desk.do(UPDATE, space, body={"removals": ["unknown"]}), 200)
    desk.same("removed", [], reply.get("removed") or [])
    desk.same("properties", {**START, "d": None}, _properties(desk, space))


@case(UPDATE, needs=KEPT, says="422 when a key is both in removals and in updates", early=True)
def a_key_both_set_and_removed_is_refused(desk: Desk) -> None:
    space = desk.fresh(properties=START)
    body = {"updates": {"a": "9", "d": "4"}, "removals": ["a"]}
    desk.expect(desk.do(UPDATE, space, body=body), 422)
    desk.same("properties", {**START, "d": None}, _properties(desk, space))


@case(UPDATE, needs=KEPT, says="404 for a namespace that does not exist", early=True)
def properties_of_an_unknown_namespace_are_not_found(desk: Desk) -> None:
    name = (*desk.root, desk.name())
    desk.expect(desk.do(UPDATE, name, body={"updates": {"a": "1"}}), 404)
    desk.is_there("namespaceExists", name, there=False)


@case(
    UPDATE,
    needs=KEPT,
    each={
        "updates a list": {"updates": ["a"]},
        "value a number": {"updates": {"a": 1}},
        "value an object": {"updates": {"a": {}}},
        "removals a text": {"removals": "a"},
        "removals of numbers": {"removals": [1]},
    },
    says="updates map strings to strings, removals are unique strings",
    reading={"value a number": COERCED},
)
def a_change_of_the_wrong_shape_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    space = desk.fresh(properties=START)
    refused_or_ignored(desk, desk.do(UPDATE, space, body=body))
    desk.same("properties", {**START, "d": None}, _properties(desk, space))


@case(
    UPDATE,
    needs=(*KEPT, "two_nodes"),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_shows_a_changed_property(desk: Desk) -> None:
    space = desk.fresh(properties=START)
    desk.expect(desk.do(UPDATE, space, body={"updates": {"a": "9"}}), 200)
    reply = desk.expect(desk.do("loadNamespaceMetadata", space, node=1), 200)
    desk.same("property a", "9", reply.get("properties", "a"))
