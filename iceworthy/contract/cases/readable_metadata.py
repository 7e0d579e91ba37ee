"""The metadata in each answer is enough for an engine to read the table."""

from __future__ import annotations

from collections.abc import Callable

from iceworthy.client.asker import Reply
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_metadata import unreadable

PLACE = "schemas.TableMetadata"

Answer = Callable[[Desk], Reply]


def _created(desk: Desk) -> Reply:
    space = desk.fresh()
    return desk.do("createTable", space, body=desk.table_body("t", space))


def _loaded(desk: Desk) -> Reply:
    space = desk.fresh()
    desk.table(space)
    return desk.do("loadTable", space, "t")


def _committed(desk: Desk) -> Reply:
    space = desk.fresh()
    desk.table(space)
    return desk.commit(space, "t", [{"action": "set-properties", "updates": {"k": "1"}}])


@case(
    "loadTable",
    requirement="FR-002",
    uses=("createTable", "updateTable"),
    early=True,
    each={"createTable": _created, "loadTable": _loaded, "updateTable": _committed},
    says="the table specification requires these fields of format version 2; the current schema, "
    "partition spec and sort order are among those listed",
)
def an_engine_can_read_the_table(desk: Desk, ask: Answer) -> None:
    reply = desk.expect(ask(desk), 200)
    if not reply.metadata:
        desk.broken("metadata in the answer", reply.said, reply)
    problems = unreadable(reply.body)
    desk.that("metadata", not problems, expected="whole", got="; ".join(problems), reply=reply)
