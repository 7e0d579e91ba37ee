"""Long listings: every page size shows each name exactly once, and the listing ends."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import Any

from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs

PLACE = "schemas.PageToken"

MANY = 250
MANY_EARLY = 105  # past 100, where catalogs have been seen to cut a listing
PAGE_SIZES = (1, 7, 50, 99, 100, 249, 250, 251, 1000)
PAGES_S_MAX = 60.0
PAGES = (
    "servers with paging return next-page-token until all names are shown; null or no token ends it"
)


def _many_tables(desk: Desk) -> tuple[Namespace, list[str]]:
    """A namespace with MANY tables, made once and shared."""
    return desk.scene("many tables", lambda: _make_tables(desk))


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

    return desk.scene("many namespaces", make)


def _pages(
    desk: Desk, operation_id: str, field: str, *parts: Any, query: dict[str, Any]
) -> list[list[Any]]:
    """All pages, from the first to the last, as lists of names. A page may be empty and still have
    a token, so progress and time bound their number: no token twice, PAGES_S_MAX for all."""
    pages: list[list[Any]] = []
    token, seen = "", {""}
    ends_at = time.monotonic() + PAGES_S_MAX
    while time.monotonic() < ends_at:
        reply = desk.expect(desk.do(operation_id, *parts, query={**query, "pageToken": token}), 200)
        found = reply.get(field)
        pages.append([_name(one) for one in found] if isinstance(found, list) else [])
        token = reply.get("next-page-token")
        if not token:
            return pages
        if token in seen:
            desk.broken("an end, or a token that leads on", f"page {len(pages)} repeats a token")
        seen.add(token)
    shown = sum(map(len, pages))
    if shown < MANY:
        raise Needs(f"{shown} of {MANY} names in {len(pages)} pages and {PAGES_S_MAX:.0f} s")
    desk.broken("an end after the last name", f"page {len(pages)} names another")


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
    desk.that("names shown twice", not twice, wanted="none", came=twice[:10])
    lost = sorted(set(names) - set(shown))
    desk.that(f"names not shown of {len(names)}", not lost, wanted="none", came=lost[:10])
    extra = sorted(set(shown) - set(names))
    desk.that("names that do not exist", not extra, wanted="none", came=extra[:10])
    if len(pages) > 1:  # a server without paging may answer everything at once
        desk.that("names on a page", longest <= size, wanted=f"at most {size}", came=longest)


@case(
    "listTables", uses=("createTable",), each=PAGE_SIZES, says=PAGES, slow_s=5, early=("7", "100")
)
def every_table_is_shown_once_at_this_page_size(desk: Desk, size: int) -> None:
    space, names = _many_tables(desk)
    pages = _pages(desk, "listTables", "identifiers", space, query={"pageSize": size})
    if size < len(names):
        desk.learn(replace(desk.known, pages=len(pages) > 1))
    _each_once(desk, pages, names, size, max(map(len, pages)))


@case("listNamespaces", each=PAGE_SIZES, says=PAGES, slow_s=5, early=("7", "100"))
def every_namespace_is_shown_once_at_this_page_size(desk: Desk, size: int) -> None:
    parent, names = _many_namespaces(desk)
    query = {**_parent_query(desk, parent), "pageSize": size}
    pages = _pages(desk, "listNamespaces", "namespaces", query=query)
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
    came = [_name(one) for one in reply.get("identifiers") or []]
    desk.same("names", names, sorted(came))
    token = reply.get("next-page-token")
    desk.that("next-page-token", token is None, wanted="null or none", came=token)


@case(
    "listNamespaces", slow_s=5, says="without pageToken all results come in one answer", early=True
)
def without_a_token_all_namespaces_come_at_once(desk: Desk) -> None:
    parent, names = _many_namespaces(desk)
    reply = desk.expect(desk.do("listNamespaces", query=_parent_query(desk, parent)), 200)
    came = _ours(desk, parent, [_name(one) for one in reply.get("namespaces") or []], names)
    desk.same("names", sorted(names), sorted(came))
    token = reply.get("next-page-token")
    desk.that("next-page-token", token is None, wanted="null or none", came=token)


@case("listTables", says="an empty namespace lists nothing")
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
)
def a_page_size_that_is_none_never_loses_a_name(desk: Desk, size: str) -> None:
    space = desk.fresh()
    desk.table(space)
    reply = desk.do("listTables", space, query={"pageSize": size, "pageToken": ""})
    if not 400 <= reply.status < 500:
        desk.expect(reply, 200)
        desk.same("names", ["t"], [_name(one) for one in reply.get("identifiers") or []])


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
    ends_at = time.monotonic() + PAGES_S_MAX
    while time.monotonic() < ends_at:
        query = {"pageSize": 4, "pageToken": token}
        reply = desk.expect(desk.do("listTables", space, query=query), 200)
        shown += [_name(one) for one in reply.get("identifiers") or []]
        token = reply.get("next-page-token")
        if not token:
            break
    counts = {name: shown.count(name) for name in stay}
    wrong = {name: count for name, count in counts.items() if count != 1}
    desk.that("tables that lived throughout", not wrong, wanted="each shown once", came=wrong)


@case(
    "listTables",
    uses=("createTable",),
    needs=("two_nodes",),
    slow_s=5,
    says="a page token is accepted by every node of the catalog",
)
def a_page_token_leads_on_at_the_other_node(desk: Desk) -> None:
    space, names = _many_tables(desk)
    query: dict[str, Any] = {"pageSize": 90, "pageToken": ""}
    shown: list[Any] = []
    ends_at = time.monotonic() + PAGES_S_MAX
    for number in itertools.count():
        reply = desk.expect(desk.do("listTables", space, query=query, node=number % 2), 200)
        shown += [_name(one) for one in reply.get("identifiers") or []]
        query["pageToken"] = reply.get("next-page-token")
        if not query["pageToken"] or time.monotonic() > ends_at:
            break
    desk.same("names", names, sorted(shown))
