"""An experiment: a hypothesis, and the method that could refute it. Data only.

A method names the file of iceworthy/orchestrator/methods/ whose conduct() carries it out: load with
timed faults, a driver that steers step by step, or an inquiry that asks a quiet target. All offsets
and durations are seconds; those of a Load count from the load's t0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from iceworthy.words.fault import Need, Part, Place
from iceworthy.words.scenario import NodeChoice

__all__ = ["Custom", "Drive", "Experiment", "FaultAt", "Inquire", "Load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAt:
    """One fault of an experiment: injected at_s, healed hold_s after it bit; params go to it."""

    fault: str
    at_s: float
    hold_s: float = 0.0
    node: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Sessions of a scenario, and faults by the clock.

    no criterion judges warmup_s; then the load runs until duration_s; settle_s is the bound for the
    system to come to rest (nodes ready, no operation in flight) before the audit reads everything.
    sessions, nodes: None takes the scenario's. events: a subscriber listens to each node's change
    events, where the target has them.
    """

    conductor: ClassVar[str] = "load"

    scenario: str
    warmup_s: float = 3.0
    duration_s: float = 20.0
    settle_s: float = 15.0
    sessions: int | None = None
    nodes: NodeChoice | None = None
    faults: tuple[FaultAt, ...] = ()
    events: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A file of chaos/drivers/ steers the target step by step; then everything is read.

    duration_s: its longest duration, for the reader of its plan; params go to the driver.
    """

    conductor: ClassVar[str] = "drive"

    driver: str
    duration_s: float = 20.0
    settle_s: float = 15.0
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquire:
    """A file of iceworthy/contract/inquiries/ asks the quiet target; params go to it."""

    conductor: ClassVar[str] = "inquire"

    inquiry: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """Any other file of iceworthy/orchestrator/methods/, by its name; params go to it."""

    conductor: str
    params: Mapping[str, Any] = field(default_factory=dict)


Method = Load | Drive | Inquire | Custom


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A hypothesis, and the method that could refute it.

    needs: the parts that a target must have for it, beyond those that its faults need
    (iceworthy/words/fault.py).
    opens: every run begins with it, and where it cannot come to its end nothing else is run.
    order: its place in the default review, smaller first; None: the review leaves it out.
    quick: the fields of its method that the quick review replaces; None: that leaves it out.
    """

    hypothesis: str
    method: Method
    needs: tuple[Need, ...] = ()
    opens: bool = False
    order: int | None = None
    quick: Mapping[str, Any] | None = None

    @property
    def faults(self) -> tuple[FaultAt, ...]:
        """The timed faults of its method; () for a method without."""
        return self.method.faults if isinstance(self.method, Load) else ()

    def changed(self, changes: Mapping[str, Any]) -> Experiment:
        """The same with these fields of its method replaced; what the method has no field for (the
        sessions of an inquiry) means nothing to it and is left out."""
        known = {field.name for field in fields(self.method)}
        applied = {name: value for name, value in changes.items() if name in known}
        return replace(self, method=replace(self.method, **applied))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFault:
    """What the file of a fault declares, as the record of a run keeps it."""

    fault: str
    """Name of the fault."""
    place: Place
    """Where it bites: `kind` node, machine (a node's share of it), link, client, database or
    everything; `link_to`: a link's other end."""
    takes_away: tuple[Part, ...] = ()
    """Parts that the node cannot use until it is healed: node, database, storage."""
    interrupts: bool = False
    """Whether operations under way at its injection may lose their answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the files of an experiment and of its faults declare, as the record of a run keeps it.

    It decides which requirements the experiment's verdicts confirm (analysis/requirements.toml).
    """

    experiment: str
    """Name of the experiment."""
    scenario: str | None = None
    """Name of the scenario that makes the load; null: no load."""
    driver: str | None = None
    """Name of the driver; null: none."""
    inquiry: str | None = None
    """Name of the inquiry; null: none."""
    faults: tuple[DeclaredFault, ...] = ()
    """The timed faults under the load, each once."""
