"""Lines of the samplers: probes, scrapes, processes, database, machine; and files of the audit.

They are written several times a second for as long as the stack stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from iceworthy.record.line import Line
from iceworthy.record.units import Bytes, Milliseconds, Ns, Seconds, Share

__all__ = ["DatabaseUse", "FileLook", "MachineUse", "Probe", "ProcessUse", "Scrape"]

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
    """Status of the answer; 0: none came whole."""
    latency_ms: Milliseconds = 0.0
    """From the sending to the whole answer, or to giving up."""
    error: str = ""
    """Why no answer came; empty: one came."""
    body: str = ""
    """First 300 characters of the answer."""

    @property
    def end_ns(self) -> int:
        """When the answer was there, or the probe gave up."""
        return self.t_ns + int(self.latency_ms * 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape(Line):
    """One /metrics answer, parsed."""

    STREAM: ClassVar[str] = "metrics"

    t_ns: Ns
    """When it was asked for."""
    node: int
    """Number of the node, from 0."""
    pid: int | None = None
    """The node's process; null: not the suite's."""
    samples: Mapping[str, float] = field(default_factory=dict)
    """'name{label="v"}' -> value."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Name of a family -> its type, such as counter."""
    malformed: int = 0
    """Lines that are not as the text format wants them."""
    repeated: int = 0
    """Series that were there twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUse(Line):
    """What one process used, sampled."""

    STREAM: ClassVar[str] = "resources"

    t_ns: Ns
    """When."""
    process: str
    """node-0, postgres, toxiproxy-0, load-0 or suite."""
    pid: int | None = None
    """The process; null: not visible."""
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
    """Sessions that run a statement."""
    idle: int = 0
    """Sessions that wait for one."""
    idle_in_transaction: int = 0
    """Sessions that wait inside a transaction."""
    waiting_lock: int = 0
    """Sessions that wait for a lock."""
    waiting_ack: int = 0
    """Sessions whose COMMIT waits for its acknowledgement (SyncRep)."""
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
    """Of all CPU time, used by anybody."""
    steal: Share = 0.0
    """Of all CPU time, taken by the hypervisor."""
    others: Share = 0.0
    """Of all CPU time, used by processes that are not the suite's."""
    pressure: Share | None = None
    """Of the time, some process waited for a CPU; null: not measured."""
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
    """What differs, in words."""
