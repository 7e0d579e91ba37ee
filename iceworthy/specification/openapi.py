"""The contract as an OpenAPI 3.1 document, for tools that read one.

Claim: for the requested operations, the document says exactly what iceworthy/specification says. It
has no security section, because authentication depends on the target. Links say which operation
reads what another wrote; they are this project's interpretation. What it does NOT contain:
namespaces of several levels in a path, which OpenAPI cannot express; the sender must join the
levels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from iceworthy.specification.notation import REFERENCE, Schema
from iceworthy.specification.operations import JSON, OPERATIONS, Operation
from iceworthy.specification.schemas import SCHEMAS

COMPONENTS = "#/components/schemas/"
_BODY, _PATH = "$response.body#", "$request.path."
LINKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "createNamespace": {"loadNamespaceMetadata": {"namespace": f"{_BODY}/namespace"}},
    "updateProperties": {"loadNamespaceMetadata": {"namespace": f"{_PATH}namespace"}},
    "createTable": {
        "loadTable": {
            "namespace": f"{_PATH}namespace",
            "table": "$request.body#/name",
        }
    },
    "registerTable": {
        "loadTable": {
            "namespace": f"{_PATH}namespace",
            "table": "$request.body#/name",
        }
    },
    "updateTable": {
        "loadTable": {
            "namespace": f"{_PATH}namespace",
            "table": f"{_PATH}table",
        }
    },
    "renameTable": {
        "loadTable": {
            "namespace": "$request.body#/destination/namespace",
            "table": "$request.body#/destination/name",
        }
    },
    "createView": {
        "loadView": {
            "namespace": f"{_PATH}namespace",
            "view": "$request.body#/name",
        }
    },
    "replaceView": {"loadView": {"namespace": f"{_PATH}namespace", "view": f"{_PATH}view"}},
    "planTableScan": {
        "fetchPlanningResult": {
            "namespace": f"{_PATH}namespace",
            "table": f"{_PATH}table",
            "plan-id": f"{_BODY}/plan-id",
        }
    },
}
"""Writing operation -> reading operation -> where the reading one's path parameters are found."""


def document(only: Collection[str] | None = None) -> dict[str, Any]:
    """The document of the operations with these ids; None for all."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        if only is None or one.id in only:
            paths.setdefault(one.template, {})[one.method.lower()] = _operation(one, only)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Iceberg REST catalog", "version": "1"},
        "paths": paths,
        "components": {"schemas": {name: _moved(schema) for name, schema in SCHEMAS.items()}},
    }


def _operation(one: Operation, only: Collection[str] | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.id,
        "parameters": [
            *(
                {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "minLength": 1},
                }
                for name in one.parameters
            ),
            *(
                {"name": name, "in": "query", "schema": _moved(schema)}
                for name, schema in one.query.items()
            ),
            *(
                {"name": name, "in": "header", "schema": _moved(schema)}
                for name, schema in one.headers.items()
            ),
        ],
        "responses": {
            status: _response(one, status, name, only) for status, name in one.responses.items()
        },
    }
    if one.request:
        body = {"schema": {"$ref": f"{COMPONENTS}{one.request}"}}
        said["requestBody"] = {"required": one.must_send, "content": {one.media: body}}
    if one.deprecated:
        said["deprecated"] = True
    return said


def _response(
    one: Operation, status: str, name: str, only: Collection[str] | None
) -> dict[str, Any]:
    said: dict[str, Any] = {"description": f"status {status}"}
    if name:
        said["content"] = {JSON: {"schema": {"$ref": f"{COMPONENTS}{name}"}}}
    links = {
        to: {"operationId": to, "parameters": dict(parameters)}
        for to, parameters in LINKS.get(one.id, {}).items()
        if status.startswith("2") and (only is None or to in only)
    }
    return {**said, "links": links} if links else said


def _moved(schema: Any) -> Schema:
    """The schema with its references changed to where OpenAPI keeps schemas."""
    moved: Any = schema
    if isinstance(schema, list):
        moved = [_moved(part) for part in schema]
    elif isinstance(schema, dict):
        moved = {key: _moved(part) for key, part in schema.items()}
    elif isinstance(schema, str) and schema.startswith(REFERENCE):
        moved = f"{COMPONENTS}{schema.removeprefix(REFERENCE)}"
    result: Schema = moved
    return result
