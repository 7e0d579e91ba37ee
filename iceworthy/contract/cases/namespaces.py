"""Namespaces: create, load, exists and drop, and the state after each of them."""

from __future__ import annotations

from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.contract.capabilities import keeps_properties
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED, MORE_THAN_JSON
from iceworthy.contract.odd_names import (
    ODD_EARLY,
    ODD_NAMES,
    can_be_addressed,
    can_be_dropped_again,
)
from iceworthy.contract.view_scenes import make_view

PLACE = "schemas.CreateNamespaceRequest"

PROPERTY_VALUES = {
    "plain": "value",
    "empty": "",
    "unicode": "größe 表 🧊",
    "quotes": """a "b" 'c' \\ d""",
    "json": '{"a": [1, 2, {"b": null}]}',
    "number": "9223372036854775807",
    "newline": "a\nb\tc",
    "long": "v" * 3000,
}


def _has(desk: Desk, reply: Reply, key: str, value: str) -> None:
    """The answer must show this property, if the target has properties of namespaces at all."""
    if keeps_properties(desk):
        desk.same(f"property {key}", value, reply.get("properties", key), reply)


@case(
    "createNamespace",
    says="the answer names the namespace that was created, and its properties",
    early=True,
)
def a_created_namespace_is_named_in_the_answer(desk: Desk) -> None:
    levels = (*desk.root, desk.name())
    body = {"namespace": list(levels), "properties": {"owner": "ann"}}
    reply = desk.expect(desk.do("createNamespace", body=body), 200)
    desk.same("namespace", list(levels), reply.get("namespace"))
    owner = reply.get("properties", "owner")
    desk.that("properties of the answer", owner in ("ann", None), expected="owner: ann", got=owner)


@case("createNamespace", says="properties is not required")
def properties_may_be_left_out(desk: Desk) -> None:
    levels = (*desk.root, desk.name())
    desk.expect(desk.do("createNamespace", body={"namespace": list(levels)}), 200)
    desk.expect(desk.do("loadNamespaceMetadata", levels), 200)


@case(
    "createNamespace",
    each=PROPERTY_VALUES,
    needs=("namespace_properties",),
    says="properties are stored and returned unchanged",
    early=("plain", "unicode"),
)
def a_property_comes_back_as_it_was_given(desk: Desk, value: str) -> None:
    space = desk.fresh(properties={"p": value, "other": "x"})
    reply = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
    desk.same("property p", value, reply.get("properties", "p"))
    desk.same("property other", "x", reply.get("properties", "other"))


@case("createNamespace", says="409 when the namespace exists", early=True)
def the_second_create_of_a_namespace_is_refused_and_changes_nothing(desk: Desk) -> None:
    space = desk.fresh(properties={"p": "first"})
    body = {"namespace": list(space), "properties": {"p": "second", "q": "new"}}
    desk.expect(desk.do("createNamespace", body=body), 409)
    reply = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
    _has(desk, reply, "p", "first")
    desk.same("property q", None, reply.get("properties", "q"))


@case("createNamespace", each={
    "no namespace": {},
    "null": {"namespace": None},
    "empty list": {"namespace": []},
    "a text": {"namespace": "text"},
    "a number": {"namespace": [1]},
    "null level": {"namespace": [None]},
    "nested list": {"namespace": [["a"]]},
    "properties a list": {"namespace": ["iw_contract_bad1"], "properties": ["a"]},
    "property a number": {"namespace": ["iw_contract_bad2"], "properties": {"a": 1}},
    "property a list": {"namespace": ["iw_contract_bad3"], "properties": {"a": ["b"]}},
}, needs=("own_namespaces",), reading=dict.fromkeys(("a number", "null level", "property a number"), COERCED), says="namespace is a required array of strings; properties map strings to strings")  # fmt: skip  # noqa: E501
def a_request_of_the_wrong_shape_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    desk.refused(desk.do("createNamespace", body=body))
    levels = body.get("namespace")
    if isinstance(levels, list) and levels and isinstance(levels[0], str):
        desk.is_there("namespaceExists", (levels[0],), there=False)


@case(
    "createNamespace",
    each={
        "not JSON": b"{",
        "empty": b"",
        "a list": b"[]",
        "a text": b'"a"',
        "null": b"null",
        "not UTF-8": b'{"namespace":["\xff\xfe"]}',
        "trailing": b'{"namespace":["iw_x"]} x',
    },
    says="400 for a malformed request",
    reading=dict.fromkeys(("not UTF-8", "trailing"), MORE_THAN_JSON),
)
def a_body_that_is_no_request_is_refused(desk: Desk, body: bytes) -> None:
    desk.refused(desk.do("createNamespace", body=body))


@case(
    "loadNamespaceMetadata",
    says="the answer names the namespace asked for",
    early=True,
    place="schemas.GetNamespaceResponse",
)
def a_loaded_namespace_is_named(desk: Desk) -> None:
    space = desk.fresh()
    reply = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
    desk.same("namespace", list(space), reply.get("namespace"))


@case("loadNamespaceMetadata", says="404 for a namespace that does not exist", early=True)
def an_unknown_namespace_is_not_found(desk: Desk) -> None:
    desk.expect(desk.do("loadNamespaceMetadata", (*desk.root, desk.name())), 404)


@case(
    "loadNamespaceMetadata",
    needs=("two_nodes",),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_shows_a_namespace_at_once(desk: Desk) -> None:
    space = desk.fresh(properties={"p": "1"})
    _has(desk, desk.expect(desk.do("loadNamespaceMetadata", space, node=1), 200), "p", "1")


@case("namespaceExists", says="204 without a body for a namespace that exists", early=True)
def exists_answers_204(desk: Desk) -> None:
    reply = desk.expect(desk.do("namespaceExists", desk.fresh()), 204)
    desk.same("body", b"", reply.raw)


@case("namespaceExists", says="404 for a namespace that does not exist", early=True)
def exists_answers_404(desk: Desk) -> None:
    desk.expect(desk.do("namespaceExists", (*desk.root, desk.name())), 404)


@case("dropNamespace", says="204; then no operation finds it", early=True)
def a_dropped_namespace_is_gone(desk: Desk) -> None:
    space = desk.fresh()
    desk.expect(desk.do("dropNamespace", space), 204)
    desk.expect(desk.do("loadNamespaceMetadata", space), 404)
    desk.is_there("namespaceExists", space, there=False)
    desk.expect(desk.do("listTables", space), 404)
    listed = desk.expect(desk.do("listNamespaces", query=_below(desk)), 200)
    names = listed.get("namespaces") or []
    desk.that("listing", list(space) not in names, expected=f"without {space}", got=names)


@case("dropNamespace", says="404 for a namespace that does not exist", early=True)
def dropping_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    desk.expect(desk.do("dropNamespace", (*desk.root, desk.name())), 404)


@case("dropNamespace", says="404 for a namespace that was dropped")
def dropping_twice_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    desk.expect(desk.do("dropNamespace", space), 204)
    desk.expect(desk.do("dropNamespace", space), 404)


@case("dropNamespace", uses=("createTable",), says="409 when it is not empty", early=True)
def a_namespace_that_holds_a_table_stays(desk: Desk) -> None:
    space = desk.fresh(properties={"p": "1"})
    desk.table(space)
    desk.expect(desk.do("dropNamespace", space), 409)
    _has(desk, desk.expect(desk.do("loadNamespaceMetadata", space), 200), "p", "1")
    desk.load(space)


@case(
    "dropNamespace", uses=("createView",), says="409 when it is not empty; a view counts as content"
)
def a_namespace_that_holds_a_view_stays(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(desk.do("dropNamespace", space), 409)
    desk.expect(desk.do("loadNamespaceMetadata", space), 200)


@case("dropNamespace", uses=("createTable", "dropTable"), says="204 once it is empty again")
def a_namespace_whose_table_was_dropped_can_go(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do("dropTable", space, "t"), 204)
    desk.expect(desk.do("dropNamespace", space), 204)


@case(
    "createNamespace",
    uses=("dropNamespace",),
    says="a namespace that is created again has no properties or tables of its predecessor",
)
def a_namespace_created_anew_starts_empty(desk: Desk) -> None:
    space = desk.fresh(properties={"old": "1"})
    desk.expect(desk.do("dropNamespace", space), 204)
    desk.namespace(space, {"new": "2"})
    reply = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
    desk.same("property old", None, reply.get("properties", "old"))
    _has(desk, reply, "new", "2")


@case(
    "createNamespace",
    each=ODD_NAMES,
    says="a name is any string; it is returned unchanged, or refused",
    early=ODD_EARLY,
)
def an_odd_name_is_kept_exactly_or_refused(desk: Desk, odd: str) -> None:
    levels = (*desk.root, f"{desk.name()} {odd}" if odd != "..." else f"{desk.name()}...")
    can_be_addressed(desk, levels)
    can_be_dropped_again(desk, "loadNamespaceMetadata", levels)
    reply = desk.do("createNamespace", body={"namespace": list(levels), "properties": {}})
    if 400 <= reply.status < 500:
        desk.skip(f"the target refuses this name: {reply.said}")
    desk.expect(reply, 200)
    desk.same("namespace of the answer", list(levels), reply.get("namespace"))
    loaded = desk.expect(desk.do("loadNamespaceMetadata", levels), 200)
    desk.same("namespace loaded", list(levels), loaded.get("namespace"))
    desk.is_there("namespaceExists", levels)
    listed = desk.expect(desk.do("listNamespaces", query=_below(desk)), 200)
    names = listed.get("namespaces") or []
    desk.that("listing", list(levels) in names, expected=f"with {levels}", got=names[-5:])
    desk.expect(desk.do("dropNamespace", levels), 204)
    desk.is_there("namespaceExists", levels, there=False)


def _below(desk: Desk) -> dict[str, str]:
    return {"parent": desk.wire.separator.join(desk.root)} if desk.root else {}
