"""The REST calls about views as data, beside those of wire.py.

Claim: shapes from the Iceberg REST specification; every body made here is valid by it.
What this does NOT do: send anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from iceworthy.client.wire import SCHEMA, Call, Namespace, Wire
from iceworthy.record.history import key_of

TIME_MS = 1_700_000_000_000
LATEST = -1
"""The version or schema that this request adds."""


def create_view(wire: Wire, namespace: Namespace, name: str) -> Call:
    """A view with one version, of one query."""
    body = {
        "name": name,
        "schema": SCHEMA,
        "view-version": _version(namespace, 1),
        "properties": {},
    }
    return Call(
        operation="createView",
        method="POST",
        path=f"{wire.namespace_path(namespace)}/views",
        key=key_of(namespace, name),
        body=orjson.dumps(body),
    )


def replace_view(wire: Wire, namespace: Namespace, name: str, number: int) -> Call:
    """The commit that adds a version with another query and makes it the current one. number: the
    version's number; each of a view has another, so that none is the same version again."""
    identifier = {"namespace": list(namespace), "name": name}
    updates: Sequence[Mapping[str, Any]] = (
        {"action": "add-view-version", "view-version": _version(namespace, number)},
        {"action": "set-current-view-version", "view-version-id": LATEST},
    )
    return Call(
        operation="replaceView",
        method="POST",
        path=_path(wire, namespace, name),
        key=key_of(namespace, name),
        body=orjson.dumps({"identifier": identifier, "requirements": [], "updates": updates}),
    )


def rename_view(
    wire: Wire, source: Namespace, name: str, destination: Namespace, new_name: str
) -> Call:
    """Its key is the view's old name."""
    body = {
        "source": {"namespace": list(source), "name": name},
        "destination": {"namespace": list(destination), "name": new_name},
    }
    return Call(
        operation="renameView",
        method="POST",
        path=f"{wire.root}/views/rename",
        key=key_of(source, name),
        body=orjson.dumps(body),
    )


def drop_view(wire: Wire, namespace: Namespace, name: str) -> Call:
    return Call(
        operation="dropView",
        method="DELETE",
        path=_path(wire, namespace, name),
        key=key_of(namespace, name),
    )


def list_views(wire: Wire, namespace: Namespace, *, page_token: str | None = None) -> Call:
    query = "" if page_token is None else f"?{urlencode({'pageToken': page_token})}"
    return Call(
        operation="listViews",
        method="GET",
        path=f"{wire.namespace_path(namespace)}/views{query}",
        key=key_of(namespace),
    )


def _path(wire: Wire, namespace: Namespace, name: str) -> str:
    return wire.path_of("/v1/{prefix}/namespaces/{namespace}/views/{view}", namespace, name)


def _version(namespace: Namespace, number: int) -> dict[str, Any]:
    query = {"type": "sql", "sql": f"select {number}", "dialect": "spark"}
    return {
        "version-id": number,
        "timestamp-ms": TIME_MS + number,
        "schema-id": 0,
        "summary": {"engine": "suite"},
        "representations": [query],
        "default-namespace": list(namespace),
    }
