"""Helpers for the cases about views: bodies, and common steps.

Claim: every body made here is valid by the specification. What it does NOT do: judge; the cases do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.wire import SCHEMA, Namespace
from iceworthy.contract.desk import Desk

SQL = "select id from t"
TIME_MS = 1_700_000_000_000
CURRENT = {"action": "set-current-view-version", "view-version-id": -1}


def sql(text: str = SQL, dialect: str = "spark") -> dict[str, Any]:
    """One representation."""
    return {"type": "sql", "sql": text, "dialect": dialect}


def version(text: str = SQL, space: Namespace = ("a",), **fields: Any) -> dict[str, Any]:
    """A ViewVersion with one query; fields replace its fields (`_` in a keyword becomes `-`)."""
    found = {
        "version-id": 1,
        "timestamp-ms": TIME_MS,
        "schema-id": 0,
        "summary": {"engine": "suite"},
        "representations": [sql(text)],
        "default-namespace": list(space),
    }
    return found | {key.replace("_", "-"): value for key, value in fields.items()}


def view_body(name: str = "v", text: str = SQL, **fields: Any) -> dict[str, Any]:
    """The body of a createView; fields replace its fields."""
    body = {"name": name, "schema": dict(SCHEMA), "view-version": version(text), "properties": {}}
    return body | {key.replace("_", "-"): value for key, value in fields.items()}


def make_view(
    desk: Desk, space: Namespace, name: str = "v", text: str = SQL, **fields: Any
) -> Reply:
    """Create a view; Needs if that fails."""
    return desk.need(desk.do("createView", space, body=view_body(name, text, **fields)))


def load_view(desk: Desk, space: Namespace, name: str = "v", **options: Any) -> Reply:
    """The view's current state; Broken if it cannot be loaded."""
    return desk.expect(desk.do("loadView", space, name, **options), 200)


def replace(
    desk: Desk,
    space: Namespace,
    updates: Sequence[Any],
    requirements: Sequence[Any] = (),
    name: str = "v",
    **options: Any,
) -> Reply:
    """Send a commit to one view once; any answer is accepted."""
    body = {"requirements": list(requirements), "updates": list(updates)}
    return desk.do("replaceView", space, name, body=body, **options)


def added(text: str, **fields: Any) -> dict[str, Any]:
    """The update that adds a version with one query."""
    return {"action": "add-view-version", "view-version": version(text, **fields)}


def properties(**values: str) -> dict[str, Any]:
    return {"action": "set-properties", "updates": values}


def current_version(metadata: dict[str, Any]) -> dict[str, Any]:
    """The version that current-version-id names; {} if there is none."""
    current = metadata.get("current-version-id")
    found = [one for one in metadata.get("versions") or [] if one.get("version-id") == current]
    return found[0] if found else {}


def queries(one: dict[str, Any]) -> dict[Any, Any]:
    """dialect -> SQL of a version."""
    return {sql.get("dialect"): sql.get("sql") for sql in one.get("representations") or []}


def logged(metadata: dict[str, Any]) -> list[Any]:
    """Version ids, in the order in which they became current."""
    return [entry.get("version-id") for entry in metadata.get("version-log") or []]


def move(
    desk: Desk,
    kind: str,
    source: tuple[Namespace, str],
    target: tuple[Namespace, str],
    **options: Any,
) -> Reply:
    """Send renameView or renameTable. kind: View or Table."""
    body = {
        "source": {"namespace": list(source[0]), "name": source[1]},
        "destination": {"namespace": list(target[0]), "name": target[1]},
    }
    return desk.do(f"rename{kind}", body=body, **options)


def names(desk: Desk, space: Namespace, kind: str = "View") -> list[Any]:
    """The names that listViews or listTables shows, sorted."""
    reply = desk.expect(desk.do(f"list{kind}s", space), 200)
    return sorted(one.get("name") for one in reply.get("identifiers") or [])
