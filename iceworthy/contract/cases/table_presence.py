"""Whether a table exists: load, exists, drop, and creating it again."""

from __future__ import annotations

from dataclasses import replace

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.same_metadata import same_metadata

PLACE = "loadTable.description"
WAYS = ("vended-credentials", "remote-signing")


@case("loadTable", says="404 for a table that does not exist", early=True)
def an_unknown_table_is_not_found(desk: Desk) -> None:
    desk.expect(desk.do("loadTable", desk.fresh(), "unknown"), 404, error="NoSuchTableException")


@case(
    "loadTable",
    uses=("createTable",),
    early=True,
    says="a server may give access by any or none of the ways that a client asks for",
)
def asking_for_delegated_access_brings_the_table(desk: Desk) -> None:
    space = desk.fresh()
    made = desk.table(space)
    ways = {"X-Iceberg-Access-Delegation": ",".join(WAYS)}
    reply = desk.load(space, headers=ways)
    desk.same("table-uuid", made.get("table-uuid"), reply.metadata.get("table-uuid"))
    config = reply.get("config") or {}
    vends = bool(reply.get("storage-credentials")) or "s3.access-key-id" in config
    signs = str(config.get("s3.remote-signing-enabled")).lower() == "true"
    given = tuple(way for way, is_given in zip(WAYS, (vends, signs), strict=True) if is_given)
    desk.learn(replace(desk.known, delegation=given))


@case("loadTable", says="404 for a table of a namespace that does not exist")
def a_table_of_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    desk.expect(desk.do("loadTable", (*desk.root, desk.name()), "t"), 404)


@case(
    "loadTable",
    uses=("createTable",),
    needs=("two_nodes",),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_shows_a_table_at_once(desk: Desk) -> None:
    space = desk.fresh()
    created = desk.table(space)
    same_metadata(desk, created, desk.load(space, node=1).metadata)


@case(
    "tableExists",
    uses=("createTable",),
    says="204 without a body; 404 for a table that does not exist",
    early=True,
)
def exists_tells_whether_a_table_is_there(desk: Desk) -> None:
    space = desk.fresh()
    desk.expect(desk.do("tableExists", space, "t"), 404)
    desk.table(space)
    reply = desk.expect(desk.do("tableExists", space, "t"), 204)
    desk.same("body", b"", reply.raw)


@case(
    "dropTable",
    uses=("createTable",),
    each=("", "false", "true"),
    says="204; then no operation finds it",
    early=("",),
)
def a_dropped_table_is_gone(desk: Desk, purge: str) -> None:
    space = desk.fresh()
    desk.table(space)
    query = {"purgeRequested": purge} if purge else None
    reply = desk.do("dropTable", space, "t", query=query)
    if purge == "true" and 400 <= reply.status < 500:
        desk.skip(f"the target does not purge: {reply.said}")
    desk.expect(reply, 204)
    desk.expect(desk.do("loadTable", space, "t"), 404)
    desk.is_there("tableExists", space, "t", there=False)
    listed = desk.expect(desk.do("listTables", space), 200)
    desk.same("tables", [], listed.get("identifiers"))
    desk.expect(desk.do("dropTable", space, "t"), 404)


@case("dropTable", says="404 for a table that does not exist", early=True)
def dropping_an_unknown_table_is_not_found(desk: Desk) -> None:
    desk.expect(desk.do("dropTable", desk.fresh(), "unknown"), 404)


@case(
    "dropTable",
    uses=("createTable",),
    says="the name can be used for another table",
    place="dropTable.description",
    early=True,
)
def a_table_created_anew_is_another_one(desk: Desk) -> None:
    space = desk.fresh()
    first = desk.table(space, properties={"old": "1"})
    desk.expect(desk.do("dropTable", space, "t"), 204)
    second = desk.table(space)
    desk.that(
        "table-uuid",
        first.get("table-uuid") != second.get("table-uuid"),
        expected="another one",
        got=second.get("table-uuid"),
    )
    old_property = (desk.load(space).metadata.get("properties") or {}).get("old")
    desk.same("property of the old one", None, old_property)
