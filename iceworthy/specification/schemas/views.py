"""Views and functions: their metadata, and the requests and answers that contain it.

Source: the Iceberg REST specification. Not checked: the SQL.
"""

from __future__ import annotations

from iceworthy.specification.notation import one_of, record

_NAMED = {"name": "text"}

SCHEMAS = {
    "SQLViewRepresentation": record({"type": "text", "sql": "text", "dialect": "text"}),
    "ViewRepresentation": one_of("SQLViewRepresentation"),
    "ViewHistoryEntry": record({"version-id": "int", "timestamp-ms": "long"}),
    "ViewVersion": record(
        {
            "version-id": "int",
            "timestamp-ms": "long",
            "schema-id": "int",
            "summary": "{text}",
            "representations": "[ViewRepresentation]",
            "default-catalog?": "text",
            "default-namespace": "Namespace",
        }
    ),
    "ViewMetadata": record(
        {
            "view-uuid": "text",
            "format-version": "int(1..1)",
            "location": "text",
            "current-version-id": "int",
            "versions": "[ViewVersion]",
            "version-log": "[ViewHistoryEntry]",
            "schemas": "[Schema]",
            "properties?": "{text}",
        }
    ),
    "CreateViewRequest": record(
        {
            **_NAMED,
            "location?": "text",
            "schema": "Schema",
            "view-version": "ViewVersion",
            "properties": "{text}",
        }
    ),
    "LoadViewResult": record(
        {
            "metadata-location": "text",
            "metadata": "ViewMetadata",
            "config?": "{text}",
        }
    ),
    "RegisterViewRequest": record({**_NAMED, "metadata-location": "text"}),
    "CommitViewRequest": record(
        {
            "identifier?": "TableIdentifier",
            "requirements?": "[ViewRequirement]",
            "updates": "[ViewUpdate]",
        }
    ),
    "LoadFunctionResult": record({"metadata-location?": "text", "metadata": "FunctionMetadata"}),
    "FunctionMetadata": record(
        {
            "function-uuid": "uuid",
            "format-version": "int(1..1)",
            "definitions": "[FunctionDefinition]",
            "definition-log": "[FunctionDefinitionLogEntry]",
            "location?": "text",
            "properties?": "{text}",
            "secure?": "bool = false",
            "doc?": "text",
        }
    ),
    "FunctionDefinition": record(
        {
            "definition-id": "text",
            "specific-name?": "text",
            "parameters": "[FunctionParameter]",
            "return-type": "FunctionDataType",
            "return-nullable?": "bool = true",
            "versions": "[FunctionDefinitionVersion]",
            "current-version-id": "int",
            "function-type": "'udf'|'udtf'",
            "doc?": "text",
        }
    ),
    "FunctionParameter": record({"type": "FunctionDataType", **_NAMED, "doc?": "text"}),
    "FunctionDataType": one_of("text", "FunctionListType", "FunctionMapType", "FunctionStructType"),
    "FunctionListType": record({"type": "'list'", "element": "FunctionDataType"}),
    "FunctionMapType": record(
        {
            "type": "'map'",
            "key": "FunctionDataType",
            "value": "FunctionDataType",
        }
    ),
    "FunctionStructType": record({"type": "'struct'", "fields": "[FunctionStructField]"}),
    "FunctionStructField": record({**_NAMED, "type": "FunctionDataType"}),
    "FunctionDefinitionVersion": record(
        {
            "version-id": "int",
            "representations": "[FunctionRepresentation]",
            "deterministic?": "bool = false",
            "on-null-input?": "'return-null'|'call' = \"call\"",
            "timestamp-ms": "long",
        }
    ),
    "FunctionRepresentation": one_of("FunctionSQLRepresentation"),
    "FunctionSQLRepresentation": record({"type": "'sql'", "dialect": "text", "sql": "text"}),
    "FunctionDefinitionLogEntry": record(
        {
            "timestamp-ms": "long",
            "definition-versions": "[FunctionDefinitionVersionRef]",
        }
    ),
    "FunctionDefinitionVersionRef": record({"definition-id": "text", "version-id": "int"}),
}
