"""Names, listings of them, and namespaces with their properties.

Source: the Iceberg REST specification. Not checked: which names a listing must contain.
"""

from __future__ import annotations

from iceworthy.specification.notation import record, value

_PROPERTIES = "{text} = {}"

SCHEMAS = {
    "Namespace": value("[text]"),
    "PageToken": value("text|null"),
    "TableIdentifier": record({"namespace": "Namespace", "name": "text"}),
    "CatalogObjectIdentifier": value("[text]"),
    "CreateNamespaceRequest": record({"namespace": "Namespace", "properties?": _PROPERTIES}),
    "CreateNamespaceResponse": record({"namespace": "Namespace", "properties?": _PROPERTIES}),
    "GetNamespaceResponse": record(
        {
            "namespace": "Namespace",
            "properties?": "{text}|null = {}",
        }
    ),
    "ListNamespacesResponse": record(
        {
            "next-page-token?": "PageToken",
            "namespaces?": "[Namespace]!",
        }
    ),
    "ListTablesResponse": record(
        {
            "next-page-token?": "PageToken",
            "identifiers?": "[TableIdentifier]!",
        }
    ),
    "ListFunctionsResponse": record(
        {
            "next-page-token?": "PageToken",
            "identifiers?": "[CatalogObjectIdentifier]!",
        }
    ),
    "UpdateNamespacePropertiesRequest": record({"removals?": "[text]!", "updates?": "{text}"}),
    "UpdateNamespacePropertiesResponse": record(
        {
            "updated": "[text]!",
            "removed": "[text]",
            "missing?": "[text]|null",
        }
    ),
    "RenameTableRequest": record({"source": "TableIdentifier", "destination": "TableIdentifier"}),
}
