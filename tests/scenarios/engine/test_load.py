"""The load as the suite starts it, and as a user starts Locust, counted by the server it asks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.history import read_history
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadSecond
from iceworthy.words.errors import EXIT_SUITE_BUG, StackError
from iceworthy.words.outcome import Outcome
from iceworthy.words.scenario import Role
from scenarios.engine.launch import LoadProcess, start_load
from scenarios.engine.load_plan import RUN_VARIABLE
from tests.waiting import until

START_S = 120.0  # bounds of waiting: a machine that others use too may be slow
END_S = 120.0

ROOT = Path(__file__).resolve().parents[3]
Planned = Callable[..., RunFolder]
ServerProcess = Callable[..., Any]


@pytest.fixture
def started() -> Iterator[Callable[..., LoadProcess]]:
    """started(folder, processes=): a load that is stopped after the test."""
    loads: list[LoadProcess] = []

    def start(folder: RunFolder, *, processes: int = 1) -> LoadProcess:
        loads.append(start_load(folder, processes=processes))
        return loads[-1]

    yield start
    for load in loads:
        load.stop()


def roles(period_s: float) -> tuple[Role, ...]:
    actions = {"load_table": 1.0}
    return (Role(name="reader", weight=1.0, period_s=period_s, actions=actions),)


def test_more_connections_than_1024_are_held_at_one_moment_and_each_is_used(
    planned: Planned, server_process: ServerProcess, started: Callable[..., LoadProcess]
) -> None:
    server = server_process(delay_ms=5.0)
    folder = planned([server.url], sessions=1200, roles=roles(1.0), duration_s=2.0)
    asked_ns = time.monotonic_ns()
    load = started(folder)
    assert load.wait_running(deadline_s=START_S) > asked_ns
    (pid,) = load.pids().values()
    if Path("/proc").exists():
        assert len(os.listdir(f"/proc/{pid}/fd")) > 1200
    assert load.wait(deadline_s=END_S) == 0
    counted = server.finish()
    assert counted["open_max"] >= 1200
    assert counted["accepted"] == 1201, "no connection was opened twice; 1: the configuration"
    history = read_history(folder.history)
    assert len(history) == counted["requests"] - 1
    assert len(history) + load.status().unsent == 2400
    assert len(np.unique(history.ops["session"])) == 1200
    assert history.with_outcome(Outcome.OK).all()
    assert load.status().connected == 1200


def test_two_processes_share_the_sessions_and_begin_together(
    planned: Planned, server_process: ServerProcess, started: Callable[..., LoadProcess]
) -> None:
    server = server_process()
    folder = planned([server.url], sessions=21, roles=roles(0.1), duration_s=1.5)
    load = started(folder, processes=2)
    t0_ns = load.wait_running(deadline_s=START_S)
    until(lambda: set(load.pids()) == {"load", "load-0", "load-1"})
    assert load.wait(deadline_s=END_S) == 0
    history = read_history(folder.history)
    assert history.workers == ("load-0", "load-1")
    assert len(np.unique(history.ops["session"])) == 21
    assert len(history) == server.finish()["requests"] - 2
    assert len(history) + load.status().unsent == 21 * 15
    lines = list(folder.read(LoadSecond))
    assert {line.t0_ns for line in lines if line.t0_ns} == {t0_ns}
    assert load.status().operations == len(history)


def test_ctrl_c_leaves_a_readable_history(
    planned: Planned, server_process: ServerProcess, started: Callable[..., LoadProcess]
) -> None:
    server = server_process(delay_ms=300.0)
    folder = planned([server.url], sessions=20, roles=roles(0.4), duration_s=60.0)
    load = started(folder)
    load.wait_running(deadline_s=START_S)
    until(lambda: load.status().operations > 20)
    os.kill(load.pids()["load-0"], signal.SIGINT)
    assert load.wait(deadline_s=END_S) is not None
    history = read_history(folder.history)
    assert history.torn == 0
    # An operation that was under way at the end may or may not have reached the server.
    unheard = int((history.ops["status"] <= 0).sum())
    assert 0 <= len(history) - (server.finish()["requests"] - 1) <= unheard
    stopped = history.ops["error"] == history.id_of("stopped")
    assert stopped.any(), "what was under way is recorded as dropped, not forgotten"
    assert (history.ops["outcome"][stopped] == int(Outcome.DROPPED)).all()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's device that is full")
@pytest.mark.parametrize(("processes", "file"), [(1, "load-0.ops"), (2, "load-1.ops")])
def test_a_recorder_that_fails_ends_the_run_with_the_suites_own_exit_code(
    planned: Planned,
    server_process: ServerProcess,
    started: Callable[..., LoadProcess],
    processes: int,
    file: str,
) -> None:
    folder = planned([server_process().url], roles=roles(0.1), duration_s=60.0)
    folder.history.mkdir()
    (folder.history / file).symlink_to("/dev/full")
    load = started(folder, processes=processes)
    assert load.wait(deadline_s=END_S) == EXIT_SUITE_BUG
    assert "could not be written" in (folder.logs / "load.log").read_text(encoding="utf-8")


def test_a_load_that_cannot_begin_says_why(
    planned: Planned, started: Callable[..., LoadProcess]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    load = started(planned([f"http://127.0.0.1:{port}"]))
    with pytest.raises(StackError, match="gave no configuration"):
        load.wait_running(deadline_s=START_S)


def test_kill_9_of_the_orchestrator_ends_the_load_and_its_workers(
    planned: Planned, server_process: ServerProcess, alive: Callable[[int], bool]
) -> None:
    folder = planned([server_process().url], roles=roles(0.1), duration_s=60.0)
    code = (
        "import sys, json, time\n"
        "from pathlib import Path\n"
        "from iceworthy.record.run_folder import RunFolder\n"
        "from scenarios.engine.launch import start_load\n"
        f"load = start_load(RunFolder(Path({str(folder.root)!r})), processes=2)\n"
        "load.wait_running(120)\n"
        "while len(load.pids()) < 3: time.sleep(0.05)\n"
        "sys.stdout.write(json.dumps(load.pids()) + '\\n'); sys.stdout.flush()\n"
        "time.sleep(600)\n"
    )
    orchestrator = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert orchestrator.stdout is not None
    pids = json.loads(orchestrator.stdout.readline())
    assert len(pids) == 3
    orchestrator.kill()
    orchestrator.communicate(timeout=END_S)
    until(lambda: not any(alive(pid) for pid in pids.values()))


def ask(url: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    body = urllib.parse.urlencode(data).encode() if data is not None else None
    with urllib.request.urlopen(url, data=body, timeout=10) as answer:
        return dict(json.loads(answer.read()))


def test_locust_alone_works_with_its_web_ui(server_process: ServerProcess, tmp_path: Path) -> None:
    server = server_process()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    web = f"http://127.0.0.1:{port}"
    env = {name: value for name, value in os.environ.items() if name != RUN_VARIABLE}
    env["ICEWORTHY_SCENARIO"] = "read_mix"
    argv = [sys.executable, "-m", "locust", "-f", str(ROOT / "locustfile.py"), "--host", server.url]
    argv += ["--web-host", "127.0.0.1", "--web-port", str(port)]
    with open(tmp_path / "log", "wb") as log:
        locust = subprocess.Popen(argv, cwd=tmp_path, env=env, stdout=log, stderr=log)
    try:
        until(lambda: ask(f"{web}/stats/requests")["state"] == "ready")
        ask(f"{web}/swarm", {"user_count": 30, "spawn_rate": 30, "host": server.url})
        until(lambda: total_of(web) > 20)
        ask(f"{web}/stop", {})
        first = total_of(web)
        ask(f"{web}/swarm", {"user_count": 5, "spawn_rate": 5, "host": server.url})
        until(lambda: total_of(web) > 2)
    finally:
        locust.send_signal(signal.SIGTERM)
        locust.wait(timeout=END_S)
    runs = sorted((tmp_path / "results").glob("locust-*"))
    histories = [read_history(run / "experiments" / "locust" / "history") for run in runs]
    assert len(histories) == 2, "each test of the web UI has a folder of its own"
    loads = [h for h in histories if "load-0" in h.workers]
    assert len(loads[0]) >= first
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def total_of(web: str) -> int:
    stats = ask(f"{web}/stats/requests")["stats"]
    return sum(int(s["num_requests"]) for s in stats if s["name"] == "Aggregated")
