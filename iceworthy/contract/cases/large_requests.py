"""Requests of lawful size: the specification sets no limit, and clients send megabytes.

For example, an engine that expires the snapshots of a busy table names tens of thousands of ids in
one commit, and a wide table has thousands of columns.
"""

from __future__ import annotations

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_scenes import put, simple_table
from iceworthy.contract.view_scenes import make_view

PLACE = "schemas.CommitTableRequest"

MEGABYTES = {"1 MB": 1, "3 MB": 3}
VALUE_BYTES = 50_000
COLUMNS = 3_000
NAME_CHARACTERS = 5_000


def _large(megabytes: int) -> dict[str, str]:
    """Properties of about this size together."""
    return {f"p{index}": "v" * VALUE_BYTES for index in range(megabytes * 1_000_000 // VALUE_BYTES)}


@case(
    "updateTable",
    uses=("createTable", "loadTable"),
    each=MEGABYTES,
    says="a valid commit is applied; no size limit is specified",
)
def a_large_commit_is_taken(desk: Desk, megabytes: int) -> None:
    space, _ = simple_table(desk)
    sent = _large(megabytes)
    desk.expect(desk.commit(space, "t", [put(**sent)]), 200)
    kept = desk.load(space).metadata.get("properties") or {}
    lost = sorted(name for name, value in sent.items() if kept.get(name) != value)
    desk.same("properties that are not as they were sent", [], lost[:5])


@case(
    "createTable",
    uses=("loadTable",),
    says="a valid table is created; no number of columns is specified",
    place="schemas.CreateTableRequest",
)
def a_table_of_many_columns_is_created(desk: Desk) -> None:
    space = desk.fresh()
    fields = [
        {"id": number, "name": f"column_{number}", "required": False, "type": "string"}
        for number in range(1, COLUMNS + 1)
    ]
    schema = {"type": "struct", "schema-id": 0, "fields": fields}
    desk.expect(desk.do("createTable", space, body=desk.table_body("t", space, schema=schema)), 200)
    found = desk.load(space).metadata
    desk.same("last-column-id", COLUMNS, found.get("last-column-id"))
    kept = [one.get("name") for one in (found.get("schemas") or [{}])[0].get("fields") or []]
    desk.same("columns", COLUMNS, len(set(kept)))


@case(
    "createView",
    uses=("loadView",),
    says="the query of a view is stored unchanged; no length is specified",
    place="schemas.CreateViewRequest",
)
def a_view_with_a_long_query_is_kept(desk: Desk) -> None:
    space = desk.fresh()
    text = "select " + ", ".join(f"'{index:07d}' as c{index}" for index in range(20_000))
    make_view(desk, space, "v", text)
    found = desk.expect(desk.do("loadView", space, "v"), 200).metadata
    version = (found.get("versions") or [{}])[0]
    kept = (version.get("representations") or [{}])[0].get("sql")
    desk.that(
        "the query", kept == text, expected=f"{len(text)} characters", got=len(str(kept or ""))
    )


@case(
    "commitTransaction",
    uses=("createTable", "loadTable"),
    says="a valid transaction is applied; no size limit is specified",
    place="schemas.CommitTransactionRequest",
)
def a_large_transaction_is_taken(desk: Desk) -> None:
    space, sent = desk.fresh(), _large(2)
    changes = []
    for name in ("a", "b"):
        desk.table(space, name)
        identifier = {"namespace": list(space), "name": name}
        changes.append({"identifier": identifier, "requirements": [], "updates": [put(**sent)]})
    desk.expect(desk.do("commitTransaction", body={"table-changes": changes}), 204)
    for name in ("a", "b"):
        kept = desk.load(space, name).metadata.get("properties") or {}
        lost = sorted(key for key, value in sent.items() if kept.get(key) != value)
        desk.same(f"properties of {name} that are not as they were sent", [], lost[:5])


@case(
    "listTables",
    says="404 for a namespace that does not exist, also where its name is long",
    place="RFC 9110 4.1",
    reading="HTTP recommends that requests of 8,000 octets in the first line are taken, and "
    "requires nothing",
)
def a_long_name_is_looked_for(desk: Desk) -> None:
    desk.expect(desk.do("listTables", (desk.name("n" * NAME_CHARACTERS),)), 404)
