"""A fake target: small models of nodes, links and a database, which tests can make misbehave."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from iceworthy.words.errors import StackError, TargetError
from iceworthy.words.live import Backend, HeldBack
from iceworthy.words.target import NodeSpec, TargetSpec

_pids = itertools.count(1000)


def session(node: int, **fields: Any) -> Backend:
    """A session of a node that listens to its client."""
    facts: dict[str, Any] = {
        "pid": next(_pids),
        "node": node,
        "application": "",
        "state": "idle",
        "wait_event_type": "Client",
        "wait_event": "ClientRead",
        "query": "",
        "transaction_age_s": 0.0,
    }
    return Backend(**(facts | fields))


@dataclass
class FakeNode:
    """A process that dies of signals. deaf_to: signals that it survives; squeezes: the shares of
    a CPU that it was given, 1 for all; is_idle: it never uses up its share."""

    index: int
    deaf_to: tuple[int, ...] = ()
    comes_back: bool = True
    url: str = "http://127.0.0.1:1"
    running: bool = True
    code: int | None = None
    pid_now: int = field(default_factory=lambda: next(_pids))
    starts: list[str] = field(default_factory=list)
    signals: list[int] = field(default_factory=list)
    has_lifecycle: bool = True
    database_link: FakeLink | None = None
    storage_link: None = None
    squeezes: list[float] = field(default_factory=list)
    is_idle: bool = False
    contained: bool = True
    counted: Iterator[int] = field(default_factory=lambda: itertools.count(0, 9))
    paused: bool = False

    @property
    def lifecycle(self) -> FakeNode | None:
        return self if self.has_lifecycle else None

    @property
    def quota(self) -> FakeNode | None:
        return self.lifecycle

    def squeeze_cpu(self, *, share: float) -> None:
        self.squeezes.append(share)

    def held_back(self) -> HeldBack:
        times = 0 if self.is_idle else next(self.counted)
        return HeldBack(times=times, seconds=times / 10)

    def squeeze_memory(self, *, spare_bytes: int) -> int:
        if not self.contained:
            raise StackError("it is a process: --runtime docker")
        self.squeezes.append(spare_bytes)
        return 1000

    def memory_hits(self) -> int:
        return self.held_back().times

    def restore(self) -> None:
        self.squeezes.append(1.0)

    @property
    def incarnation(self) -> int | None:
        return self.pid_now if self.running else None

    def is_running(self) -> bool:
        return self.running

    def start(self, *, reason: str) -> None:
        self.starts.append(reason)
        self.running, self.code, self.pid_now = True, None, next(_pids)

    def wait_ready(self, *, deadline_s: float) -> float:
        if not self.comes_back or self.paused:
            raise TargetError(f"node {self.index} is not ready after {deadline_s} s")
        return 0.1

    def signal(self, number: int) -> int:
        self.signals.append(number)
        pauses = number in (signal.SIGSTOP, signal.SIGCONT)
        if pauses and number not in self.deaf_to:
            self.paused = number == signal.SIGSTOP
        elif number not in self.deaf_to and self.running:
            self.running = False
            self.code = -number if number == signal.SIGKILL else 0
        return time.monotonic_ns()

    def wait_exit(self, *, deadline_s: float) -> int | None:
        return self.code

    def connections(self) -> int:
        return 7


@dataclass
class FakeLink:
    """A link that changes the database's sessions as a real proxy would; proof: what it claims."""

    node: int
    database: FakeDatabase
    proof: Mapping[str, Any] = field(default_factory=lambda: {"refused": True})
    bites: bool = True
    restored: int = 0
    directions: list[str] = field(default_factory=list)

    def cut(self) -> Mapping[str, Any]:
        if self.bites:
            self.database.hang_up(self.node)
        return self.proof

    def black_hole(self, direction: str = "both") -> Mapping[str, Any]:
        self.directions.append(direction)
        if self.bites:
            self.database.silent.add(self.node)
        return self.proof

    def reset(self) -> Mapping[str, Any]:
        if self.bites:
            self.database.hang_up(self.node)
        return self.proof

    def delay(self, *, latency_ms: int, jitter_ms: int = 0) -> Mapping[str, Any]:
        return self.proof

    def limit(
        self, *, upstream_bytes: int | None, downstream_bytes: int | None
    ) -> Mapping[str, Any]:
        if self.bites:
            self.database.hang_up(self.node)
        return self.proof

    def restore(self) -> None:
        self.restored += 1
        self.database.silent.discard(self.node)


@dataclass
class FakeHold:
    """A lock that is granted at once."""

    relation: str
    pid: int = 77
    held: bool = True

    def is_granted(self) -> bool:
        return self.held

    def release(self) -> None:
        self.held = False


@dataclass
class FakeServer:
    """A server with 9 processes; immortal: it does not end."""

    running: bool = True
    immortal: bool = False
    born: float = 1.0

    def crash(self) -> int:
        self.running = self.immortal
        return 9

    def shut_down(self) -> None:
        self.running = self.immortal

    def start_again(self) -> None:
        self.born += not self.running
        self.running = True


@dataclass
class FakeDatabase:
    """Sessions; those of nodes that are not silent work between any two looks, where busy."""

    sessions: list[Backend] = field(default_factory=list)
    silent: set[int] = field(default_factory=set)
    busy: bool = True
    clock: float = 0.0
    undying: bool = False
    read_only: bool = False
    limit: int = -1
    fates: dict[str, str] = field(default_factory=dict)
    holds: list[FakeHold] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    server: FakeServer | None = field(default_factory=FakeServer)
    waiters: bool = True
    """Whether somebody waits for each lock that is held."""
    unwanted: int = 0
    """How many of the rows written last nobody writes again."""

    def activity(self) -> Sequence[Backend]:
        return list(self.sessions)

    def hang_up(self, node: int) -> None:
        """Sessions that listen to their client go; a waiting one stays and loses its node."""
        held = [replace(b, node=None) if b.node == node else b for b in self.sessions]
        self.sessions = [
            b
            for b, old in zip(held, self.sessions, strict=True)
            if old.node != node or old.wait_event_type in ("Lock", "IPC")
        ]

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        self.clock += 1.0
        if self.server is not None and not self.server.running:
            raise StackError("the suite cannot log in to its PostgreSQL")
        if "pg_postmaster_start_time" in sql and self.server is not None:
            return [(self.server.born,)]
        if (answer := self._administered(sql, params)) is not None:
            return answer
        if "pg_terminate_backend" in sql:
            gone = [b for b in self.sessions if str(b.pid) in sql and not self.undying]
            self.sessions = [b for b in self.sessions if b not in gone]
        rows = []
        for b in self.sessions:
            if str(b.pid) in sql:
                works = self.busy and b.node not in self.silent
                rows.append((b.pid, self.clock if works else 0.0))
        return rows

    def _administered(self, sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]] | None:
        """Answers to what the faults of the database ask; None for other statements."""
        if sql.startswith("alter system"):
            self.read_only = sql.endswith("= on")
        elif sql.startswith("create temporary table"):
            if self.read_only:
                raise StackError("cannot execute CREATE TABLE in a read-only transaction")
        elif sql.startswith("alter role"):
            self.limit = int(sql.rpartition(" ")[2])
        elif "rolconnlimit from pg_roles" in sql:
            return [(self.limit,)]
        elif "rolconnlimit" in sql:
            return [("nodes", self.limit)]
        elif "information_schema.tables" in sql:
            return [("c.rarely", 3, 1), ("c.inserted", 90, 0), ("c.often", 40, 40)]
        elif "pg_xact_status" in sql:
            return [(self.fates.get(params[0]),)]
        elif "pg_blocking_pids" in sql:
            waits = self.waiters and len(self.holds) > self.unwanted
            return [(self.sessions[0].pid,)] if waits else []
        elif "from pg_locks" in sql:
            return [(sum(hold.held for hold in self.holds),)]
        else:
            return [] if sql == "select pg_reload_conf()" else None
        return []

    def hold_acks(self) -> None: ...
    def release_acks(self) -> None: ...
    def step(self, pid: int) -> bool:
        return True

    def hold_writes(self, relation: str) -> FakeHold:
        self.holds.append(FakeHold(relation))
        return self.holds[-1]

    def hold_row(self, relation: str, skip: int = 0) -> FakeHold:
        self.skipped.append(skip)
        return self.hold_writes(relation)


@dataclass
class FakeTarget:
    """Everything of one running target."""

    spec: TargetSpec
    nodes: list[FakeNode]
    database: FakeDatabase | None


@pytest.fixture
def fake_target() -> Callable[..., FakeTarget]:
    """Build a target of `count` nodes with two sessions each; hidden: without its database."""

    def build(
        count: int = 2, *, hidden: bool = False, command: tuple[str, ...] = ("x",)
    ) -> FakeTarget:
        database = FakeDatabase([session(n) for n in range(count) for _ in range(2)])
        spec = TargetSpec(name="fake", summary="", node=NodeSpec(command=command, stop_s=0.2))
        nodes = [FakeNode(n, has_lifecycle=bool(command)) for n in range(count)]
        for node in [] if hidden else nodes:
            node.database_link = FakeLink(node.index, database)
        return FakeTarget(spec, nodes, None if hidden else database)

    return build
