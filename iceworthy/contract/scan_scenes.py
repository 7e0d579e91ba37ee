"""Tables with real manifests for the cases about scans, and reading plans to their end.

Claim: the suite wrote the manifests, so it knows which files a plan must contain. The manifests are
written where the suite may write to the table's location: in the suite's folder or bucket;
otherwise the case is skipped. The data files do not exist: planning reads only manifests.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.manifest_lists import path_of
from iceworthy.client.s3_address import split_location
from iceworthy.client.snapshots import set_ref, snapshot_document
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Needs
from iceworthy.contract.manifests import PATH_FIELD, FileMade, Manifests
from iceworthy.contract.object_access import own_view

SCHEMA = {
    "type": "struct",
    "schema-id": 0,
    "fields": [
        {"id": 1, "name": "id", "required": False, "type": "long"},
        {"id": 2, "name": "kind", "required": False, "type": "string"},
    ],
}
SPEC = {
    "spec-id": 0,
    "fields": [{"source-id": 2, "field-id": 1000, "name": "kind", "transform": "identity"}],
}
POLLS_MAX = 100
POLL_S = 0.1
MANY = 450
"""Data files of the large table: more than a server must send in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTable:
    """A table, the snapshots committed to it, and its data files by a short name."""

    space: Namespace
    name: str
    snapshots: tuple[int, ...]
    paths: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Planned:
    """A plan read to its end. tasks: of all answers. deletes: the delete files of each task."""

    plan_id: str
    first: Reply
    tasks: list[dict[str, Any]] = field(default_factory=list)
    deletes: list[list[dict[str, Any]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [str(task["data-file"]["file-path"]) for task in self.tasks]

    def deletes_of(self, path: str) -> set[str]:
        return {
            str(one["file-path"])
            for task, files in zip(self.tasks, self.deletes, strict=True)
            if task["data-file"]["file-path"] == path
            for one in files
        }


def small(desk: Desk) -> ScanTable:
    """A table with four data files in three partitions, appended in two steps, then deletes."""
    return desk.shared("a table with manifests", lambda: _small(desk))


def large(desk: Desk) -> ScanTable:
    """A table with MANY data files in one snapshot."""
    return desk.shared("a table with many files", lambda: _large(desk))


def _bounds(low: int, high: int, kind: str) -> dict[str, Any]:
    text = kind.encode()
    return {
        "lower": {1: struct.pack("<q", low), 2: text},
        "upper": {1: struct.pack("<q", high), 2: text},
        "nulls": {1: 0, 2: 0},
    }


def _small(desk: Desk) -> ScanTable:
    space, name, table = _table(desk)
    at = f"{str(table['location']).rstrip('/')}/data"
    paths = {one: f"{at}/{one}.parquet" for one in ("a0", "b0", "c0", "a1", "gone", "equal")}
    first = [
        FileMade(path=paths[one], partition=(one[0],), **_bounds(low, low + 9, one[0]))
        for one, low in (("a0", 0), ("b0", 10), ("c0", 20))
    ]
    second = [FileMade(path=paths["a1"], partition=("a",), **_bounds(30, 39, "a"))]
    target = paths["a0"].encode()
    third = [
        FileMade(
            path=paths["gone"],
            kind="positions",
            partition=("a",),
            records=2,
            lower={PATH_FIELD: target},
            upper={PATH_FIELD: target},
        ),
        FileMade(
            path=paths["equal"],
            kind="equality",
            partition=("b",),
            records=2,
            equality_ids=(1,),
            **_bounds(11, 12, "b"),
        ),
    ]
    ids = _write(desk, space, name, table, [first, second, third])
    return ScanTable(space=space, name=name, snapshots=ids, paths=paths)


def _large(desk: Desk) -> ScanTable:
    space, name, table = _table(desk)
    at = f"{str(table['location']).rstrip('/')}/data"
    paths = {str(i): f"{at}/{i}.parquet" for i in range(MANY)}
    files = [
        FileMade(path=path, partition=(str(i % 7),), **_bounds(i, i, str(i % 7)))
        for i, path in enumerate(paths.values())
    ]
    ids = _write(desk, space, name, table, [files])
    return ScanTable(space=space, name=name, snapshots=ids, paths=paths)


def _table(desk: Desk) -> tuple[Namespace, str, dict[str, Any]]:
    space = desk.fresh()
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "partition-spec": SPEC,
        "properties": {"format-version": "2"},
    }
    return space, "t", desk.table(space, **fields)


def _write(
    desk: Desk,
    space: Namespace,
    name: str,
    table: dict[str, Any],
    snapshots: Sequence[Sequence[FileMade]],
) -> tuple[int, ...]:
    folder = f"{str(table['location']).rstrip('/')}/metadata"
    schema = next(s for s in table["schemas"] if s["schema-id"] == table["current-schema-id"])
    spec = next(s for s in table["partition-specs"] if s["spec-id"] == table["default-spec-id"])
    manifests = Manifests(schema, spec, folder)
    ids: list[int] = []
    for sequence, files in enumerate(snapshots, start=1):
        number = desk.snapshot_id()
        listed = manifests.snapshot(number, sequence, files)
        for location, data in manifests.files.items():
            _put(desk, location, data)
        manifests.files.clear()
        operation = "append" if all(one.kind == "data" for one in files) else "overwrite"
        added = snapshot_document(
            snapshot_id=number,
            parent=ids[-1] if ids else None,
            sequence=sequence,
            location=str(table["location"]),
        ) | {
            "manifest-list": listed,
            "summary": {"operation": operation},
            "schema-id": table["current-schema-id"],
        }
        updates = [{"action": "add-snapshot", "snapshot": added}, set_ref(number)]
        desk.need(desk.commit(space, name, updates))
        ids.append(number)
    return tuple(ids)


def _put(desk: Desk, location: str, data: bytes) -> None:
    if location.startswith(("s3://", "s3a://")) and desk.live.warehouse_bucket is not None:
        own_view(desk).put(*split_location(location), data)
        return
    path = path_of(location)
    if desk.warehouse is None or not path.is_relative_to(desk.warehouse):
        desk.skip("the suite cannot write to the table's location")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def submit(desk: Desk, table: ScanTable, **request: Any) -> Reply:
    """Send planTableScan and expect nothing. Underscores in keyword names become dashes."""
    body = {key.replace("_", "-"): value for key, value in request.items()}
    return desk.do("planTableScan", table.space, table.name, body=body)


def completed(desk: Desk, table: ScanTable, reply: Reply, *, node: int = 0) -> tuple[str, Reply]:
    """(plan id, the completed result) of a submitted plan; polls until it is completed.

    Needs if the target takes longer than it keeps plans: it may then answer 404.
    """
    desk.expect(reply, 200)
    submitted, expiry_s = time.monotonic(), desk.live.spec.plans.expiry_s
    plan_id = str(reply.get("plan-id"))
    for _ in range(POLLS_MAX):
        status = reply.get("status")
        if status == "completed":
            return plan_id, reply
        if status != "submitted":
            raise Broken("a plan that is completed or submitted", reply.said, reply)
        if not desk.offers("fetchPlanningResult"):
            raise Broken(
                "fetchPlanningResult, as a plan was submitted", "it is not advertised", reply
            )
        time.sleep(POLL_S)
        reply = desk.do("fetchPlanningResult", table.space, table.name, plan_id, node=node)
        late = time.monotonic() - submitted >= expiry_s > 0
        if reply.status == 404 and late:
            raise Needs(f"a plan that is completed before it expires, after {expiry_s:g} s")
        desk.expect(reply, 200)
    raise Needs(f"a plan that is completed within {POLLS_MAX * POLL_S:.0f} s")


@contextmanager
def given() -> Iterator[None]:
    """For cases that need a plan but do not judge planning: if no plan can be made, the case is
    unknown (Needs), because the cases about planning judge that."""
    try:
        yield
    except Broken as error:
        raise Needs(f"needs a plan, but: {error}") from None


def planned(desk: Desk, table: ScanTable, *, node: int = 0, **request: Any) -> Planned:
    """A plan with the file scan tasks of all its plan tasks."""
    plan_id, result = completed(desk, table, submit(desk, table, **request))
    found = Planned(plan_id=plan_id, first=result)
    left = collect(desk, found, result)
    for _ in range(10 * MANY):
        if not left:
            return found
        body = {"plan-task": left.pop()}
        more = desk.do("fetchScanTasks", table.space, table.name, body=body, node=node)
        left += collect(desk, found, desk.expect(more, 200))
    raise Broken("plan tasks that come to an end", f"{10 * MANY} of them", result)


def collect(desk: Desk, found: Planned, reply: Reply) -> list[str]:
    """Add the tasks of an answer to `found`; returns its further plan tasks."""
    deletes = reply.get("delete-files") or []
    for task in reply.get("file-scan-tasks") or []:
        places = task.get("delete-file-references") or []
        inside = all(type(place) is int and 0 <= place < len(deletes) for place in places)
        desk.that(
            "references to delete files",
            inside,
            expected=f"below {len(deletes)}",
            got=places,
            reply=reply,
        )
        found.tasks.append(task)
        found.deletes.append([deletes[place] for place in places])
    return list(reply.get("plan-tasks") or [])
