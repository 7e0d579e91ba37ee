"""The content of a plan: all files that may match, with their deletes, of the right snapshot."""

from __future__ import annotations

from typing import Any

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.scan_scenes import ScanTable, completed, planned, small, submit

PLACE = "planTableScan.description"

TASKS = ("fetchScanTasks",)


def _of(column: str) -> dict[str, Any]:
    return {"type": "reference", "name": column}


FILTERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "true": (True, ("a0", "a1", "b0", "c0")),
    "eq": ({"type": "eq", "term": "kind", "value": "a"}, ("a0", "a1")),
    "eq, left and right": (
        {"type": "eq", "left": _of("kind"), "right": {"type": "literal", "value": "b"}},
        ("b0",),
    ),
    "not-eq": ({"type": "not-eq", "term": "kind", "value": "a"}, ("b0", "c0")),
    "lt": ({"type": "lt", "term": "id", "value": 5}, ("a0",)),
    "lt-eq": ({"type": "lt-eq", "term": "id", "value": 10}, ("a0", "b0")),
    "gt": ({"type": "gt", "term": "id", "value": 28}, ("a1", "c0")),
    "gt-eq": ({"type": "gt-eq", "term": "id", "value": 30}, ("a1",)),
    "in": ({"type": "in", "term": "kind", "values": ["a", "c"]}, ("a0", "a1", "c0")),
    "not-in": ({"type": "not-in", "term": "kind", "values": ["a", "c"]}, ("b0",)),
    "starts-with": ({"type": "starts-with", "term": "kind", "value": "c"}, ("c0",)),
    "not-starts-with": (
        {"type": "not-starts-with", "term": "kind", "value": "c"},
        ("a0", "a1", "b0"),
    ),
    "is-null": ({"type": "is-null", "term": "kind"}, ()),
    "not-null": ({"type": "not-null", "child": _of("kind")}, ("a0", "a1", "b0", "c0")),
    "and": (
        {
            "type": "and",
            "left": {"type": "eq", "term": "kind", "value": "a"},
            "right": {"type": "gt", "term": "id", "value": 20},
        },
        ("a1",),
    ),
    "or": (
        {
            "type": "or",
            "left": {"type": "eq", "term": "kind", "value": "b"},
            "right": {"type": "eq", "term": "kind", "value": "c"},
        },
        ("b0", "c0"),
    ),
    "not": ({"type": "not", "child": {"type": "eq", "term": "kind", "value": "a"}}, ("b0", "c0")),
}


@case(
    "planTableScan",
    uses=TASKS,
    each=FILTERS,
    says="a plan holds every file that may have a matching row, each once; a residual of true "
    "says that all rows of the file match",
)
def a_filter_keeps_what_may_match(
    desk: Desk, filter_and_files: tuple[Any, tuple[str, ...]]
) -> None:
    filter_, names = filter_and_files
    table = small(desk)
    found = planned(desk, table, filter=filter_)
    _each_once(desk, table, found.paths)
    needed = {table.paths[name] for name in names}
    missing = sorted(needed - set(found.paths))
    desk.same("files with matching rows that are left out", [], missing)
    for task in found.tasks:
        path = task["data-file"]["file-path"]
        wrong = path not in needed and task.get("residual-filter") is True
        desk.that(
            f"the residual of {path}",
            not wrong,
            expected="not true: no row of it matches",
            got=task.get("residual-filter"),
        )


@case(
    "planTableScan",
    uses=TASKS,
    says="a filter says what need not be read: files of other partitions are left out, "
    "or come with a residual",
)
def a_filter_of_false_leaves_nothing_to_be_read_whole(desk: Desk) -> None:
    found = planned(desk, small(desk), filter=False)
    whole = [t for t in found.tasks if t.get("residual-filter") is True]
    desk.same("tasks whose every row matches false", [], whole)


def _each_once(desk: Desk, table: ScanTable, paths: list[str]) -> None:
    twice = sorted({path for path in paths if paths.count(path) > 1})
    desk.same("files that are planned twice", [], twice)
    data = {table.paths[name] for name in ("a0", "a1", "b0", "c0") if name in table.paths}
    desk.same("files that are none of the table's data", [], sorted(set(paths) - data))


@case(
    "planTableScan",
    uses=TASKS,
    says="delete-files must hold all delete files that the tasks refer to",
)
def deletes_come_with_the_files_they_are_about(desk: Desk) -> None:
    table = small(desk)
    found = planned(desk, table)
    position, equality = table.paths["gone"], table.paths["equal"]
    for name, delete in (("a0", position), ("b0", equality)):
        deletes = found.deletes_of(table.paths[name])
        desk.that(
            f"the deletes of {name}",
            delete in deletes,
            expected=f"{delete} among them",
            got=sorted(deletes),
        )
    for name in ("a0", "a1", "c0"):
        deletes = found.deletes_of(table.paths[name])
        desk.that(
            f"the deletes of {name}",
            equality not in deletes,
            expected="none that was written for another partition",
            got=sorted(deletes),
        )


@case(
    "planTableScan",
    uses=TASKS,
    needs=("earlier_snapshots",),
    says="snapshot-id names the snapshot of a point-in-time scan",
)
def an_older_snapshot_is_planned_as_it_was(desk: Desk) -> None:
    table = small(desk)
    found = planned(desk, table, snapshot_id=table.snapshots[0])
    expected = sorted(table.paths[name] for name in ("a0", "b0", "c0"))
    desk.same("files of the first snapshot", expected, sorted(found.paths))
    later = [files for files in found.deletes if files]
    desk.same("deletes of later snapshots", [], later)


@case(
    "planTableScan", uses=TASKS, says="without a snapshot the latest of the branch main is planned"
)
def the_latest_snapshot_is_planned_when_none_is_named(desk: Desk) -> None:
    table = small(desk)
    named = planned(desk, table, snapshot_id=table.snapshots[-1])
    unnamed = planned(desk, table)
    desk.same("files", sorted(named.paths), sorted(unnamed.paths))


@case(
    "planTableScan",
    uses=TASKS,
    needs=("earlier_snapshots",),
    says="an incremental scan is from start-snapshot-id (exclusive) to end-snapshot-id (inclusive)",
)
def an_incremental_scan_has_what_was_added_between(desk: Desk) -> None:
    table = small(desk)
    first, second, _ = table.snapshots
    found = planned(desk, table, start_snapshot_id=first, end_snapshot_id=second)
    desk.same("files", [table.paths["a1"]], found.paths)


@case(
    "planTableScan",
    says="a request for both a point in time and an incremental scan is invalid; "
    "end-snapshot-id is required with start-snapshot-id",
    each={
        "both": ("snapshot-id", "start-snapshot-id", "end-snapshot-id"),
        "no end": ("start-snapshot-id",),
    },
)
def contradicting_snapshots_are_refused(desk: Desk, keys: tuple[str, ...]) -> None:
    table = small(desk)
    body = dict(zip(keys, (table.snapshots[1], *table.snapshots), strict=False))
    reply = desk.do("planTableScan", table.space, table.name, body=body)
    desk.expect(reply, 400)


@case("planTableScan", says="a snapshot that does not exist cannot be planned")
def an_unknown_snapshot_is_refused(desk: Desk) -> None:
    desk.refused(submit(desk, small(desk), snapshot_id=desk.snapshot_id()))


WRONG: dict[str, Any] = {
    "an unknown type": {"type": "sounds-like", "term": "kind", "value": "a"},
    "an unknown column": {"type": "eq", "term": "nobody", "value": "a"},
    "no value": {"type": "eq", "term": "kind"},
    "no operand": {"type": "is-null"},
    "values that are no list": {"type": "in", "term": "kind", "values": "a"},
    "half of an and": {"type": "and", "left": True},
    "not without a child": {"type": "not"},
    "a text": "kind = 'a'",
}


@case("planTableScan", each=WRONG, says="a filter must be a predicate of the contract")
def a_wrong_filter_is_refused(desk: Desk, filter_: Any) -> None:
    desk.expect(submit(desk, small(desk), filter=filter_), 400)


@case(
    "planTableScan", says="case-sensitive, true by default, says whether names must match in case"
)
def names_match_in_any_case_only_when_asked_so(desk: Desk) -> None:
    table = small(desk)
    upper = {"type": "eq", "term": "KIND", "value": "c"}
    desk.expect(submit(desk, table, filter=upper), 400)
    found = planned(desk, table, filter=upper, case_sensitive=False)
    desk.that("files", table.paths["c0"] in found.paths, expected="c0 among them", got=found.paths)


@case(
    "planTableScan",
    uses=TASKS,
    says="select, use-snapshot-schema and min-rows-requested do not change which rows are planned",
    each={
        "select": {"select": ["id"]},
        "use-snapshot-schema": {"use_snapshot_schema": True},
        "min-rows-requested": {"min_rows_requested": 1_000_000},
    },
)
def other_settings_leave_no_file_out(desk: Desk, settings: dict[str, Any]) -> None:
    table = small(desk)
    found = planned(desk, table, **settings)
    expected = sorted(table.paths[name] for name in ("a0", "a1", "b0", "c0"))
    desk.same("files", expected, sorted(found.paths))


@case(
    "planTableScan",
    uses=TASKS,
    says="a content file has its path, format, size, row count and spec, and its partition "
    "values in the spec's order",
)
def a_file_is_described_as_its_manifest_does(desk: Desk) -> None:
    table = small(desk)
    found = planned(desk, table)
    data = next(
        t["data-file"] for t in found.tasks if t["data-file"]["file-path"] == table.paths["b0"]
    )
    expected = {
        "content": "data",
        "file-format": "parquet",
        "partition": ["b"],
        "record-count": 10,
        "file-size-in-bytes": 1000,
    }
    desk.same("the file", expected, {key: data.get(key) for key in expected})


@case(
    "planTableScan",
    uses=TASKS,
    says="stats-fields are the fields whose column statistics the client wants",
)
def statistics_are_those_of_the_manifest(desk: Desk) -> None:
    table = small(desk)
    found = planned(desk, table, stats_fields=["id"])
    for task in found.tasks:
        data = task["data-file"]
        if data["file-path"] != table.paths["c0"]:
            continue
        for name, expected in (("lower-bounds", 20), ("upper-bounds", 29), ("value-counts", 10)):
            sent = data.get(name) or {}
            of_id = dict(zip(sent.get("keys", []), sent.get("values", []), strict=False))
            desk.that(name, of_id.get(1, expected) == expected, expected=str(expected), got=sent)


@case("planTableScan", says="a scan of a table without a snapshot can be planned: it reads nothing")
def an_empty_table_has_no_tasks(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    table = ScanTable(space=space, name="t", snapshots=(), paths={})
    _, result = completed(desk, table, submit(desk, table))
    desk.same("tasks", [], result.get("file-scan-tasks") or [])
    desk.same("plan tasks", [], result.get("plan-tasks") or [])


@case("planTableScan", says="404 NoSuchTableException: the table does not exist")
def a_table_that_is_not_there_cannot_be_planned(desk: Desk) -> None:
    reply = desk.do("planTableScan", desk.fresh(), "none", body={})
    desk.expect(reply, 404, error="NoSuchTableException")


@case(
    "planTableScan",
    uses=TASKS,
    needs=("two_nodes",),
    says="all nodes of a catalog plan the same files for one snapshot",
)
def every_node_plans_the_same(desk: Desk) -> None:
    table = small(desk)
    here = planned(desk, table)
    reply = desk.do("planTableScan", table.space, table.name, body={}, node=1)
    _, there = completed(desk, table, reply, node=1)
    if not there.get("plan-tasks"):
        tasks = there.get("file-scan-tasks") or []
        desk.same("files", sorted(here.paths), sorted(t["data-file"]["file-path"] for t in tasks))
