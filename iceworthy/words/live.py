"""The running target, as faults, drivers, samplers and the orchestrator see it: protocols only.

LiveTarget and Node are what every target has. What a target may lack is one small protocol each,
reached by one attribute that is None where the target lacks it:

  node.lifecycle        the suite starts, signals and ends this node
  node.quota            the suite gives this node less of the machine for a while
  node.database_link    a proxy between this node and the database
  node.storage_link     a proxy between this node and the storage
  live.database         a superuser's view of the database
  live.warehouse_folder the folder of the tables' files, made by the suite
  live.warehouse_bucket the S3 bucket of the tables' files, made by the suite

No protocol names a process of this machine: a node is known by its index, and each of its lives by
its incarnation. So a runtime that starts containers can implement all of this.
fixtures/stack/stack.py implements them over real processes, toxiproxy and PostgreSQL;
tests/fixtures/stack/live_contract.py says what every implementation must do.
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
    "DatabaseServer",
    "Evidence",
    "HeldBack",
    "Lifecycle",
    "Link",
    "LiveTarget",
    "Node",
    "Quota",
    "Usage",
    "WriteHold",
]

LinkTo = Literal["database", "storage"]
Direction = Literal["both", "statements", "answers"]
"""What a one-way fault of a link takes: statements go from the node, answers come back to it."""


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
    """One row of pg_stat_activity: a session of a catalog node on the database.

    xid: the id of its transaction, once that has changed or locked rows; "" before.
    """

    pid: int
    node: int | None
    application: str
    state: str
    wait_event_type: str
    wait_event: str
    query: str
    transaction_age_s: float
    xid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one node, or another process under the target, has used since it started.

    incarnation: of a node, as in Lifecycle; a new number means that the counts start again from 0.
    started_at: seconds of the machine's clock. fds: open file descriptors; -1 when not visible.
    waited_s: how long it was ready to run and waited for a CPU; None where that is not counted.
    """

    incarnation: int
    started_at: float
    cpu_s: float
    rss_bytes: int
    fds: int
    threads: int
    waited_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """How often a node's present life was kept from running, and for how long in all. Other counts
    of the kernel begin with the life; compare two looks."""

    times: int
    seconds: float


class Lifecycle(Protocol):
    """Starts, signals and ends one node. Neither start nor end touches the catalog's data."""

    @property
    def incarnation(self) -> int | None:
        """A number for the present life of the node, another one after each start; None while the
        node does not run. Where nodes are processes it is the pid."""
        ...

    def start(self, *, reason: str) -> None:
        """Start the node (again, at the same URL); TargetError when it cannot be started."""
        ...

    def signal(self, number: int) -> int:
        """Send a signal to this node alone; returns the monotonic_ns just before it was sent.
        SIGKILL ends the node, SIGSTOP pauses it, SIGCONT resumes it."""
        ...

    def wait_exit(self, *, deadline_s: float) -> int | None:
        """Exit code, negative for a signal; None when the node still runs at the deadline."""
        ...


class Quota(Protocol):
    """What the machine gives one node. A squeeze ends with the node's life."""

    def squeeze_cpu(self, *, share: float) -> None:
        """From now on it runs for at most this share of the time of one CPU. TargetError when the
        node does not run, StackError when the machine refuses."""
        ...

    def held_back(self) -> HeldBack:
        """Of the life that was squeezed last."""
        ...

    def squeeze_memory(self, *, spare_bytes: int) -> int:
        """From now on it may use only so much more memory than it does; returns the limit in bytes.
        StackError where the machine has no such limit for one node."""
        ...

    def memory_hits(self) -> int:
        """How often the life that was squeezed last asked for more memory than its limit."""
        ...

    def restore(self) -> None:
        """Give it all of the machine again; idempotent."""
        ...


class Link(Protocol):
    """The proxy between one node and its database, or between one node and its storage."""

    @property
    def address(self) -> str:
        """HOST:PORT at which the node reaches the database or the storage."""
        ...

    def cut(self) -> Mapping[str, Any]:
        """Close every connection and refuse new ones; facts that prove it."""
        ...

    def black_hole(self, direction: Direction = "both") -> Mapping[str, Any]:
        """Accept connections and bytes, pass nothing on in that direction; facts that prove it."""
        ...

    def reset(self) -> Mapping[str, Any]:
        """End each connection at its next use, reset new ones (RST); facts that prove it."""
        ...

    def delay(self, *, latency_ms: int, jitter_ms: int = 0) -> Mapping[str, Any]:
        """Delay every answer; facts that prove it."""
        ...

    def limit(
        self, *, upstream_bytes: int | None, downstream_bytes: int | None
    ) -> Mapping[str, Any]:
        """Close each connection after so many more bytes; facts that prove it."""
        ...

    def restore(self) -> None:
        """Restore a clean link; idempotent."""
        ...


class Node(Protocol):
    """One node of the catalog. lifecycle, quota, database_link, storage_link: None where it has
    none."""

    @property
    def index(self) -> int:
        """Its number, from 0."""
        ...

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT, without a path."""
        ...

    @property
    def admin_port(self) -> int | None:
        """The second port that the suite gave the node to listen on; None without a lifecycle."""
        ...

    @property
    def lifecycle(self) -> Lifecycle | None:
        """None when the suite did not start the node and knows only its URL."""
        ...

    @property
    def quota(self) -> Quota | None:
        """None where it has no lifecycle."""
        ...

    @property
    def database_link(self) -> Link | None: ...
    @property
    def storage_link(self) -> Link | None: ...
    def is_running(self) -> bool:
        """Whether the node has not ended; of a node without a lifecycle: whether it answers."""
        ...

    def wait_ready(self, *, deadline_s: float) -> float:
        """Seconds from the start until readiness answered 200; TargetError past the deadline."""
        ...

    def connections(self) -> int:
        """Established connections on the node's port, counted on the node's side; -1 when they are
        not visible."""
        ...


class WriteHold(Protocol):
    """A lock on one relation of the catalog, or on one row of it; a separate session holds it or
    waits for it."""

    @property
    def pid(self) -> int:
        """Backend pid of that session, as pg_blocking_pids() of a waiting session returns it."""
        ...

    def is_granted(self) -> bool: ...
    def release(self) -> None:
        """Release the lock, or stop waiting for it; idempotent."""
        ...


class DatabaseServer(Protocol):
    """The server under the target: ended and started again on the same data and address."""

    def crash(self) -> int:
        """End it and all its sessions at once, nothing more written; returns how many processes
        there were. FaultError if it does not end."""
        ...

    def shut_down(self) -> None:
        """Ask it to end its sessions and itself, everything written; FaultError if it does not."""
        ...

    def start_again(self) -> None:
        """Start it, with the recovery of a crash; returns when it takes logins. StackError if it
        does not start. Idempotent."""
        ...


class Database(Protocol):
    """PostgreSQL under the target, seen by a superuser session that no fault touches."""

    @property
    def server(self) -> DatabaseServer | None:
        """None where the server cannot be ended and started."""
        ...

    def activity(self) -> Sequence[Backend]:
        """Backends of the catalog's nodes; the node of each follows from the link that it uses."""
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
        """Ask for LOCK TABLE `relation` IN SHARE MODE in a separate session, without waiting for
        it: a session that writes to the relation later waits for this lock, a session that reads it
        does not. `relation` is quoted already. The session ends by itself after 30 s, and with the
        suite."""
        ...

    def hold_row(self, relation: str, skip: int = 0) -> WriteHold:
        """Ask for the lock of the row of `relation` that was written last (SELECT … FOR UPDATE),
        likewise. skip: take the row written before it, so many rows back; nothing is held where the
        relation has no such row."""
        ...

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of one statement in autocommit, bounded by a 10 s statement timeout."""
        ...


class LiveTarget(Protocol):
    """One running target. database, warehouse_folder, warehouse_bucket: None where it has none.

    How the target is trusted, and the secrets to log in with, are values in spec.keyring.
    """

    @property
    def spec(self) -> TargetSpec: ...
    @property
    def nodes(self) -> Sequence[Node]: ...
    @property
    def database(self) -> Database | None: ...
    @property
    def warehouse_folder(self) -> Path | None: ...
    @property
    def warehouse_bucket(self) -> Bucket | None: ...
    @property
    def logs(self) -> Path:
        """The folder of the logs of everything that the suite started: node-0.log, postgres.log."""
        ...

    def start(self) -> None:
        """Start the nodes, or find those that run already, and wait until each is ready.

        TargetError when a node is not ready in time; StackError when something below the nodes has
        ended.
        """
        ...

    def check(self, *, news_s: float = 0.0) -> None:
        """StackError when something that the suite started under the target has ended by itself;
        news_s: how many seconds the news of it may be on its way."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Versions of the software below the target, for plan.json: name -> version."""
        ...

    def given_secrets(self) -> Mapping[str, str]:
        """The secrets that the suite gave the nodes for their database and their storage: what it
        is ("the database's password") -> its value; {} for none."""
        ...

    def connections(self) -> Mapping[int, int]:
        """Node's index -> its connections(), all counted at one look."""
        ...

    def usage(self, also: Mapping[str, int]) -> Mapping[str, Usage]:
        """Name ("node-0", "postgres") -> its usage, of everything that runs now and can be
        measured. also: name -> pid of processes of this machine that are not the target's (the
        suite's own, the load's); they are measured in the same look, so that no process is counted
        twice."""
        ...
