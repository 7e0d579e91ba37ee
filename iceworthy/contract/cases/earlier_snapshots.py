"""Whether a table keeps the snapshots before its newest."""

from __future__ import annotations

from dataclasses import replace

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_metadata import snapshots_of
from iceworthy.contract.table_scenes import append

PLACE = "schemas.TableMetadata"


@case(
    "updateTable",
    uses=("createTable", "loadTable"),
    early=True,
    says="a snapshot stays in its table, with its parent, until it is removed",
)
def a_table_shows_the_snapshots_before_its_newest(desk: Desk) -> None:
    """A catalog may expire them at once, and then names no parent: a remark. Later experiments hold
    such a catalog's tables against the heads of reads and what the commits asserted.
    """
    space = desk.fresh()
    desk.table(space)
    first, second = append(desk, space)[0], append(desk, space)[0]
    reply = desk.load(space)
    listed = snapshots_of(reply.metadata)
    shown = [(one.get("snapshot-id"), one.get("parent-snapshot-id")) for one in listed]
    newest_only = shown == [(second, None)]
    desk.learn(replace(desk.known, newest_only=newest_only))
    if newest_only:
        desk.remark(
            f"snapshots {first} and {second}, each with its parent",
            "the newest alone, without a parent: earlier snapshots are gone at once",
            reply,
        )
        return
    desk.same("snapshots and parents", [(first, None), (second, first)], shown, reply)
