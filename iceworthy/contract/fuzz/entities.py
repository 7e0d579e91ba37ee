"""The entities that fuzzed requests name: a namespace, a table and a view, and valid bodies.

Claim: everything that a request destroys is made again before the next request. Names in generated
requests begin with the run's stem or lie below its namespace, so that a permanent target can be
cleaned up. Locations lie below a table's own location, so that no request makes the catalog write
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iceworthy.client.wire import SCHEMA, Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Unanswered
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


class Entities:
    """The existing entities; `stale` if a request may have changed them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.space: Namespace = ()
        self.location = ""
        self.stale = True

    def ready(self) -> None:
        """Create what is missing; raises Needs if no namespace can be created."""
        if not self.stale:
            return
        self.space = self.desk.fresh("fuzz")
        self.location = ""
        self.mend()
        self.stale = False

    def mend(self) -> None:
        """Create again what may have been dropped or renamed; leaves the rest."""
        for operation_id, body in (
            ("createTable", self.desk.table_body("t", self.space)),
            ("createView", self.view_body("v")),
        ):
            if self.desk.offers(operation_id):
                reply = self.desk.do(operation_id, self.space, body=body)
                self.location = self.location or str(reply.get("metadata", "location") or "")

    def renew(self) -> None:
        """Start with a new namespace, unless none can be created."""
        self.stale = True
        try:
            self.ready()
        except (Needs, Unanswered):
            self.stale = True

    def parts(self, one: Operation) -> tuple[Namespace | str, ...]:
        """The existing entities, as the parameters of an operation's path."""
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
        """A valid body for the operation; None if it has no body, or none is known here.

        NEW is a placeholder for an unused name.
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
        """The body with names and locations moved to where this run may create things."""
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
