"""The running target, as faults, drivers and the orchestrator see it: protocols only.

fixtures/stack/stack.py implements them over real processes, toxiproxy and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from iceworthy.words.target import TargetSpec

__all__ = [
    "Backend",
    "Bucket",
    "Database",
    "Evidence",
    "Link",
    "LiveTarget",
    "Node",
    "WriteHold",
]

LinkTo = Literal["database", "storage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Proof that a fault took effect, as JSON-able facts; a fault without proof raises
    FaultError.
    """

    fault: str
    node: int | None
    t_ns: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An S3 bucket that the suite made, with a login that may do everything in it."""

    endpoint: str
    region: str
    name: str
    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One row of pg_stat_activity: a session of a catalog node on the database."""

    pid: int
    node: int | None
    application: str
    state: str
    wait_event_type: str
    wait_event: str
    query: str
    transaction_age_s: float


class Node(Protocol):
    """One catalog process. Starting and stopping it never touches the catalog's data."""

    @property
    def index(self) -> int: ...
    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT, without a path."""
        ...

    @property
    def pid(self) -> int | None:
        """None when the process is not the suite's or does not run."""
        ...

    @property
    def is_ours(self) -> bool:
        """Whether the suite started its process; if not, it is only known by its URL."""
        ...

    @property
    def admin_port(self) -> int | None:
        """The second port that it was given to listen on; None when it is not ours."""
        ...

    def local_pid(self) -> int | None:
        """Of a node that is not ours: the process of this machine that listens at its URL, None
        where there is none to be seen. Looking takes up to a second."""
        ...

    def is_running(self) -> bool: ...
    def start(self, *, reason: str) -> None:
        """Spawn it (again, on the same port); TargetError when it cannot be."""
        ...

    def wait_ready(self, *, deadline_s: float) -> float:
        """Seconds from the spawn until readiness answered 200; TargetError past the deadline."""
        ...

    def signal(self, number: int) -> int:
        """Send a signal to this process alone; returns the monotonic_ns just before it was sent."""
        ...

    def wait_exit(self, *, deadline_s: float) -> int | None:
        """Exit code, negative for a signal; None when it still runs at the deadline."""
        ...

    def connections(self) -> int:
        """Established connections on its port, counted on its own side; -1 when not visible."""
        ...


class Link(Protocol):
    """The proxy between one node and something that it stands on."""

    @property
    def node(self) -> int: ...
    @property
    def to(self) -> LinkTo:
        """What is at its other end."""
        ...

    @property
    def address(self) -> str:
        """HOST:PORT at which the node finds what is at the other end."""
        ...

    def cut(self) -> Mapping[str, Any]:
        """Close every connection and refuse new ones; facts that prove it."""
        ...

    def black_hole(self) -> Mapping[str, Any]:
        """Accept connections and bytes, answer nothing; facts that prove it."""
        ...

    def delay(self, *, latency_ms: int, jitter_ms: int = 0) -> Mapping[str, Any]: ...
    def limit(
        self, *, upstream_bytes: int | None, downstream_bytes: int | None
    ) -> Mapping[str, Any]: ...
    def restore(self) -> None:
        """Restore a clean link; idempotent."""
        ...


class WriteHold(Protocol):
    """A lock on one relation of the catalog, held or asked for by a session of its own."""

    @property
    def pid(self) -> int:
        """Of the session that holds the lock, as pg_blocking_pids() of who waits for it says."""
        ...

    def is_granted(self) -> bool: ...
    def release(self) -> None:
        """Release the lock, or stop waiting for it; idempotent."""
        ...


class Database(Protocol):
    """PostgreSQL under the target, seen by a superuser session that no fault touches."""

    def activity(self) -> Sequence[Backend]:
        """Backends of the catalog's nodes; node is told apart by the link each comes through."""
        ...

    def hold_acks(self) -> None:
        """From now on each COMMIT is durable locally, then waits unacknowledged (SyncRep)."""
        ...

    def release_acks(self) -> None:
        """End hold_acks(); idempotent."""
        ...

    def step(self, pid: int) -> bool:
        """Let one held COMMIT through (pg_cancel_backend); the next is held again."""
        ...

    def hold_writes(self, relation: str) -> WriteHold:
        """Ask for LOCK TABLE `relation` IN SHARE MODE in a session of its own, without waiting for
        it: who writes to it later waits in front of us, who reads it does not. `relation` is quoted
        already. The session ends by itself after 30 s, and with the suite."""
        ...

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of one statement in autocommit, bounded by a 10 s statement timeout."""
        ...


class LiveTarget(Protocol):
    """One running target. Its optional parts are None or empty where it has none: database, links,
    warehouse, processes(). How it is trusted and its secrets: spec.keyring."""

    @property
    def spec(self) -> TargetSpec: ...
    @property
    def nodes(self) -> Sequence[Node]: ...
    @property
    def links(self) -> Sequence[Link]:
        """Those that the suite made: to the database, none when it is hidden."""
        ...

    @property
    def database(self) -> Database | None: ...
    def check(self, *, news_s: float = 0.0) -> None:
        """StackError when something that the suite started under the target has ended by itself;
        news_s: how long the news of it may be on its way."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Versions of the software below the target, for plan.json: name -> version."""
        ...

    @property
    def warehouse(self) -> Path | Bucket | None:
        """Where tables' files are, when the suite made that place; None when it is the target's."""
        ...

    @property
    def logs(self) -> Path:
        """The folder of the logs of everything that the suite started: node-0.log, postgres.log."""
        ...

    def given_secrets(self) -> Mapping[str, str]:
        """What the suite gave the nodes to log in at what they stand on: what it is ("the
        database's password") -> its value; {} for none."""
        ...

    def processes(self) -> Mapping[str, int]:
        """Name -> pid of each process that the suite started and that runs now; {} for none."""
        ...
