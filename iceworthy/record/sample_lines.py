"""Lines of the samplers: probes, scrapes, processes, database, machine; and files of the audit.

They are written several times a second for as long as the stack stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from iceworthy.record.line import Line
from iceworthy.record.units import Bytes, Milliseconds, Ns, Seconds, Share

__all__ = [
    "DatabaseUse",
    "EventConnection",
    "EventMessage",
    "FileLook",
    "MachineUse",
    "Probe",
    "ProcessUse",
    "Scrape",
]

ProbeName = Literal["health", "ready", "metrics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Line):
    """One request of the suite to a node's health, readiness or metrics endpoint."""

    STREAM: ClassVar[str] = "probes"

    t_ns: Ns
    """When it was sent."""
    node: int
    """Number of the node, from 0."""
    probe: ProbeName
    """Which endpoint."""
    status: int
    """Status of the answer; 0: no whole answer."""
    latency_ms: Milliseconds = 0.0
    """From the sending to the whole answer, or until the probe gave up."""
    error: str = ""
    """Why there is no answer; empty: there is one."""
    body: str = ""
    """First 300 characters of the answer."""

    @property
    def end_ns(self) -> int:
        """When the answer was whole, or the probe gave up."""
        return self.t_ns + int(self.latency_ms * 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape(Line):
    """One /metrics answer, parsed."""

    STREAM: ClassVar[str] = "metrics"

    t_ns: Ns
    """When the request was sent."""
    node: int
    """Number of the node, from 0."""
    pid: int | None = None
    """The node's process (its incarnation); null: the suite did not start the node."""
    samples: Mapping[str, float] = field(default_factory=dict)
    """'name{label="v"}' -> value."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Name of a family -> its type, such as counter."""
    malformed: int = 0
    """Number of lines that break the text format."""
    repeated: int = 0
    """Number of series that occur twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUse(Line):
    """Use of CPU, memory and descriptors by one process, sampled."""

    STREAM: ClassVar[str] = "resources"

    t_ns: Ns
    """When."""
    process: str
    """node-0, postgres, toxiproxy-0, load-0 or suite."""
    pid: int | None = None
    """The process (of a node: its incarnation); null: not visible."""
    cpu_s: Seconds = 0.0
    """CPU time since its start."""
    rss_bytes: Bytes = 0
    """Resident memory."""
    fds: int = -1
    """Open file descriptors; -1: not counted."""
    threads: int = 0
    """Threads."""
    connections: int = -1
    """Established connections on a node's listening port, counted on its side; -1: not counted."""
    waited_s: Seconds | None = None
    """How long its threads were ready to run and waited for a CPU, since it was first seen; null:
    not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUse(Line):
    """Sessions of the nodes on the database: pg_stat_activity, summed."""

    STREAM: ClassVar[str] = "database"

    t_ns: Ns
    """When."""
    active: int = 0
    """Number of sessions that run a statement."""
    idle: int = 0
    """Number of sessions outside a transaction that wait for a statement."""
    idle_in_transaction: int = 0
    """Number of sessions that wait for a statement inside a transaction."""
    waiting_lock: int = 0
    """Number of sessions that wait for a lock."""
    waiting_ack: int = 0
    """Number of sessions whose COMMIT waits for its acknowledgement (SyncRep)."""
    oldest_transaction_s: Seconds = 0.0
    """Age of the oldest transaction."""
    by_node: Mapping[str, int] = field(default_factory=dict)
    """Number of a node -> its sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineUse(Line):
    """CPU of the whole machine, since the sample before."""

    STREAM: ClassVar[str] = "machine"

    t_ns: Ns
    """When."""
    cpu_busy: Share = 0.0
    """Share of the CPU time that any process used."""
    steal: Share = 0.0
    """Share of the CPU time that the hypervisor took for other machines."""
    others: Share = 0.0
    """Share of the CPU time that processes outside the suite and the target used."""
    pressure: Share | None = None
    """Share of the time in which some process waited for a CPU; null: not measured."""
    cpus: int | None = None
    """Number of CPUs; null: not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLook(Line):
    """One metadata file that the audit read, where the warehouse is the suite's."""

    STREAM: ClassVar[str] = "files"

    t_ns: Ns
    """When."""
    node: int
    """The node whose answer named the file."""
    key: str = ""
    """Key of the table in the history."""
    location: str
    """The metadata-location of the answer."""
    state: Literal["same", "missing", "broken", "differs"]
    """How the file compares with the answer."""
    what: str = ""
    """The fields that differ, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventConnection(Line):
    """One connection of the suite's subscriber to a node's stream of change events."""

    STREAM: ClassVar[str] = "event_connections"

    node: int
    """Number of the node, from 0."""
    connection: int
    """Number of the subscriber's connection to this node, from 0."""
    opened_ns: Ns | None = None
    """When the handshake was over; null: it was refused."""
    closed_ns: Ns
    """When it was over, or was refused."""
    lost: bool = False
    """Whether the server ended it, or it broke; else the suite left."""
    code: int | None = None
    """Close code of the WebSocket; null: none."""
    status: int = 0
    """Status of the answer that refused it; 0: none."""
    why: str = ""
    """Why it was refused, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage(Line):
    """One message of such a connection, in the order of arrival."""

    STREAM: ClassVar[str] = "events"

    t_ns: Ns
    """When it arrived."""
    node: int
    """Number of the node, from 0."""
    connection: int
    """Number of the connection, as in event_connections."""
    text: str
    """The message; one beyond 8,000 characters is cut."""
