"""An experiment: a hypothesis, and the faults over a scenario that could refute it. Data only.

All offsets and durations are seconds from the load's t0, from which the schedule counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iceworthy.words.scenario import NodeChoice

__all__ = ["Experiment", "FaultAt"]


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

    no criterion judges warmup_s; then the load runs until duration_s; settle_s is the bound for the
    system to come to rest (nodes ready, no operation in flight) before the audit reads everything.
    sessions: None takes the scenario's. driver: name of a function in chaos/drivers/ that replaces
    the timed faults (the commit stepper); scenario may then be None: no background load.
    inquiry: name of a file in iceworthy/contract/inquiries/, whose function asks the quiet target
    instead of all that; it returns the names that it could not drop again.
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
