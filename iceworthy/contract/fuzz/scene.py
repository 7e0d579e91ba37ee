"""What fuzzed requests are about: a namespace, a table and a view that are there, lawful bodies.

Claim: whatever a request destroys is there again before the next one. Names that requests make up
begin with the run's own stem or lie below its namespace, so that a target that lives on can be
swept; locations are below a table's own, so that no request makes the catalog write elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iceworthy.client.wire import SCHEMA, Namespace
from iceworthy.contract.desk import Desk, Needs, Unanswered
from iceworthy.specification import Operation

GONE_AFTER = frozenset(
    {
        "dropTable",
        "renameTable",
        "unregisterTable",
        "dropView",
        "renameView",
    }
)
VERSION: Mapping[str, Any] = {
    "version-id": 1,
    "timestamp-ms": 1_700_000_000_000,
    "schema-id": 0,
    "summary": {"engine-name": "iceworthy"},
    "default-namespace": ["a"],
    "representations": [{"type": "sql", "sql": "select 1", "dialect": "spark"}],
}


NEW = "iceworthynew"


class Scene:
    """The things there are; `stale` when a request may have spoilt them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.space: Namespace = ()
        self.location = ""
        self.stale = True

    def ready(self) -> None:
        """Make what is missing; Needs when a namespace cannot be had."""
        if not self.stale:
            return
        self.space = self.desk.fresh("fuzz")
        self.location = ""
        self.mend()
        self.stale = False

    def mend(self) -> None:
        """Put back what may have been dropped or renamed; what is there stays."""
        for operation_id, body in (
            ("createTable", self.desk.table_body("t", self.space)),
            ("createView", self.view_body("v")),
        ):
            if self.desk.offers(operation_id):
                reply = self.desk.do(operation_id, self.space, body=body)
                self.location = self.location or str(reply.get("metadata", "location") or "")

    def renew(self) -> None:
        """Begin with a fresh namespace, unless that is what cannot be had now."""
        self.stale = True
        try:
            self.ready()
        except (Needs, Unanswered):
            self.stale = True

    def parts(self, one: Operation) -> tuple[Namespace | str, ...]:
        """The things that are there, for the parameters of an operation's path."""
        known: dict[str, Namespace | str] = {"namespace": self.space, "table": "t", "view": "v"}
        if one.id == "dropNamespace":
            known["namespace"] = self.desk.fresh("empty")
        return tuple(known.get(name, "none") for name in one.parameters[1:])

    def view_body(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "schema": dict(SCHEMA),
            "view-version": dict(VERSION),
            "properties": {},
        }

    def lawful(self, operation_id: str) -> dict[str, Any] | None:
        """A body that the operation should take; None for one that takes none, or is not known.

        NEW stands for a name that nobody has used.
        """
        name, space = NEW, list(self.space)
        there, gone = {"namespace": space, "name": "t"}, {"namespace": space, "name": name}
        commit = {
            "requirements": [
                {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None},
            ],
            "updates": [
                {"action": "set-properties", "updates": {"a": "b"}},
                {"action": "remove-properties", "removals": ["c"]},
                {"action": "add-schema", "schema": dict(SCHEMA)},
            ],
        }
        elsewhere = {"name": name, "metadata-location": f"{self.location}/metadata/none.json"}
        bodies: dict[str, dict[str, Any]] = {
            "createNamespace": {"namespace": [*space, name], "properties": {"a": "b"}},
            "updateProperties": {"updates": {"a": "b"}, "removals": ["c"]},
            "createTable": {
                **self.desk.table_body(name, self.space),
                "properties": {"a": "b"},
                "stage-create": False,
            },
            "updateTable": commit,
            "commitTransaction": {"table-changes": [{"identifier": there, **commit}]},
            "renameTable": {"source": there, "destination": gone},
            "renameView": {"source": {**there, "name": "v"}, "destination": gone},
            "registerTable": elsewhere,
            "registerView": elsewhere,
            "createView": self.view_body(name),
            "replaceView": {"updates": [{"action": "set-properties", "updates": {"a": "b"}}]},
            "planTableScan": {
                "select": ["id"],
                "case-sensitive": True,
                "filter": {"type": "eq", "term": "id", "value": 1},
            },
            "fetchScanTasks": {"plan-task": "none"},
            "reportMetrics": {
                "report-type": "commit-report",
                "table-name": "t",
                "snapshot-id": 1,
                "sequence-number": 1,
                "operation": "append",
                "metrics": {"added-data-files": {"unit": "count", "value": 1}},
            },
            "signRequest": {
                "region": "us-east-1",
                "uri": "http://127.0.0.1/x",
                "method": "GET",
                "headers": {},
            },
        }
        return bodies.get(operation_id)

    def tamed(self, operation_id: str, body: Any) -> Any:
        """A body whose names and locations stay where this run may leave something."""
        body = self._local(body)
        if isinstance(body, dict) and operation_id == "createNamespace":
            levels = body.get("namespace")
            if isinstance(levels, list) and levels and all(isinstance(x, str) for x in levels):
                body = {**body, "namespace": [*self.space, *levels]}
        if isinstance(body, dict) and operation_id in ("renameTable", "renameView"):
            end = body.get("destination")
            if isinstance(end, dict) and isinstance(end.get("namespace"), list):
                body = {**body, "destination": {**end, "namespace": list(self.space)}}
        return body

    def _local(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._local(part) for part in value]
        if not isinstance(value, dict):
            return value
        made = {key: self._local(part) for key, part in value.items()}
        for key in ("location", "metadata-location", "write.data.path", "write.metadata.path"):
            if isinstance(made.get(key), str):
                made[key] = f"{self.location}/metadata/none.json"
        return made
