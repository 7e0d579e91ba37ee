"""Namespace hierarchies: levels, parents, separators, and names that only look like levels."""

from __future__ import annotations

from urllib.parse import quote

from iceworthy.client.asker import Reply
from iceworthy.client.wire import Namespace
from iceworthy.contract.capabilities import keeps_properties
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.odd_names import can_be_addressed
from iceworthy.specification import operation

PLACE = "parameters.namespace"

FR = "FR-003"


def _children(desk: Desk, parent: Namespace) -> list[list[str]]:
    query = {"parent": desk.wire.separator.join(parent)} if parent else None
    reply = desk.expect(desk.do("listNamespaces", query=query), 200)
    found = reply.get("namespaces")
    return found if isinstance(found, list) else []


@case(
    "createNamespace",
    requirement=FR,
    says="a namespace is an array of levels",
    early=True,
    place="schemas.Namespace",
)
def a_child_is_created_and_loaded_by_all_its_levels(desk: Desk) -> None:
    parent = desk.fresh()
    child = desk.namespace((*parent, "child"), {"p": "1"})
    reply = desk.expect(desk.do("loadNamespaceMetadata", child), 200)
    desk.same("namespace", list(child), reply.get("namespace"))
    _has_property(desk, reply, "1")


@case(
    "listNamespaces",
    requirement=FR,
    says="with parent: the namespaces directly below it, with all their levels",
    early=True,
    place="listNamespaces.description",
)
def a_parent_lists_its_children_and_nothing_deeper(desk: Desk) -> None:
    parent = desk.fresh()
    one, two = desk.namespace((*parent, "one")), desk.namespace((*parent, "two"))
    desk.namespace((*one, "deep"))
    desk.same("children", sorted([list(one), list(two)]), sorted(_children(desk, parent)))
    desk.same("grandchildren", [[*one, "deep"]], _children(desk, one))
    desk.same("children of a leaf", [], _children(desk, two))


@case(
    "listNamespaces",
    requirement=FR,
    says="without parent: top-level namespaces only",
    early=True,
    place="listNamespaces.parameters.parent",
)
def a_child_is_not_listed_at_the_level_above_its_parent(desk: Desk) -> None:
    parent, name = desk.fresh(), desk.name("child")
    child = desk.namespace((*parent, name))
    above = _children(desk, desk.root)
    desk.that("parent", list(parent) in above, expected=f"{parent} listed", got=above[-5:])
    for short in ([*desk.root, name], [*desk.root, ".".join(child[len(desk.root) :])]):
        desk.that("listing", short not in above, expected=f"without {short}", got=short)
    hidden = all(len(levels) == len(parent) for levels in above) and list(child) not in above
    desk.that("listing", hidden, expected=f"only levels of depth {len(parent)}", got=above[-5:])


@case("listNamespaces", requirement=FR, says="404 for a parent that does not exist", early=True)
def children_of_an_unknown_parent_are_not_found(desk: Desk) -> None:
    unknown = desk.wire.separator.join((*desk.root, desk.name()))
    desk.expect(desk.do("listNamespaces", query={"parent": unknown}), 404)


@case(
    "listNamespaces",
    requirement=FR,
    needs=("own_namespaces",),
    says="an empty parent means no parent",
    place="listNamespaces.parameters.parent",
)
def an_empty_parent_is_treated_as_absent(desk: Desk) -> None:
    space = desk.fresh()
    if desk.root:
        desk.skip("the target keeps the suite below a root namespace")
    reply = desk.expect(desk.do("listNamespaces", query={"parent": ""}), 200)
    names = reply.get("namespaces") or []
    desk.that("listing", list(space) in names, expected=f"with {space}", got=names[-5:])


@case(
    "createNamespace",
    requirement=FR,
    each=(2, 3, 5, 8),
    says="the specification sets no limit to the number of levels",
    early=("2", "3"),
    place="schemas.Namespace",
)
def so_many_levels_deep(desk: Desk, depth: int) -> None:
    levels = desk.fresh()
    for level in range(1, depth):
        levels = (*levels, f"l{level}")
        reply = desk.do("createNamespace", body={"namespace": list(levels)})
        if 400 <= reply.status < 500 and depth > 3:
            desk.skip(f"the target refuses {depth} levels: {reply.said}")
        desk.expect(reply, 200)
    loaded = desk.expect(desk.do("loadNamespaceMetadata", levels), 200)
    desk.same("namespace", list(levels), loaded.get("namespace"))


@case(
    "createNamespace",
    requirement=FR,
    says="equal names under different parents are different",
    early=True,
    place="schemas.Namespace",
)
def the_same_leaf_under_two_parents_is_two_namespaces(desk: Desk) -> None:
    one, two = desk.fresh(), desk.fresh()
    desk.namespace((*one, "leaf"), {"p": "one"})
    desk.namespace((*two, "leaf"), {"p": "two"})
    for parent, value in ((one, "one"), (two, "two")):
        reply = desk.expect(desk.do("loadNamespaceMetadata", (*parent, "leaf")), 200)
        _has_property(desk, reply, value)
    desk.expect(desk.do("dropNamespace", (*one, "leaf")), 204)
    desk.is_there("namespaceExists", (*two, "leaf"))


@case(
    "createNamespace",
    requirement=FR,
    says="only the separator separates levels",
    early=True,
    place="schemas.Namespace",
)
def a_dot_in_a_name_is_no_level(desk: Desk) -> None:
    outer = desk.fresh()
    dotted, nested = (*desk.root, f"{outer[-1]}.x"), (*outer, "x")
    can_be_addressed(desk, dotted)
    reply = desk.do("createNamespace", body={"namespace": list(dotted), "properties": {"p": "dot"}})
    if 400 <= reply.status < 500:
        desk.skip(f"the target refuses a dot in a name: {reply.said}")
    desk.expect(reply, 200)
    desk.is_there("namespaceExists", nested, there=False)
    desk.namespace(nested, {"p": "level"})
    for levels, value in ((dotted, "dot"), (nested, "level")):
        loaded = desk.expect(desk.do("loadNamespaceMetadata", levels), 200)
        desk.same("namespace", list(levels), loaded.get("namespace"))
        _has_property(desk, loaded, value)


@case(
    "loadNamespaceMetadata",
    requirement=FR,
    says="0x1F is a valid separator whatever the server advertises",
    early=True,
)
def the_unit_separator_always_separates_in_a_path(desk: Desk) -> None:
    child = desk.namespace((*desk.fresh(), "child"))
    joined = "%1F".join(quote(level, safe="") for level in child)
    one = operation("loadNamespaceMetadata")
    path = f"{desk.wire.root}/namespaces/{joined}"
    reply = desk.expect(desk.send(one.method, path, about=one), 200)
    desk.same("namespace", list(child), reply.get("namespace"))


@case(
    "listNamespaces",
    requirement=FR,
    says="0x1F is a valid separator whatever the server advertises",
    place="listNamespaces.parameters.parent",
)
def the_unit_separator_always_separates_in_parent(desk: Desk) -> None:
    child = desk.namespace((*desk.fresh(), "child"))
    grandchild = desk.namespace((*child, "x"))
    reply = desk.expect(desk.do("listNamespaces", query={"parent": "\x1f".join(child)}), 200)
    desk.same("children", [list(grandchild)], reply.get("namespaces"))


@case(
    "listTables",
    requirement=FR,
    uses=("createTable",),
    says="tables are listed only in their namespace",
    early=True,
)
def tables_of_a_child_are_not_the_parents(desk: Desk) -> None:
    parent = desk.fresh()
    child = desk.namespace((*parent, "child"))
    desk.table(parent, "above")
    desk.table(child, "below")
    for space, name in ((parent, "above"), (child, "below")):
        reply = desk.expect(desk.do("listTables", space), 200)
        expected = [{"namespace": list(space), "name": name}]
        desk.same("identifiers", expected, _identifiers(reply))


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    says="a table is found by all levels of its namespace",
)
def equal_table_names_on_two_levels_are_two_tables(desk: Desk) -> None:
    parent = desk.fresh()
    child = desk.namespace((*parent, "child"))
    above, below = desk.table(parent), desk.table(child)
    for space, expected in ((parent, above), (child, below)):
        table_uuid = desk.load(space).metadata.get("table-uuid")
        desk.same("table-uuid", expected.get("table-uuid"), table_uuid)


@case(
    "dropNamespace",
    requirement=FR,
    uses=("createTable",),
    early=True,
    says="409 when it is not empty; a child namespace counts as content",
)
def a_namespace_with_a_child_stays(desk: Desk) -> None:
    parent = desk.fresh()
    child = desk.namespace((*parent, "child"))
    desk.table(child)
    desk.expect(desk.do("dropNamespace", parent), 409)
    for levels in (parent, child):
        desk.expect(desk.do("loadNamespaceMetadata", levels), 200)
    desk.load(child)


@case(
    "dropNamespace",
    requirement=FR,
    says="dropping a child does not drop its parent",
    place="dropNamespace.responses.204",
)
def dropping_a_child_leaves_its_parent_and_siblings(desk: Desk) -> None:
    parent = desk.fresh(properties={"p": "1"})
    one, two = desk.namespace((*parent, "one")), desk.namespace((*parent, "two"))
    desk.expect(desk.do("dropNamespace", one), 204)
    desk.same("children", [list(two)], _children(desk, parent))
    reply = desk.expect(desk.do("loadNamespaceMetadata", parent), 200)
    _has_property(desk, reply, "1")


def _has_property(desk: Desk, reply: Reply, value: str) -> None:
    """Property p has this value, where the target keeps properties of namespaces at all."""
    if keeps_properties(desk):
        desk.same("property", value, reply.get("properties", "p"), reply)


def _identifiers(reply: Reply) -> list[dict[str, object]]:
    found = reply.get("identifiers") or []
    return [{"namespace": one.get("namespace"), "name": one.get("name")} for one in found]
