"""Servers for tests of the client: raw sockets, a tiny catalog, and a live target."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.samplers.usage import process_uses
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import TargetError
from iceworthy.words.live import Backend, Usage
from iceworthy.words.target import DatabaseSpec, TargetSpec
from tests import tiny_catalog as tiny

Behaviour = Callable[[socket.socket, int], None]


@dataclass
class RawServer:
    """behave(connection, number) is called in a thread for each accepted connection."""

    port: int
    accepted: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def raw_server() -> Iterator[Callable[[Behaviour], RawServer]]:
    """Start a server whose behaviour is a function over the bare socket."""
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(behave: Behaviour) -> RawServer:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)
        server = RawServer(listener.getsockname()[1])

        def serve(connection: socket.socket, number: int) -> None:
            with connection, contextlib.suppress(OSError):
                behave(connection, number)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(10)
                    sockets.append(connection)
                    server.accepted.append(len(server.accepted))
                    thread = threading.Thread(target=serve, args=(connection, server.accepted[-1]))
                    threads.append(thread)
                    thread.start()

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return server

    yield start
    for opened in sockets:
        with contextlib.suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)
        opened.close()
    for thread in threads:
        thread.join(timeout=15)


@dataclass
class FakeNode:
    """A node that is a thread of this process."""

    index: int
    url: str
    incarnation: int | None = field(default_factory=os.getpid)
    admin_port: int | None = None
    database_link: None = None
    storage_link: None = None
    quota: None = None

    @property
    def lifecycle(self) -> FakeNode:
        return self

    def is_running(self) -> bool:
        return True

    def start(self, *, reason: str) -> None:
        raise TargetError("not ours to start")

    def wait_ready(self, *, deadline_s: float) -> float:
        return 0.0

    def signal(self, number: int) -> int:
        raise TargetError("not ours to signal")

    def wait_exit(self, *, deadline_s: float) -> int | None:
        return None

    def connections(self) -> int:
        return 0


@dataclass
class FakeDatabase:
    """Answers activity() from a list."""

    rows: list[Backend] = field(default_factory=list)

    def activity(self) -> Sequence[Backend]:
        if not self.rows:
            raise OSError("the database is gone")
        return self.rows


@dataclass
class FakeLive:
    """A running target over servers in this process."""

    spec: TargetSpec
    nodes: Sequence[FakeNode]
    folder: RunFolder
    database: Any = None
    warehouse_folder: Any = None
    warehouse_bucket: Any = None

    @property
    def logs(self) -> Path:
        return self.folder.logs

    def start(self) -> None:
        """Its nodes run already."""

    def given_secrets(self) -> Mapping[str, str]:
        return {}

    def connections(self) -> Mapping[int, int]:
        return {node.index: node.connections() for node in self.nodes}

    def usage(self, also: Mapping[str, int]) -> Mapping[str, Usage]:
        nodes = {f"node-{node.index}": node.incarnation for node in self.nodes}
        running = {name: pid for name, pid in nodes.items() if pid is not None}
        return process_uses({**also, **running}, own_pid=os.getpid())


@pytest.fixture
def tiny_catalog() -> Callable[..., Any]:
    """TinyCatalog(*quirks)."""
    return tiny.TinyCatalog  # type: ignore[no-any-return]


@pytest.fixture
def fake_database() -> Callable[..., FakeDatabase]:
    """FakeDatabase(rows); without rows it is gone."""
    return FakeDatabase


@pytest.fixture
def live_over(tmp_path: Path) -> Iterator[Callable[..., FakeLive]]:
    """A live target of `nodes` nodes over a TinyCatalog, or over given urls."""
    servers: list[Any] = []

    def start(
        behind: Any = None, /, *, nodes: int = 2, urls: Sequence[str] = (), **changes: Any
    ) -> FakeLive:
        found = list(urls)
        for _ in range(nodes if behind is not None else 0):
            server = tiny.server(behind)
            servers.append(server)
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
            ).start()
            found.append(f"http://127.0.0.1:{server.server_port}")
        spec = TargetSpec(name="tiny", summary="", database=DatabaseSpec(kind="hidden"))
        root = tmp_path / "run"
        root.mkdir(exist_ok=True)
        return FakeLive(
            replace(spec, **changes),
            [FakeNode(index, url) for index, url in enumerate(found)],
            RunFolder(root),
        )

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
