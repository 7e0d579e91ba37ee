"""The operations that a history may hold, each by its operationId in the REST specification.

An operation has this name everywhere: in a Call, the history, answers.jsonl and a verdict.
Example: a commit of a snapshot and a commit of table properties are both "updateTable"; seen.jsonl
says of the second what it set and removed. A mutation can change the catalog's state; the rules for
its outcome differ (outcome.py).
"""

from __future__ import annotations

MUTATIONS = frozenset(
    {
        "createNamespace",
        "dropNamespace",
        "updateProperties",
        "createTable",
        "updateTable",
        "commitTransaction",
        "dropTable",
        "renameTable",
        "createView",
        "replaceView",
        "renameView",
        "dropView",
    }
)
READS = frozenset(
    {
        "getConfig",
        "listNamespaces",
        "loadNamespaceMetadata",
        "namespaceExists",
        "listTables",
        "loadTable",
        "tableExists",
    }
)
OF_VIEWS = ("createView", "replaceView", "renameView", "dropView")
COMMITS = ("updateTable", "commitTransaction")
"""Operations that commit to tables; a commitTransaction has one record for each of its tables."""
SHOW_TABLE = frozenset({"loadTable", "createTable", "updateTable"})
"""Operations whose 2xx answer holds the table's metadata."""


def is_mutation(operation: str) -> bool:
    """Whether this operation can change the catalog's state."""
    return operation in MUTATIONS
