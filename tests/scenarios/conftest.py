"""Servers for the tests of the load: hostile raw sockets, and the bench's cheap server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gevent
import pytest

from analysis.history import History, read_history
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadSecond
from iceworthy.words.scenario import Role, World
from iceworthy.words.target_file import load_target
from scenarios.bench.server import BenchServer
from scenarios.engine.connect import connection_to
from scenarios.engine.engine import Engine
from scenarios.engine.http import Connection
from scenarios.engine.load_plan import read_load_plan
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    """A reactor on this thread's hub."""
    made = Reactor()
    yield made
    made.close()


@pytest.fixture
def connect(reactor: Reactor) -> Iterator[Callable[..., Connection]]:
    """connect(url, timeout_s): a connection that is closed after the test."""
    made: list[Connection] = []

    def open_one(url: str, timeout_s: float = 5.0) -> Connection:
        made.append(connection_to(Peer(url, node=0), reactor, timeout_s=timeout_s))
        return made[-1]

    yield open_one
    for connection in made:
        connection.close()


@pytest.fixture
def bench_server() -> Iterator[Callable[..., BenchServer]]:
    """bench_server(delay_ms=, stall_s=, port=): a running one, in a thread of this process."""
    servers: list[tuple[BenchServer, threading.Thread]] = []

    def start(*, delay_ms: float = 0.0, stall_s: float = 1.0, port: int = 0) -> BenchServer:
        server = BenchServer(port=port, delay_ms=delay_ms, stall_s=stall_s)
        thread = threading.Thread(target=server.run)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.stop()
        thread.join(60)


@dataclass
class ServerProcess:
    """A bench server in a process of its own, where its CPU does not hold up the test."""

    process: subprocess.Popen[str]
    url: str

    def stall(self) -> None:
        self.process.send_signal(signal.SIGUSR1)

    def finish(self) -> dict[str, Any]:
        """End it; what it counted."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=60)
        counted: dict[str, Any] = json.loads(said.splitlines()[-1])
        return counted


@pytest.fixture
def server_process() -> Iterator[Callable[..., ServerProcess]]:
    """server_process(delay_ms=, stall_s=)."""
    started: list[subprocess.Popen[str]] = []

    def start(*, delay_ms: float = 0.0, stall_s: float = 1.0) -> ServerProcess:
        argv = [sys.executable, "-m", "scenarios.bench.server"]
        argv += ["--delay-ms", str(delay_ms), "--stall-s", str(stall_s)]
        process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return ServerProcess(process, f"http://127.0.0.1:{process.stdout.readline().strip()}")

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., RunFolder]:
    """planned(urls, **facts): a run folder with a plan.json for a small load of reads."""

    def write(urls: list[str], **facts: Any) -> RunFolder:
        folder = RunFolder(tmp_path / "run")
        folder.root.mkdir()
        folder.logs.mkdir()
        reader = Role(name="reader", weight=1.0, period_s=0.2, actions={"load_table": 1.0})
        plan = Plan(
            experiment="test",
            scenario="read_mix",
            sessions=10,
            node_urls=tuple(urls),
            seed=3,
            duration_s=1.0,
            timeout_s=5.0,
            target=load_target("reference"),
            world=World(),
            roles=(reader,),
        )
        folder.write_plan(replace(plan, **facts))
        return folder

    return write


class Statistics:
    """In place of Locust's RequestStats: importing Locust would patch this whole process."""

    def __init__(self) -> None:
        self.total = Entry()
        self.entries: dict[tuple[str, str], Entry] = {}
        self.errors: Counter[str] = Counter()

    def get(self, name: str, method: str) -> Entry:
        return self.entries.setdefault((name, method), Entry())

    def log_error(self, method: str, name: str, error: str) -> None:
        self.errors[error] += 1


class Entry:
    """The fields of Locust's StatsEntry that are counted in batches."""

    def __init__(self) -> None:
        self.use_response_times_cache = False
        self.last_request_timestamp: float | None = None
        self.num_requests = self.total_content_length = 0
        self.num_reqs_per_sec: Counter[int] = Counter()
        self.total_response_time = self.max_response_time = 0.0
        self.min_response_time: float | None = None
        self.response_times: Counter[int] = Counter()


class Loaded:
    """An engine with its sessions running."""

    def __init__(self, folder: RunFolder, sessions: int) -> None:
        self.folder = folder
        self.failures: list[str] = []
        self.statistics = Statistics()
        self.engine = Engine(read_load_plan(folder.root), 0, self.statistics, self.failures.append)
        self.greenlets = [
            gevent.spawn(self.engine.serve, self.engine.join()) for _ in range(sessions)
        ]

    def gather(self) -> None:
        until(self.engine.has_gathered, pause=gevent.sleep)

    def run(self) -> History:
        self.gather()
        self.engine.begin(time.monotonic_ns() + 50_000_000)
        self.engine.wait_over()
        return self.finish()

    def unsent(self) -> int:
        """Operations that were due and that the run's end came before."""
        *_, last = self.folder.read(LoadSecond)
        return last.unsent

    def finish(self) -> History:
        gevent.killall(self.greenlets)
        self.engine.close()
        return read_history(self.folder.history)


@pytest.fixture
def loaded() -> Iterator[Callable[..., Loaded]]:
    """loaded(folder, sessions): an engine that is ended after the test."""
    made: list[Loaded] = []

    def start(folder: RunFolder, sessions: int) -> Loaded:
        made.append(Loaded(folder, sessions))
        return made[-1]

    yield start
    for one in made:
        one.finish()


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def alive() -> Callable[[int], bool]:
    """alive(pid): whether a process runs."""
    return is_alive
