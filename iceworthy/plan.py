"""The data of a run: scenarios (load), experiments (timed faults over a load), review profiles.

Everything here is frozen data that names things; nothing is resolved or run. All offsets and
durations are seconds from the load's t0, the instant from which the schedule counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
    """What one share of the sessions does.

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
    """Load: who the sessions are, what they do, on which world, and what must hold of its history.

    checkers: names in analysis/checkers/ that must hold. sessions: the default number.
    timeout_s: bound of one operation, from its first byte to the answer's last.
    """

    roles: tuple[Role, ...]
    world: World = World()
    sessions: int = 1000
    nodes: NodeChoice = "spread"
    timeout_s: float = 10.0
    checkers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAt:
    """One fault of an experiment: injected at_s, healed hold_s later; params go to the fault."""

    fault: str
    at_s: float
    hold_s: float = 0.0
    node: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A hypothesis, and the timed faults over a scenario that could refute it.

    warmup_s is judged by nobody; then the load runs until duration_s; settle_s is the bound for the
    system to come to rest (nodes ready, no operation in flight) before the audit reads everything.
    sessions: None takes the scenario's. driver: name of a function in chaos/drivers/ that replaces
    the timed faults (the commit stepper); scenario may then be None: no background load.
    inquiry: module of the suite whose inquire(live, folder, seed, id_bits, params, say) asks the
    quiet target instead of all that (the contract suite); it returns what it could not drop again.
    """

    hypothesis: str
    scenario: str | None
    warmup_s: float = 3.0
    duration_s: float = 20.0
    settle_s: float = 15.0
    sessions: int | None = None
    nodes: NodeChoice | None = None
    faults: tuple[FaultAt, ...] = ()
    driver: str | None = None
    inquiry: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
