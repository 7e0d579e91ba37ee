"""Functions: listing and loading them. The specification has no operation to create one."""

from __future__ import annotations

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.pages import pages_of

PLACE = "schemas.ListFunctionsResponse"

LIST, LOAD = "listFunctions", "loadFunction"


@case(LIST, says="all function identifiers of the namespace: none in a new one")
def a_new_namespace_has_no_functions(desk: Desk) -> None:
    reply = desk.expect(desk.do(LIST, desk.fresh()), 200)
    desk.same("identifiers", [], reply.get("identifiers") or [])


@case(LIST, uses=("createTable", "createView"), says="tables and views are not functions")
def tables_are_not_listed_as_functions(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    reply = desk.expect(desk.do(LIST, space), 200)
    desk.same("identifiers", [], reply.get("identifiers") or [])


@case(
    LIST,
    each=({"pageSize": 1}, {"pageToken": ""}, {"pageSize": 5, "pageToken": ""}),
    says="the last page of a listing names no further page",
)
def the_page_of_no_functions_is_the_last(desk: Desk, query: dict[str, object]) -> None:
    space = desk.fresh()
    if "pageToken" in query:
        pages = pages_of(desk, LIST, "identifiers", space, query=query, names=0)
        desk.same("identifiers", [], [name for page in pages for name in page])
        return
    reply = desk.expect(desk.do(LIST, space, query=query), 200)
    desk.same("identifiers", [], reply.get("identifiers") or [])
    desk.same("next-page-token", None, reply.get("next-page-token"))


@case(LIST, says="404 when the namespace does not exist")
def functions_of_an_unknown_namespace_are_not_found(desk: Desk) -> None:
    reply = desk.do(LIST, (*desk.root, desk.name()))
    desk.expect(reply, 404, error="NoSuchNamespaceException")


@case(LOAD, each=("f", "a.b", "a/b", "ä b"), says="404 for a function that does not exist")
def an_unknown_function_is_not_found(desk: Desk, name: str) -> None:
    desk.expect(desk.do(LOAD, desk.fresh(), name), 404, error="NoSuchFunctionException")


@case(LOAD, says="404 when the namespace does not exist")
def a_function_of_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    reply = desk.do(LOAD, (*desk.root, desk.name()), "f")
    desk.expect(reply, 404, error=("NoSuchNamespaceException", "NoSuchFunctionException"))


@case(
    LOAD,
    uses=("createTable",),
    says="a table is not a function",
    place="loadFunction.responses.404",
)
def a_table_is_not_loaded_as_a_function(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do(LOAD, space, "t"), 404, error="NoSuchFunctionException")
