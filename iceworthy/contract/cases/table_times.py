"""The history and the times in a table's metadata: clients answer "as of" questions from them.

A snapshot-log says which snapshot was current from when on. Clients refuse to read a table whose
logs run backwards or end long after last-updated-ms: the Java implementation allows one minute for
nodes whose clocks differ.
"""

from __future__ import annotations

from itertools import pairwise

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_metadata import snapshot_ids
from iceworthy.contract.table_scenes import (
    Document,
    append,
    branch,
    committed,
    put,
    remove_snapshots,
    same_log,
    simple_table,
)

PLACE = "schemas.SnapshotLog"

COMMIT, MADE = "updateTable", ("createTable", "loadTable")
CLOCK_SKEW_MS = 60_000
ROUNDS = 3
NO_LOG = "the target keeps no snapshot-log, which is optional"


REMOVED = {"the middle one": (2,), "two, not the oldest": (1, 2), "the last but one": (3,)}


@case(
    COMMIT,
    uses=MADE,
    needs=("earlier_snapshots",),
    each=REMOVED,
    says="log entries before an expired snapshot leave the log: it has no gaps",
)
def the_log_begins_behind_a_removed_snapshot(desk: Desk, removed: tuple[int, ...]) -> None:
    space, _ = simple_table(desk)
    numbers = [append(desk, space)[0] for _ in range(5)]
    before = desk.load(space).metadata
    found = committed(desk, space, remove_snapshots(*(numbers[index] for index in removed)))
    kept = [number for index, number in enumerate(numbers) if index not in removed]
    desk.same("snapshots", kept, snapshot_ids(found))
    if not same_log(desk, numbers[max(removed) + 1 :], found, before):
        desk.skip(NO_LOG)


@case(
    COMMIT,
    uses=MADE,
    needs=("earlier_snapshots",),
    says="a snapshot that was current twice is in the log twice; its removal cuts behind the last",
)
def the_log_begins_behind_the_last_entry_of_a_removed_snapshot(desk: Desk) -> None:
    space, _ = simple_table(desk)
    first, second = append(desk, space)[0], append(desk, space)[0]
    committed(desk, space, branch(first))
    committed(desk, space, branch(second))
    before = desk.load(space).metadata
    found = committed(desk, space, remove_snapshots(first))
    if not same_log(desk, [second], found, before):
        desk.skip(NO_LOG)


@case(
    COMMIT,
    uses=MADE,
    says="both logs are in order of time, and last-updated-ms is not before their last entries",
)
def the_times_of_a_table_run_forwards_through_all_nodes(desk: Desk) -> None:
    space, _ = simple_table(desk)
    for turn in range(ROUNDS):
        for node in range(len(desk.live.nodes)):
            append(desk, space, node=node)
            desk.need(desk.commit(space, "t", [put(turn=f"{turn}.{node}")], node=node))
            _run_forwards(desk, desk.load(space, node=node).metadata)


def _run_forwards(desk: Desk, metadata: Document) -> None:
    updated = metadata.get("last-updated-ms")
    desk.that("last-updated-ms", isinstance(updated, int), expected="milliseconds", got=updated)
    for key in ("snapshot-log", "metadata-log"):
        times = [one.get("timestamp-ms") for one in metadata.get(key) or []]
        for earlier, later in pairwise(times):
            if later < earlier - CLOCK_SKEW_MS:
                desk.broken(f"{key} in order of time, give or take a minute", times)
        if times and isinstance(updated, int) and updated < times[-1] - CLOCK_SKEW_MS:
            desk.broken(
                f"last-updated-ms not more than a minute before {times[-1]}, the last entry of "
                f"{key}",
                updated,
            )
