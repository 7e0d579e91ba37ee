"""A scenario: load as data. The roles of the sessions, their operations, and the data set.

Nothing here is resolved or run. All offsets and durations are seconds from the load's t0, the
instant from which the schedule counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["Role", "Scenario", "World"]

NodeChoice = Literal["spread", "first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The deterministic data set that stands in the catalog before the load.

    namespaces: top-level ones; nested_levels: depth of one extra chain of child namespaces.
    tables_per_namespace: read tables in each; hot_tables: contended tables in a namespace of their
    own; snapshots_per_table: snapshots committed to each read table.
    """

    namespaces: int = 20
    nested_levels: int = 3
    tables_per_namespace: int = 5
    hot_tables: int = 4
    snapshots_per_table: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One share of the sessions, and its operations.

    weight: relative share of the sessions. period_s: each session starts one operation every
    period_s, at its own phase; 0 means a closed loop, as fast as answers come.
    actions: action name in scenarios/actions/ -> relative weight.
    """

    name: str
    weight: float
    period_s: float
    actions: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Load: the sessions' roles, the data set, and the checkers that judge the history.

    checkers: names in analysis/checkers/ that must hold. sessions: the default number.
    timeout_s: bound of one operation, from its first byte to the answer's last.
    """

    roles: tuple[Role, ...]
    world: World = World()
    sessions: int = 1000
    nodes: NodeChoice = "spread"
    timeout_s: float = 10.0
    checkers: tuple[str, ...] = ()
