"""Snapshots, branches and tags of a table, and the statistics of its snapshots."""

from __future__ import annotations

from typing import Any

from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.table_metadata import snapshot_ids, snapshots_of
from iceworthy.contract.table_scenes import (
    Document,
    append,
    branch,
    committed,
    found_by,
    logged_ids,
    remove_snapshots,
    same_log,
    snapshot,
    unchanged,
)

PLACE = "schemas.AddSnapshotUpdate"

COMMIT, MADE = "updateTable", ("createTable", "loadTable")
KEPT = ("earlier_snapshots",)


def _table(desk: Desk, **fields: Any) -> tuple[Namespace, Document]:
    space = desk.fresh()
    return space, desk.table(space, **fields)


def _chain(desk: Desk, count: int) -> tuple[Namespace, list[int], Document]:
    """A table with `count` appends on main; its namespace, snapshot ids and metadata."""
    space, _ = _table(desk)
    numbers = [append(desk, space)[0] for _ in range(count)]
    return space, numbers, desk.load(space).metadata


def _no_current(metadata: Document) -> bool:
    return metadata.get("current-snapshot-id") in (None, -1)


@case(COMMIT, uses=MADE, says="every field of a snapshot is stored unchanged, ids to the last bit")
def a_snapshot_is_kept_as_it_was_sent(desk: Desk) -> None:
    space, table = _table(desk)
    number = desk.snapshot_id()
    summary = {"operation": "append", "added-records": "5", "engine": "suite é"}
    sent = snapshot(table, number, summary=summary)
    found = committed(desk, space, sent, branch(number))
    received = found_by(found.get("snapshots"), "snapshot-id", number)
    expected = {key: value for key, value in sent["snapshot"].items() if key != "summary"}
    desk.same("snapshot", expected, {key: received.get(key) for key in expected})
    kept = received.get("summary") or {}
    desk.same("summary", summary, {key: kept.get(key) for key in summary})
    desk.same("current-snapshot-id", number, found.get("current-snapshot-id"))
    desk.same("main", number, found["refs"]["main"].get("snapshot-id"))
    desk.same("last-sequence-number", 1, found.get("last-sequence-number"))
    if not same_log(desk, [number], found):
        return
    (entry,) = found["snapshot-log"]
    times = sent["snapshot"]["timestamp-ms"], found.get("last-updated-ms")
    desk.that(
        "time in the log",
        entry.get("timestamp-ms") in times,
        expected=f"the snapshot's time or the time of the change: {times}",
        got=entry.get("timestamp-ms"),
    )


@case(COMMIT, uses=MADE, says="neighbouring 63-bit ids are different snapshots")
def neighbouring_ids_are_told_apart(desk: Desk) -> None:
    space, table = _table(desk)
    base = desk.snapshot_id()
    numbers = [base, base + 1, base + 2]
    for turn, number in enumerate(numbers):
        sent = snapshot(table, number, sequence_number=turn + 1)
        table = committed(desk, space, sent, branch(number, f"b{turn}"))
    desk.same("snapshots", numbers, snapshot_ids(table))
    heads = [table["refs"][f"b{turn}"].get("snapshot-id") for turn in range(3)]
    desk.same("branches", numbers, heads)


@case(
    COMMIT, uses=MADE, needs=KEPT, says="a snapshot is current only if the branch main is set to it"
)
def a_snapshot_alone_is_not_current(desk: Desk) -> None:
    space, table = _table(desk)
    number = desk.snapshot_id()
    found = committed(desk, space, snapshot(table, number))
    desk.same("snapshots", [number], snapshot_ids(found))
    desk.that(
        "current-snapshot-id",
        _no_current(found),
        expected="none",
        got=found.get("current-snapshot-id"),
    )
    same_log(desk, [], found)
    desk.same("refs", {}, found.get("refs") or {})


@case(COMMIT, uses=MADE, needs=KEPT, says="appends form a chain, newest last")
def appends_form_a_chain(desk: Desk) -> None:
    _, numbers, found = _chain(desk, 3)
    desk.same("snapshots", numbers, snapshot_ids(found))
    same_log(desk, numbers, found)
    chain = snapshots_of(found)
    parents = [one.get("parent-snapshot-id") for one in chain]
    desk.same("parents", [None, *numbers[:-1]], parents)
    desk.same("sequence numbers", [1, 2, 3], [s.get("sequence-number") for s in chain])
    desk.same("last-sequence-number", 3, found.get("last-sequence-number"))


@case(COMMIT, uses=MADE, says="a snapshot id is used once", place="table format: Snapshots")
def a_snapshot_that_exists_is_refused(desk: Desk) -> None:
    space, (number,), found = _chain(desk, 1)
    again = snapshot(found, number, summary={"operation": "append", "again": "yes"})
    desk.refused(desk.commit(space, "t", [again, branch(number)]))
    unchanged(desk, space, found)


@case(COMMIT, uses=MADE, says="sequence numbers increase: a used one is refused")
def a_stale_sequence_number_is_refused(desk: Desk) -> None:
    space, (number,), found = _chain(desk, 1)
    new = desk.snapshot_id()
    stale = snapshot(found, new, sequence_number=1, parent_snapshot_id=number)
    desk.refused(desk.commit(space, "t", [stale, branch(new)]))
    unchanged(desk, space, found)


@case(
    COMMIT,
    uses=MADE,
    needs=KEPT,
    says="main can be set back to an older snapshot; no snapshot is lost",
)
def main_is_rolled_back(desk: Desk) -> None:
    space, numbers, _ = _chain(desk, 3)
    found = committed(desk, space, branch(numbers[0]))
    desk.same("current-snapshot-id", numbers[0], found.get("current-snapshot-id"))
    desk.same("snapshots", numbers, snapshot_ids(found))
    if not (log := found.get("snapshot-log")):  # it is optional
        return
    desk.same("snapshot-log", numbers[0], logged_ids(found)[-1])
    times = [one.get("timestamp-ms") for one in log]
    desk.that("times of the log", times == sorted(times), expected="in order", got=times)


REFS: dict[str, Document] = {
    "a branch": {
        "kind": "branch",
        "min_snapshots_to_keep": 3,
        "max_snapshot_age_ms": 2**40,
        "max_ref_age_ms": 2**41,
    },
    "a tag": {"kind": "tag", "max_ref_age_ms": 2**40},
}


@case(
    COMMIT, uses=MADE, needs=KEPT, each=REFS, says="a branch or tag is stored with all its fields"
)
def a_ref_is_set(desk: Desk, fields: Document) -> None:
    space, numbers, before = _chain(desk, 2)
    sent = branch(numbers[0], "kept/é x", **fields)
    found = committed(desk, space, sent)
    expected = {key: value for key, value in sent.items() if key not in ("action", "ref-name")}
    received = (found.get("refs") or {}).get("kept/é x") or {}
    desk.same("ref", expected, {key: value for key, value in received.items() if value is not None})
    desk.same("main", numbers[1], found["refs"]["main"].get("snapshot-id"))
    same_log(desk, logged_ids(before), found)


@case(COMMIT, uses=MADE, says="a branch is set to another snapshot; main does not change")
def a_branch_moves_by_itself(desk: Desk) -> None:
    space, numbers, table = _chain(desk, 1)
    number = desk.snapshot_id()
    one = snapshot(table, number, parent_snapshot_id=numbers[0])
    found = committed(desk, space, one, branch(number, "side"))
    desk.same("side", number, found["refs"]["side"].get("snapshot-id"))
    desk.same("main", numbers[0], found["refs"]["main"].get("snapshot-id"))
    desk.same("current-snapshot-id", numbers[0], found.get("current-snapshot-id"))
    found = committed(desk, space, branch(numbers[0], "side"))
    desk.same("side", numbers[0], found["refs"]["side"].get("snapshot-id"))


@case(COMMIT, uses=MADE, needs=KEPT, says="a removed ref does not remove its snapshot")
def a_ref_is_removed(desk: Desk) -> None:
    space, numbers, _ = _chain(desk, 2)
    committed(desk, space, branch(numbers[0], "kept", "tag"))
    found = committed(desk, space, {"action": "remove-snapshot-ref", "ref-name": "kept"})
    desk.same("refs", ["main"], list(found.get("refs") or {}))
    desk.same("snapshots", numbers, snapshot_ids(found))


@case(COMMIT, uses=MADE, needs=KEPT, says="without main there is no current snapshot")
def removing_main_leaves_no_current_snapshot(desk: Desk) -> None:
    space, numbers, _ = _chain(desk, 1)
    found = committed(desk, space, {"action": "remove-snapshot-ref", "ref-name": "main"})
    desk.that(
        "current-snapshot-id",
        _no_current(found),
        expected="none",
        got=found.get("current-snapshot-id"),
    )
    desk.same("refs", {}, found.get("refs") or {})
    desk.same("snapshots", numbers, snapshot_ids(found))


@case(
    COMMIT,
    uses=MADE,
    needs=KEPT,
    says="removing snapshots keeps the others, main and their log entries",
)
def snapshots_are_removed(desk: Desk) -> None:
    space, numbers, before = _chain(desk, 4)
    found = committed(desk, space, remove_snapshots(*numbers[:2]))
    desk.same("snapshots", numbers[2:], snapshot_ids(found))
    desk.same("current-snapshot-id", numbers[3], found.get("current-snapshot-id"))
    same_log(desk, numbers[2:], found, before)
    desk.same("last-sequence-number", 4, found.get("last-sequence-number"))


@case(COMMIT, uses=MADE, needs=KEPT, says="no ref names a snapshot that was removed")
def a_snapshot_goes_with_what_names_it(desk: Desk) -> None:
    space, numbers, before = _chain(desk, 2)
    before = committed(desk, space, branch(numbers[0], "kept", "tag"))
    reply = desk.commit(space, "t", [remove_snapshots(numbers[0])])
    if not reply.ok:
        desk.refused(reply)
        unchanged(desk, space, before)
        return
    found = desk.load(space).metadata
    desk.same("refs", ["main"], list(found.get("refs") or {}))
    desk.same("snapshots", numbers[1:], snapshot_ids(found))


# statistics


def _statistics(number: int, path: str) -> Document:
    return {
        "snapshot-id": number,
        "statistics-path": path,
        "file-size-in-bytes": 413,
        "file-footer-size-in-bytes": 42,
        "blob-metadata": [
            {
                "type": "apache-datasketches-theta-v1",
                "snapshot-id": number,
                "sequence-number": 1,
                "fields": [1],
                "properties": {"ndv": "5"},
            }
        ],
    }


@case(
    COMMIT,
    uses=MADE,
    says="one statistics file per snapshot: set, replaced, removed",
    each=("statistics", "partition-statistics"),
)
def statistics_are_set_and_removed(desk: Desk, kind: str) -> None:
    space, _ = _table(desk)
    number, reply = append(desk, space)
    folder = reply.metadata.get("location")
    keys = ("snapshot-id", "statistics-path", "file-size-in-bytes")

    def seen(metadata: Document) -> list[Any]:
        return [{key: one.get(key) for key in keys} for one in metadata.get(kind) or []]

    for path in (f"{folder}/one.puffin", f"{folder}/two.puffin"):
        expected = _statistics(number, path)
        if kind == "partition-statistics":
            expected = {key: expected[key] for key in keys}
        found = committed(
            desk, space, {"action": f"set-{kind}", "snapshot-id": number, kind: expected}
        )
        desk.same(kind, [{key: expected[key] for key in keys}], seen(found))
    found = committed(desk, space, {"action": f"remove-{kind}", "snapshot-id": number})
    desk.same(kind, [], seen(found))
