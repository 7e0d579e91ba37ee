"""ETags of tables and If-None-Match, and which snapshots a loaded table shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.same_metadata import same_metadata
from iceworthy.contract.table_metadata import snapshot_ids
from iceworthy.contract.table_scenes import append, branch, put, widen

PLACE = "parameters.etag"

LOAD = "loadTable"
NOT_MODIFIED_IS_TRUE = "304 says that the table has not changed since the answer with that ETag"


def _tag(desk: Desk, reply: Reply) -> str:
    tag = reply.headers.get("etag", "")
    if not tag:
        desk.skip("the target sends no ETag, as it may")
    return tag


def _again(desk: Desk, space: Namespace, tag: str, node: int = 0, **query: Any) -> Reply:
    reply = desk.do(LOAD, space, "t", headers={"If-None-Match": tag}, node=node, query=query)
    return desk.expect(reply, 200, 304)


def _property(desk: Desk, space: Namespace) -> None:
    desk.need(desk.commit(space, "t", [put(changed="yes")]))


def _snapshot(desk: Desk, space: Namespace) -> None:
    append(desk, space)


def _column(desk: Desk, space: Namespace) -> None:
    now = desk.load(space).metadata
    desk.need(
        desk.commit(
            space,
            "t",
            [
                widen(now),
                {"action": "set-current-schema", "schema-id": -1},
            ],
        )
    )


def _recreated(desk: Desk, space: Namespace) -> None:
    desk.need(desk.do("dropTable", space, "t"))
    desk.table(space)


def _moved_here(desk: Desk, space: Namespace) -> None:
    """Rename another table to the name."""
    desk.table(space, "u")
    desk.need(desk.do("dropTable", space, "t"))
    source, target = ({"namespace": list(space), "name": name} for name in ("u", "t"))
    desk.need(desk.do("renameTable", body={"source": source, "destination": target}))


CHANGES: dict[str, Callable[[Desk, Namespace], None]] = {
    "a property": _property,
    "a snapshot": _snapshot,
    "a column": _column,
    "dropped and created anew": _recreated,
    "another one renamed here": _moved_here,
}


@case(LOAD, uses=("createTable",), says="304 without a body, or the table, for the current ETag")
def a_table_that_has_not_changed_may_be_left_out(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    whole = desk.load(space)
    tag = _tag(desk, whole)
    for node in range(len(desk.live.nodes)):
        reply = _again(desk, space, tag, node)
        if reply.status == 304:
            desk.same("body", b"", reply.raw)
        else:
            same_metadata(desk, whole.metadata, reply.metadata)


@case(LOAD, uses=("createTable", "updateTable"), each=CHANGES, says=NOT_MODIFIED_IS_TRUE)
def a_changed_table_is_sent(desk: Desk, change: Callable[[Desk, Namespace], None]) -> None:
    space = desk.fresh()
    desk.table(space)
    tag = _tag(desk, desk.load(space))
    change(desk, space)
    now = desk.load(space)
    for node in range(len(desk.live.nodes)):
        reply = _again(desk, space, tag, node)
        desk.same("status", 200, reply.status, reply)
        desk.same(
            "metadata-location", now.get("metadata-location"), reply.get("metadata-location"), reply
        )
    desk.that("ETag", _tag(desk, now) != tag, expected=f"another tag than {tag}", got=tag)


@case(LOAD, uses=("createTable", "updateTable"), says=NOT_MODIFIED_IS_TRUE)
def the_etags_of_create_and_commit_are_of_that_version_too(desk: Desk) -> None:
    space = desk.fresh()
    made = desk.need(desk.do("createTable", space, body=desk.table_body("t", space)))
    tags = [made.headers.get("etag", "")]
    done = desk.need(desk.commit(space, "t", [put(a="1")]))
    if not any((tags[0], done.headers.get("etag"))):
        desk.skip("the target sends no ETag with create and commit, as it may")
    if tags[0]:
        desk.same("status for the ETag of create", 200, _again(desk, space, tags[0]).status)
    if tag := done.headers.get("etag", ""):
        _again(desk, space, tag)
        desk.need(desk.commit(space, "t", [put(a="2")]))
        desk.same("status for the ETag of a commit", 200, _again(desk, space, tag).status)


@case(LOAD, uses=("createTable",), says="an ETag that is not the table's matches nothing")
def an_unknown_etag_brings_the_table(desk: Desk) -> None:
    space = desk.fresh()
    table = desk.table(space)
    reply = _again(desk, space, '"iceworthy-no-such-tag"')
    desk.same("status", 200, reply.status)
    desk.same("table-uuid", table.get("table-uuid"), reply.metadata.get("table-uuid"))


@case(LOAD, uses=("createTable", "dropTable"), says="404 for a table that does not exist")
def a_dropped_table_is_not_found_whatever_its_etag(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    tag = _tag(desk, desk.load(space))
    desk.need(desk.do("dropTable", space, "t"))
    for node in range(len(desk.live.nodes)):
        headers = {"If-None-Match": tag}
        desk.expect(desk.do(LOAD, space, "t", headers=headers, node=node), 404)


def _ids(reply: Reply) -> list[Any]:
    return snapshot_ids(reply.metadata)


@case(
    LOAD,
    uses=("createTable", "updateTable"),
    needs=("earlier_snapshots",),
    says="refs loads all snapshots that a branch or tag refers to, all loads every one",
    place="loadTable.parameters.snapshots",
)
def snapshots_of_refs_are_all_there(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    first, _ = append(desk, space)
    second, _ = append(desk, space)
    third, _ = append(desk, space)
    desk.need(desk.commit(space, "t", [branch(first, "kept", "tag")]))
    for query in ({}, {"snapshots": "all"}):
        desk.same("snapshots", [first, second, third], _ids(desk.load(space, query=query)))
    few = desk.load(space, query={"snapshots": "refs"})
    missing = {first, third} - set(_ids(few))
    desk.that(
        "snapshots of refs", not missing, expected="that of the tag and that of main", got=_ids(few)
    )
    desk.same("current-snapshot-id", third, few.metadata.get("current-snapshot-id"))


@case(
    LOAD,
    uses=("createTable", "updateTable"),
    says="answers with different metadata of the same version have distinct ETags",
)
def the_etag_tells_refs_from_all(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    append(desk, space)
    append(desk, space)
    whole, few = desk.load(space), desk.load(space, query={"snapshots": "refs"})
    if _ids(whole) == _ids(few):
        desk.skip("the target shows all snapshots in both answers, as it may")
    one, other = _tag(desk, whole), _tag(desk, few)
    desk.that("ETags of all and refs", one != other, expected="distinct", got=one)
    desk.same("status of all with the ETag of refs", 200, _again(desk, space, other).status)
    desk.same(
        "status of refs with the ETag of all",
        200,
        _again(desk, space, one, snapshots="refs").status,
    )


@case(
    LOAD,
    each=("all", "refs"),
    says="snapshots is all (the default) or refs",
    place="loadTable.description",
)
def a_table_without_snapshots_loads_with_either_choice(desk: Desk, choice: str) -> None:
    space = desk.fresh()
    created = desk.table(space)
    same_metadata(desk, created, desk.load(space, query={"snapshots": choice}).metadata)
