"""What a case may need of a target beyond the operations it advertises.

Claim: each capability answers "" when the target has it, else the reason why the case does not
apply, in words for the report. Adding one is adding a function to the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.contract.desk import Desk


def _two_nodes(desk: Desk) -> str:
    return "" if len(desk.live.nodes) > 1 else "the target has one node"


def _database(desk: Desk) -> str:
    return "" if desk.live.database is not None else "the suite has no view of its database"


def _own_namespaces(desk: Desk) -> str:
    """Names outside the root namespace may be used, and need not be dropped again."""
    return "the target lives on after the run" if desk.live.spec.lives_on else ""


def _local_folder(desk: Desk) -> str:
    """Table locations are files that this process can read and write."""
    return "" if desk.warehouse is not None else "the warehouse is no folder of the suite's"


CAPABILITIES: dict[str, Callable[[Desk], str]] = {
    "two_nodes": _two_nodes,
    "database": _database,
    "own_namespaces": _own_namespaces,
    "local_folder": _local_folder,
}


def missing(desk: Desk, needs: tuple[str, ...]) -> str:
    """Why the first capability that is missing is; "" when all are there."""
    for name in needs:
        if name not in CAPABILITIES:
            raise KeyError(f"no capability {name!r}; known: {', '.join(sorted(CAPABILITIES))}")
        if why := CAPABILITIES[name](desk):
            return why
    return ""
