"""Lines about the run itself: its judged stretches, its faults, the lives of the nodes, the load.

Every `*_ns` is time.monotonic_ns() of the machine that ran it: comparable between its processes,
not a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from iceworthy.record.line import Line
from iceworthy.record.units import Milliseconds, Ns, Seconds, Share

__all__ = ["FaultEvent", "LoadSecond", "NodeExit", "NodeStart", "Window"]

WindowKind = Literal["warmup", "steady", "fault", "recovery", "settle", "audit"]
FaultEventName = Literal["inject", "bit", "heal", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Line):
    """One judged stretch of time."""

    STREAM: ClassVar[str] = "windows"

    name: str
    """Such as steady-1 or cut_link-1."""
    kind: WindowKind
    """How judges use the stretch; example: in a steady one there was no fault, and none near it."""
    start_ns: Ns
    """The first instant of the stretch."""
    end_ns: Ns
    """The first instant after the stretch."""
    node: int | None = None
    """The node that a fault was on; null: none, or all."""
    fault: str | None = None
    """Name of the fault, in stretches of the kinds fault and recovery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEvent(Line):
    """One step in the life of a fault: inject, then bit or failed, then heal."""

    STREAM: ClassVar[str] = "faults"

    fault: str
    """Name of the fault."""
    event: FaultEventName
    """inject: begun; bit: effect is proven; heal: undone; failed: not injected or not healed."""
    t_ns: Ns
    """When; of bit: just after it began to act, of heal: just after it was undone."""
    node: int | None = None
    """The node that the fault is on; null: all nodes."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What proves that it bit; of heal: `began_ns`, when its undoing began; of failed: `reason`."""
    takes_away: tuple[str, ...] = ()
    """Parts that the node cannot use until it is healed: node, database, storage."""
    interrupts: bool = False
    """Whether operations under way at its injection may lose their answer."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        """A line of a run before formats had numbers; three faults of then are known by name."""
        name = facts.get("fault")
        return {
            "takes_away": ["database"] if name in ("cut_link", "black_hole") else [],
            "interrupts": name in ("kill_node", "cut_link", "black_hole"),
            **facts,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadEnd(Line):
    """The end of a load with faults: written, and read by the load, once the last is healed."""

    STREAM: ClassVar[str] = "load_end"

    t_ns: Ns
    """The first instant at which no operation is intended any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStart(Line):
    """One start of a node."""

    STREAM: ClassVar[str] = "starts"

    node: int
    """Number of the node, from 0."""
    pid: int
    """The process."""
    spawn_ns: Ns
    """When the process was spawned."""
    reason: str = ""
    """initial or restart."""
    healthy_ns: Ns | None = None
    """When the health endpoint first answered 200; null: never."""
    ready_ns: Ns | None = None
    """When the readiness endpoint first answered 200; null: never."""
    ready_status: int | None = None
    """Status of the last answer of readiness while it was waited for; 0: no answer; null: not
    recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeExit(Line):
    """One end of a node's process."""

    STREAM: ClassVar[str] = "exits"

    node: int
    """Number of the node, from 0."""
    pid: int | None = None
    """The process."""
    t_ns: Ns = 0
    """When the process ended."""
    code: int | None = None
    """Exit code; negative: the number of the signal that ended it; null: not seen."""
    asked: str = "none"
    """The first request to end: a signal's name such as SIGTERM; none: the process ended by itself;
    teardown: the stack was taken down, which no judge counts. A later SIGKILL changes nothing."""
    asked_ns: Ns | None = None
    """When that request was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer(Line):
    """What a node answered to one of the requests that show whether the target file is right."""

    STREAM: ClassVar[str] = "first_answers"

    t_ns: Ns
    """When the answer was there."""
    node: int
    """Number of the node, from 0."""
    asked: Literal["ready", "token", "config", "namespaces", "root", "location"]
    """ready: readiness of a node that runs already, asked for the last time; token: the token
    endpoint; config: /v1/config; namespaces: a listing; root: the root_namespace; location: a table
    at a location below [catalog] location, where the same without a location was created."""
    status: int = 0
    """HTTP status; 0: no answer."""
    error: str = ""
    """The transport's word where there was no answer; of token: OAuth's word for the refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSecond(Line):
    """One second of one load worker."""

    STREAM: ClassVar[str] = "load"

    t_ns: Ns
    """When the line was written."""
    worker: str = ""
    """Such as load-0."""
    sessions: int = 0
    """Sessions of this worker."""
    connected: int = 0
    """Number of open connections."""
    operations: int = 0
    """Number of operations so far."""
    errors: int = 0
    """Number of these operations that count as errors."""
    lag_ms_p99: Milliseconds = 0.0
    """p99 of the generator's own lateness in this second; time behind a session's earlier operation
    does not count."""
    cpu: Share = 0.0
    """Share of one core used in this second."""
    cpu_s: Seconds = 0.0
    """CPU time since the worker's start."""
    pid: int = 0
    """The process."""
    t0_ns: Ns | None = None
    """The load's zero; null until it is set."""
    unsent: int = 0
    """Number of operations that were due before the end and not sent; 0 until the last line."""
    opened: int = 0
    """Number of connections opened so far, reopened ones included."""
