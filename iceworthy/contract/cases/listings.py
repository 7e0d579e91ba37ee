"""Long listings: every page size shows each name exactly once, and the listing ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs
from iceworthy.contract.pages import pages_of

PLACE = "schemas.PageToken"

MANY = 250
MANY_EARLY = 105  # past 100, where catalogs have been seen to cut a listing
PAGE_SIZES = (1, 7, 50, 99, 100, 249, 250, 251, 1000)
PAGES = (
    "servers with paging return next-page-token until all names are shown; null or no token ends it"
)


def _many_tables(desk: Desk) -> tuple[Namespace, list[str]]:
    """A namespace with MANY tables, made once and shared."""
    return desk.shared("many tables", lambda: _make_tables(desk))


def _make_tables(desk: Desk) -> tuple[Namespace, list[str]]:
    space, many = desk.fresh(), _many(desk)
    names = [f"t{number:03d}" for number in range(many)]
    for name in names:
        reply = desk.do("createTable", space, body=desk.table_body(name, space))
        if not reply.ok:
            raise Needs(f"needs {many} tables, but: {reply.said}", "createTable")
    return space, names


def _many_namespaces(desk: Desk) -> tuple[Namespace, list[str]]:
    """A parent with MANY namespaces, made once and shared. Where namespaces have no children, the
    parent is the root, which may have others'."""

    def make() -> tuple[Namespace, list[str]]:
        parent, many = desk.fresh(), _many(desk)
        names = [f"n{number:03d}" for number in range(many)]
        body = {"namespace": [*parent, names[0]], "properties": {}}
        if not desk.do("createNamespace", body=body).ok:
            parent, names = desk.root, [desk.name("n") for _ in range(many)]
            desk.namespace((*parent, names[0]))
        for name in names[1:]:
            desk.namespace((*parent, name))
        return parent, names

    return desk.shared("many namespaces", make)


def _many(desk: Desk) -> int:
    return MANY_EARLY if desk.early else MANY


def _parent_query(desk: Desk, parent: Namespace) -> dict[str, Any]:
    return {"parent": desk.wire.separator.join(parent)} if parent else {}


def _ours(desk: Desk, parent: Namespace, shown: list[Any], names: list[str]) -> list[Any]:
    """The names below a parent; of those at the root, which others may use too, only ours."""
    return shown if parent != desk.root else [name for name in shown if name in set(names)]


def _name(one: Any) -> Any:
    return one.get("name") if isinstance(one, dict) else one[-1]


def _each_once(
    desk: Desk, pages: list[list[Any]], names: list[str], size: int, longest: int
) -> None:
    shown = [name for page in pages for name in page]
    twice = sorted({name for name in shown if shown.count(name) > 1})
    desk.that("names shown twice", not twice, expected="none", got=twice[:10])
    lost = sorted(set(names) - set(shown))
    desk.that(f"names not shown of {len(names)}", not lost, expected="none", got=lost[:10])
    extra = sorted(set(shown) - set(names))
    desk.that("names that do not exist", not extra, expected="none", got=extra[:10])
    if len(pages) > 1:  # a server without paging may answer everything at once
        desk.that("names on a page", longest <= size, expected=f"at most {size}", got=longest)


@case(
    "listTables", uses=("createTable",), each=PAGE_SIZES, says=PAGES, slow_s=5, early=("7", "100")
)
def every_table_is_shown_once_at_this_page_size(desk: Desk, size: int) -> None:
    space, names = _many_tables(desk)
    query = {"pageSize": size}
    pages = pages_of(desk, "listTables", "identifiers", space, query=query, names=len(names))
    if size < len(names):
        desk.learn(replace(desk.known, pages=len(pages) > 1))
    _each_once(desk, pages, names, size, max(map(len, pages)))


@case("listNamespaces", each=PAGE_SIZES, says=PAGES, slow_s=5, early=("7", "100"))
def every_namespace_is_shown_once_at_this_page_size(desk: Desk, size: int) -> None:
    parent, names = _many_namespaces(desk)
    query = {**_parent_query(desk, parent), "pageSize": size}
    pages = pages_of(desk, "listNamespaces", "namespaces", query=query, names=len(names))
    longest = max(map(len, pages))
    pages = [_ours(desk, parent, page, names) for page in pages]
    _each_once(desk, pages, names, size, longest)


@case(
    "listTables",
    uses=("createTable",),
    slow_s=5,
    says="without pageToken all results come in one answer",
    early=True,
)
def without_a_token_all_tables_come_at_once(desk: Desk) -> None:
    space, names = _many_tables(desk)
    reply = desk.expect(desk.do("listTables", space), 200)
    found = [_name(one) for one in reply.get("identifiers") or []]
    desk.same("names", names, sorted(found))
    token = reply.get("next-page-token")
    desk.that("next-page-token", token is None, expected="null or none", got=token)


@case(
    "listNamespaces", slow_s=5, says="without pageToken all results come in one answer", early=True
)
def without_a_token_all_namespaces_come_at_once(desk: Desk) -> None:
    parent, names = _many_namespaces(desk)
    reply = desk.expect(desk.do("listNamespaces", query=_parent_query(desk, parent)), 200)
    found = _ours(desk, parent, [_name(one) for one in reply.get("namespaces") or []], names)
    desk.same("names", sorted(names), sorted(found))
    token = reply.get("next-page-token")
    desk.that("next-page-token", token is None, expected="null or none", got=token)


@case("listTables", says="an empty namespace lists nothing", place="listTables.description")
def an_empty_namespace_lists_no_table(desk: Desk) -> None:
    reply = desk.expect(desk.do("listTables", desk.fresh()), 200)
    desk.same("identifiers", [], reply.get("identifiers"))


@case("listTables", says="404 for a namespace that does not exist", early=True)
def tables_of_an_unknown_namespace_are_not_found(desk: Desk) -> None:
    desk.expect(desk.do("listTables", (*desk.root, desk.name())), 404)


@case(
    "listTables",
    uses=("createTable",),
    each=("0", "-1", "x", "1.5", ""),
    says="pageSize is an integer from 1",
    reading=dict.fromkeys(("0", "-1", ""), "parameters.page-size: minimum 1; less is not decided"),
    place="parameters.page-size",
)
def a_page_size_that_is_none_never_loses_a_name(desk: Desk, size: str) -> None:
    space = desk.fresh()
    desk.table(space)
    query = {"pageSize": size, "pageToken": ""}
    reply = desk.do("listTables", space, query=query)
    if not reply.ok:
        desk.refused(reply)
    else:
        pages = pages_of(desk, "listTables", "identifiers", space, query=query, names=1)
        desk.same("names", ["t"], [name for page in pages for name in page])


@case(
    "listTables",
    uses=("createTable", "dropTable"),
    slow_s=5,
    says="a name that exists throughout a paged listing is shown exactly once",
)
def a_listing_survives_changes_between_its_pages(desk: Desk) -> None:
    space = desk.fresh()
    stay = [f"m{number:02d}" for number in range(12)]
    for name in [*stay, "a00", "m05x", "z00"]:
        desk.table(space, name)
    first = desk.expect(desk.do("listTables", space, query={"pageSize": 4, "pageToken": ""}), 200)
    token = first.get("next-page-token")
    if not token:
        desk.skip("the target does not page")
    shown = [_name(one) for one in first.get("identifiers") or []]
    for name in ("a00", "m05x", "z00"):
        desk.expect(desk.do("dropTable", space, name), 204)
    for name in ("a01", "m06x", "z01"):
        desk.table(space, name)
    query = {"pageSize": 4, "pageToken": token}
    pages = pages_of(desk, "listTables", "identifiers", space, query=query, names=len(stay))
    shown += [name for page in pages for name in page]
    counts = {name: shown.count(name) for name in stay}
    wrong = {name: count for name, count in counts.items() if count != 1}
    desk.that("tables that lived throughout", not wrong, expected="each shown once", got=wrong)


@case(
    "listTables",
    uses=("createTable",),
    needs=("two_nodes",),
    slow_s=5,
    says="a page token is accepted by every node of the catalog",
)
def a_page_token_leads_on_at_the_other_node(desk: Desk) -> None:
    space, names = _many_tables(desk)
    query = {"pageSize": 90}
    pages = pages_of(
        desk, "listTables", "identifiers", space, query=query, names=len(names), nodes=2
    )
    desk.same("names", names, sorted(name for page in pages for name in page))
