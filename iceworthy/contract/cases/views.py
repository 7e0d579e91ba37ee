"""Views: create, load, exists, list and drop."""

from __future__ import annotations

from typing import Any

from iceworthy.client.wire import SCHEMA
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED
from iceworthy.contract.odd_names import ODD_NAMES
from iceworthy.contract.pages import pages_of
from iceworthy.contract.same_metadata import same_metadata
from iceworthy.contract.view_scenes import (
    SQL,
    current_version,
    load_view,
    logged,
    make_view,
    names,
    queries,
    sql,
    version,
    view_body,
)

PLACE = "schemas.CreateViewRequest"

CREATE, LOAD, LIST, DROP, EXISTS = "createView", "loadView", "listViews", "dropView", "viewExists"
MADE = (CREATE,)
MANY = 120


@case(CREATE, uses=(LOAD,), says="200 with the view's metadata; a load shows the same")
def a_created_view_is_what_loading_it_gives(desk: Desk) -> None:
    space = desk.fresh()
    created = desk.expect(desk.do(CREATE, space, body=view_body()), 200)
    found = load_view(desk, space)
    same_metadata(desk, created.metadata, found.metadata)
    desk.same("metadata-location", created.get("metadata-location"), found.get("metadata-location"))


@case(CREATE, says="the view has one version, which is current, with the query of the request")
def a_new_view_has_one_version_which_is_current(desk: Desk) -> None:
    found = make_view(desk, desk.fresh()).metadata
    desk.same("number of versions", 1, len(found.get("versions") or []))
    desk.same("queries", {"spark": SQL}, queries(current_version(found)))
    desk.same("version-log", [found.get("current-version-id")], logged(found))


@case(
    CREATE, says="the schema-id within the view version is replaced by the id that the schema got"
)
def the_version_names_the_schema_that_came_along(desk: Desk) -> None:
    body = view_body(view_version=version(schema_id=77))
    found = desk.expect(desk.do(CREATE, desk.fresh(), body=body), 200).metadata
    ids = [one.get("schema-id") for one in found.get("schemas") or []]
    desk.same("schema-id of the version", ids, [current_version(found).get("schema-id")])
    fields = [one.get("name") for one in found["schemas"][0].get("fields") or []]
    desk.same("fields", [one["name"] for one in SCHEMA["fields"]], fields)


@case(CREATE, says="properties are stored unchanged")
def properties_of_a_view_are_kept(desk: Desk) -> None:
    space, given = desk.fresh(), {"comment": 'ä "quoted"', "owner": "x", "empty": ""}
    made = make_view(desk, space, properties=given).metadata.get("properties") or {}
    desk.same("properties", given, {key: made.get(key) for key in given})


@case(CREATE, says="a version may have one representation per dialect")
def a_view_may_have_a_query_for_each_dialect(desk: Desk) -> None:
    both = [sql("select 1", "spark"), sql("select 1 + 0", "trino")]
    space = desk.fresh()
    make_view(desk, space, view_version=version(representations=both))
    found = current_version(load_view(desk, space).metadata)
    desk.same("queries", {"spark": "select 1", "trino": "select 1 + 0"}, queries(found))


@case(
    CREATE,
    each={
        "quotes": "select 'a''b', \"c\" from `d`",
        "lines": "select 1\n-- why\r\n\tfrom x",
        "unicode": "select 'ß ☃ 😀 \u202e'",
        "long": "select " + ", ".join(map(str, range(5000))),
        "backslash": r"select '\d+\\' where x rlike '%_'",
    },
    says="sql is a string, and is returned unchanged",
)
def sql_comes_back_character_for_character(desk: Desk, text: str) -> None:
    space = desk.fresh()
    make_view(desk, space, text=text, view_version=version(text))
    found = current_version(load_view(desk, space).metadata)
    desk.same("queries", {"spark": text}, queries(found))


@case(
    CREATE,
    each={
        "default-catalog": {"default_catalog": "prod"},
        "two levels": {"default_namespace": ["a", "b.c"]},
    },
    says="default-catalog and default-namespace, which resolve names, are stored",
)
def what_names_resolve_by_is_kept(desk: Desk, fields: dict[str, Any]) -> None:
    space = desk.fresh()
    make_view(desk, space, view_version=version(**fields))
    found = current_version(load_view(desk, space).metadata)
    for key, value in fields.items():
        desk.same(key, value, found.get(key.replace("_", "-")))


@case(CREATE, says="every view has a unique uuid")
def two_views_have_two_uuids(desk: Desk) -> None:
    space = desk.fresh()
    found = {make_view(desk, space, name).metadata.get("view-uuid") for name in ("v", "w")}
    desk.that("uuids", len(found) == 2, expected="two", got=sorted(map(str, found)))


@case(CREATE, says="409 when a view has the name; that view does not change")
def the_second_create_of_a_view_is_refused_and_keeps_the_first(desk: Desk) -> None:
    space = desk.fresh()
    first = make_view(desk, space)
    again = desk.do(CREATE, space, body=view_body(text="select 2"))
    desk.expect(again, 409, error="AlreadyExistsException")
    same_metadata(desk, first.metadata, load_view(desk, space).metadata)


@case(CREATE, uses=("createTable",), says="409 when a table has the name")
def a_view_may_not_take_a_tables_name(desk: Desk) -> None:
    space = desk.fresh()
    before = desk.table(space, "v")
    desk.expect(desk.do(CREATE, space, body=view_body()), 409, error="AlreadyExistsException")
    desk.same("table-uuid", before.get("table-uuid"), desk.load(space, "v").metadata["table-uuid"])
    desk.expect(desk.do(LOAD, space, "v"), 404)


@case("createTable", uses=MADE, says="409 when a view has the name")
def a_table_may_not_take_a_views_name(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    reply = desk.do("createTable", space, body=desk.table_body("v", space))
    desk.expect(reply, 409, error="AlreadyExistsException")
    same_metadata(desk, before, load_view(desk, space).metadata)


@case(CREATE, says="404 when the namespace does not exist")
def a_view_in_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    unknown = (*desk.root, desk.name())
    reply = desk.do(CREATE, unknown, body=view_body())
    desk.expect(reply, 404, error="NoSuchNamespaceException")
    desk.is_there("namespaceExists", unknown, there=False)


def _without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    found = dict(body)
    if len(path) > 1:
        found[path[0]] = _without(body[path[0]], *path[1:])
    else:
        del found[path[0]]
    return found


@case(
    CREATE,
    each={
        "no name": _without(view_body(), "name"),
        "no schema": _without(view_body(), "schema"),
        "no version": _without(view_body(), "view-version"),
        "no representations": _without(view_body(), "view-version", "representations"),
        "no default-namespace": _without(view_body(), "view-version", "default-namespace"),
        "name a number": view_body(name=1),  # type: ignore[arg-type]
        "schema a text": view_body(schema="x"),
        "unknown type": view_body(
            schema={
                "type": "struct",
                "fields": [{"id": 1, "name": "a", "type": "nonsense", "required": False}],
            }
        ),
        "representation without sql": view_body(
            view_version=version(representations=[{"type": "sql", "dialect": "spark"}])
        ),
        "representation without dialect": view_body(
            view_version=version(representations=[{"type": "sql", "sql": "select 1"}])
        ),
        "two queries of a dialect": view_body(
            view_version=version(representations=[sql("select 1"), sql("select 2")])
        ),
        "properties a list": view_body(properties=["a"]),
        "a list": [],
        "nothing": {},
    },
    says="a body that is not a CreateViewRequest is refused; one query per dialect",
    reading={"name a number": COERCED},
)
def a_view_of_the_wrong_shape_is_refused(desk: Desk, body: Any) -> None:
    space = desk.fresh()
    desk.refused(desk.do(CREATE, space, body=body))
    desk.same("views", [], names(desk, space))


@case(LOAD, uses=MADE, each=("unknown", "v.x", "V"), says="404, NoSuchViewException")
def an_unknown_view_is_not_found(desk: Desk, name: str) -> None:
    space = desk.fresh()
    make_view(desk, space)
    reply = desk.do(LOAD, space, name)
    if name == "V" and reply.ok:
        desk.skip("the target does not tell the case of letters")
    desk.expect(reply, 404, error="NoSuchViewException")


@case(LOAD, uses=("createTable",), says="a table is not a view", place="loadView.responses.404")
def a_table_is_not_loaded_as_a_view(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do(LOAD, space, "t"), 404, error="NoSuchViewException")
    desk.is_there(EXISTS, space, "t", there=False)


@case("loadTable", uses=MADE, says="a view is not a table", place="loadTable.responses.404")
def a_view_is_not_loaded_as_a_table(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(desk.do("loadTable", space, "v"), 404, error="NoSuchTableException")
    desk.is_there("tableExists", space, "v", there=False)


@case(
    LOAD,
    uses=MADE,
    needs=("two_nodes",),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_shows_a_new_view_at_once(desk: Desk) -> None:
    space = desk.fresh()
    made = make_view(desk, space)
    same_metadata(desk, made.metadata, load_view(desk, space, node=1).metadata)


@case(EXISTS, uses=MADE, says="204 without a body for a view that exists")
def a_view_that_is_there_exists(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    reply = desk.expect(desk.do(EXISTS, space, "v"), 204)
    desk.same("body", b"", reply.raw)


@case(EXISTS, says="404 for a view that does not exist, or whose namespace does not exist")
def a_view_that_is_not_there_does_not_exist(desk: Desk) -> None:
    space = desk.fresh()
    desk.expect(desk.do(EXISTS, space, "v"), 404)
    desk.expect(desk.do(EXISTS, (*desk.root, desk.name()), "v"), 404)


@case(DROP, uses=MADE, says="204; the view is gone")
def a_dropped_view_is_gone(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(desk.do(DROP, space, "v"), 204)
    desk.expect(desk.do(LOAD, space, "v"), 404, error="NoSuchViewException")
    desk.is_there(EXISTS, space, "v", there=False)
    desk.same("views", [], names(desk, space))


@case(DROP, uses=MADE, says="404 for a view that was dropped")
def dropping_a_view_twice_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(desk.do(DROP, space, "v"), 204)
    desk.expect(desk.do(DROP, space, "v"), 404, error="NoSuchViewException")


@case(DROP, uses=("createTable",), says="404 for the name of a table; the table stays")
def dropping_a_table_as_a_view_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do(DROP, space, "t"), 404)
    desk.load(space)


@case("dropTable", uses=MADE, says="404 for the name of a view; the view stays")
def dropping_a_view_as_a_table_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(desk.do("dropTable", space, "v"), 404)
    load_view(desk, space)


@case(
    DROP,
    uses=MADE,
    says="the name can be used again, for another view",
    place="dropView.description",
)
def a_dropped_views_name_may_be_taken_again(desk: Desk) -> None:
    space = desk.fresh()
    first = make_view(desk, space).metadata
    desk.expect(desk.do(DROP, space, "v"), 204)
    second = make_view(desk, space).metadata
    desk.that(
        "view-uuid",
        first.get("view-uuid") != second.get("view-uuid"),
        expected="another one",
        got=second.get("view-uuid"),
    )


@case("dropNamespace", uses=MADE, says="a namespace with a view is not empty: 409")
def a_namespace_with_a_view_is_not_dropped(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(desk.do("dropNamespace", space), 409)
    load_view(desk, space)


@case(
    LIST,
    uses=MADE,
    says="all view identifiers of the namespace, and nothing else",
    place="listViews.description",
)
def views_are_listed_and_tables_are_not(desk: Desk) -> None:
    space = desk.fresh()
    for name in ("b", "a", "c"):
        make_view(desk, space, name)
    if desk.offers("createTable"):
        desk.table(space)
        desk.same("tables", ["t"], names(desk, space, "Table"))
    desk.same("views", ["a", "b", "c"], names(desk, space))
    reply = desk.expect(desk.do(LIST, space), 200)
    spaces = {tuple(one.get("namespace") or ()) for one in reply.get("identifiers")}
    desk.same("namespaces of the identifiers", {space}, spaces)


@case(LIST, says="a namespace without views lists none; one that does not exist is a 404")
def views_of_nothing_are_none_and_of_nowhere_not_found(desk: Desk) -> None:
    desk.same("views", [], names(desk, desk.fresh()))
    unknown = (*desk.root, desk.name())
    desk.expect(desk.do(LIST, unknown), 404, error="NoSuchNamespaceException")


@case(
    LIST,
    uses=MADE,
    each=(1, 7, 50, MANY, 500),
    slow_s=3,
    says="servers with paging return next-page-token until all names are shown",
    place="schemas.PageToken",
)
def every_view_is_shown_once_at_this_page_size(desk: Desk, size: int) -> None:
    expected = [f"v{number:03d}" for number in range(MANY)]

    def make() -> Any:
        space = desk.fresh()
        for name in expected:
            make_view(desk, space, name)
        return space

    space = desk.shared("many views", make)
    pages = pages_of(desk, LIST, "identifiers", space, query={"pageSize": size}, names=MANY)
    desk.same("names over all pages", expected, sorted(name for page in pages for name in page))


@case(
    CREATE,
    uses=(LOAD, DROP),
    each=ODD_NAMES,
    says="names are percent-encoded in paths and unchanged in bodies",
)
def a_view_of_an_odd_name_is_itself(desk: Desk, name: str) -> None:
    space = desk.fresh()
    reply = desk.do(CREATE, space, body=view_body(name))
    if 400 <= reply.status < 500:
        desk.skip("the target refuses this name, as it may")
    made = desk.expect(reply, 200)
    desk.same(
        "view-uuid",
        made.metadata.get("view-uuid"),
        load_view(desk, space, name).metadata.get("view-uuid"),
    )
    desk.same("views", [name], names(desk, space))
    desk.expect(desk.do(DROP, space, name), 204)
