"""The requests of operations of the history, for findings that name operations.

Claim: method and path are those of the specification, with the names of the operation's key in
them. Method: the history keeps neither path nor body. The path is made again, with `{prefix}` where
only /v1/config said the prefix; of the body what the history keeps is shown: names, the snapshot
that a commit added and the parent that it asserted, properties.
What this does NOT show: the whole body, headers, and a line that sends the request again; these
analysis/scene_of_operations.py makes, where the history keeps enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from analysis.history import History
from analysis.run import Run
from iceworthy.record.history import NO_ASSERTION, NULL_PARENT, UNIT
from iceworthy.record.plan import Plan
from iceworthy.specification.operations import OPERATIONS
from iceworthy.words.finding import REQUESTS_MOST, Finding, Request
from iceworthy.words.operation import OF_VIEWS

BY_ID = {one.id: one for one in OPERATIONS}
# Operations whose key holds a table beside its namespace.
OF_TABLES = frozenset(one.id for one in OPERATIONS if "{table}" in one.template) | {
    "createTable",
    "renameTable",
}
Facts = Mapping[str, Any]


def with_requests(findings: Iterable[Finding], run: Run) -> tuple[Finding, ...]:
    """The findings; one that names operations and holds no request gets those of its first
    operations. run: the experiment in which they were found."""
    found = tuple(findings)
    lacking = [one for one in found if one.operations and not one.requests]
    named = {op for one in lacking for op in one.operations[:REQUESTS_MOST]}
    rows = {op: row for op in named if (row := run.history.row_of(op)) is not None}
    if not rows:
        return found
    kept = facts_seen(run.history, set(rows.values()))
    requests = {op: request_of(run.history, run.plan, row, kept[row]) for op, row in rows.items()}
    return tuple(
        replace(one, requests=tuple(requests[op] for op in one.operations if op in requests))
        if one in lacking
        else one
        for one in found
    )


def facts_seen(history: History, rows: set[int]) -> dict[int, Facts]:
    """Row -> what seen.jsonl says of it."""
    kept: dict[int, Facts] = {row: {} for row in rows}
    for seen in history.seen():
        if seen.index in rows:
            kept[seen.index] = seen.facts
    return kept


def request_of(history: History, plan: Plan, row: int, kept: Facts) -> Request:
    """The request of one operation; kept: what seen.jsonl says of it."""
    op = history.describe(row)
    name, status = str(op["operation"]), int(op["status"])
    known = BY_ID.get(name)
    space, table = history.key(row), ""
    if name in OF_TABLES or name in OF_VIEWS:
        space, _, table = space.partition("/")
    error = history.strings[int(history.ops["error"][row])]
    said = str(kept.get("message") or error)
    answer = f"status {status}" if status else "no answer"
    body = _body(op, space.split(UNIT) if space else [], table, kept)
    return Request(
        method=known.method if known else "",
        path=_path(known.template, plan, space, table, is_read=known.method == "GET")
        if known
        else "",
        body=json.dumps(body) if body else "",
        curl="",
        answer=f"{answer}: {said}" if said else answer,
    )


def _path(template: str, plan: Plan, space: str, table: str, *, is_read: bool) -> str:
    catalog = plan.target.catalog if plan.target else None
    if catalog is not None and catalog.prefix is not None:
        prefix = f"/v1/{catalog.prefix}" if catalog.prefix else "/v1"
        template = template.replace("/v1/{prefix}", prefix)
    path = template.replace("{namespace}", quote(space, safe=""))
    path = path.replace("{table}", quote(table, safe="")).replace("{view}", quote(table, safe=""))
    if path.endswith("/namespaces") and space and is_read:
        path += f"?parent={quote(space, safe='')}"
    return f"{catalog.base if catalog else ''}{path}"


def _body(op: Facts, levels: list[str], table: str, kept: Facts) -> dict[str, Any]:
    """What the history keeps of the body, under the names of the specification."""
    name = op["operation"]
    if name == "createNamespace":
        return {"namespace": levels}
    if name in ("createTable", "createView"):
        return {"name": table}
    if name in ("renameTable", "renameView"):
        return {"source": {"namespace": levels, "name": table}} | _destination(kept)
    if name == "updateProperties":
        return {"updates": kept.get("set", {}), "removals": kept.get("removed", [])}
    if name == "updateTable":
        return _commit(op, kept)
    return {}


def _destination(kept: Facts) -> dict[str, Any]:
    space, _, table = str(kept.get("destination", "")).partition("/")
    return {"destination": {"namespace": space.split(UNIT), "name": table}} if table else {}


def _commit(op: Facts, kept: Facts) -> dict[str, Any]:
    requirements = []
    if op["parent"] != NO_ASSERTION:
        parent = None if op["parent"] == NULL_PARENT else op["parent"]
        requirements.append(
            {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": parent}
        )
    updates: list[dict[str, Any]] = []
    if "set" in kept or "removed" in kept:
        updates.append({"action": "set-properties", "updates": kept.get("set", {})})
        updates.append({"action": "remove-properties", "removals": kept.get("removed", [])})
    elif op["value"]:
        updates.append({"action": "add-snapshot", "snapshot": {"snapshot-id": op["value"]}})
    return {"requirements": requirements, "updates": updates}
