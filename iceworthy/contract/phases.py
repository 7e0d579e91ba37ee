"""The operations of a complete catalog, by subject; the specification requires none."""

from __future__ import annotations

from collections.abc import Mapping

PHASES: Mapping[str, tuple[str, ...]] = {
    "namespaces": (
        "listNamespaces",
        "createNamespace",
        "loadNamespaceMetadata",
        "namespaceExists",
        "dropNamespace",
        "updateProperties",
    ),
    "tables": (
        "listTables",
        "createTable",
        "loadTable",
        "updateTable",
        "dropTable",
        "tableExists",
        "renameTable",
        "registerTable",
    ),
    "views": (
        "listViews",
        "createView",
        "loadView",
        "replaceView",
        "dropView",
        "viewExists",
        "renameView",
    ),
    "scans": ("planTableScan", "fetchPlanningResult", "cancelPlanning", "fetchScanTasks"),
    "transactions": ("commitTransaction",),
}
PHASE_OF = {name: phase for phase, names in PHASES.items() for name in names}
