"""The kinds of operation a history may hold, by their one name.

A kind is a mutation when it can change the catalog's state; its outcome rules differ (outcome.py).
"""

from __future__ import annotations

MUTATIONS = frozenset(
    {
        "create_namespace",
        "drop_namespace",
        "update_namespace_properties",
        "create_table",
        "commit_table",
        "drop_table",
        "rename_table",
    }
)
READS = frozenset(
    {
        "config",
        "list_namespaces",
        "load_namespace",
        "namespace_exists",
        "list_tables",
        "load_table",
        "table_exists",
        "health",
        "ready",
        "metrics",
    }
)


def is_mutation(kind: str) -> bool:
    """Whether operations of this kind can change the catalog's state."""
    return kind in MUTATIONS
