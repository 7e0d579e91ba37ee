"""Starts the load as a separate Locust process, and reports its state.

Claim: the load and all its workers end with the process that started them, even when that is killed
with SIGKILL; else the load ends by itself after the plan's duration.
Method: stack.processes ties the processes to their owner (the leash). The reported state comes from
load.jsonl, to which each worker appends a line every second.
What it does NOT show: what the sessions saw; the history holds that.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from fixtures.stack.ports import Ports
from fixtures.stack.processes import Child, Exit, Leash, Program
from iceworthy.client import gate
from iceworthy.record.line import line_of
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadSecond
from iceworthy.suite_path import suite_root
from iceworthy.words.errors import StackError
from iceworthy.words.target import Keyring
from scenarios.engine.connection_limit import raise_file_limit
from scenarios.engine.load_plan import HOSTS_VARIABLE, RUN_VARIABLE, WAREHOUSE_VARIABLE

NO_KEYRING = Keyring()
POLL_S = 0.05
POLITE_S = 12.0  # for Locust to end its users, write its history and leave
KILLED_S = 5.0
LOG_TAIL_BYTES = 20_000


def start_load(
    folder: RunFolder,
    *,
    processes: int = 1,
    keyring: Keyring = NO_KEYRING,
    warehouse: Path | None = None,
) -> LoadProcess:
    """Start the load that folder/plan.json describes, over this many worker processes, with the
    target's secrets and trust in their environment. warehouse: the folder of the tables' files, in
    which the sessions put the manifest lists of their snapshots."""
    plan = folder.read_plan()
    sessions = plan.sessions
    missing = raise_file_limit(-(-sessions // processes))
    if missing:
        raise StackError(missing)
    folder.logs.mkdir(parents=True, exist_ok=True)
    argv = locust_argv(suite_root() / "locustfile.py", sessions, plan.node_urls[0])
    ports = Ports()
    if processes > 1:
        port = ports.take()
        argv += [
            "--processes",
            str(processes),
            "--master-bind-host",
            "127.0.0.1",
            "--master-bind-port",
            str(port),
            "--master-port",
            str(port),
        ]
    env = locust_env(
        {
            RUN_VARIABLE: str(folder.root),
            HOSTS_VARIABLE: " ".join(sorted(gate.current().hosts)),
            WAREHOUSE_VARIABLE: str(warehouse or ""),
            **keyring.environment,
        }
    )
    leash = Leash()
    try:
        child = leash.spawn(
            Program(name="load", argv=argv, log=folder.logs / "load.log", env=env, cwd=folder.root)
        )
    except BaseException:
        leash.close()
        ports.close()
        raise
    return LoadProcess(folder, child, leash, ports)


def locust_argv(locustfile: Path, sessions: int, host: str) -> list[str]:
    """The command that runs a locustfile headless with all its sessions at once."""
    return [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(locustfile),
        "--headless",
        "--only-summary",
        "--users",
        str(sessions),
        "--spawn-rate",
        str(sessions),
        "--host",
        host,
        "--stop-timeout",
        "0",
    ]


def locust_env(more: dict[str, str]) -> dict[str, str]:
    """Our environment for a Locust child, without the user's LOCUST_ variables: each would change
    the load in ways that the plan does not say."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("LOCUST_")}
    path = os.pathsep.join(p for p in (str(suite_root()), env.get("PYTHONPATH", "")) if p)
    return env | {"PYTHONPATH": path, "TERM": "dumb"} | more


class LoadProcess:
    """A running load. Its owner calls stop() in any case at the end; stop() is idempotent."""

    def __init__(self, folder: RunFolder, child: Child, leash: Leash, ports: Ports) -> None:
        self._folder = folder
        self._child = child
        self._leash = leash
        self._ports = ports
        self._lines: dict[str, LoadSecond] = {}
        self._offset = 0
        self._reading = threading.Lock()  # the samplers ask for the pids from their threads
        self._stopped = False

    def pids(self) -> dict[str, int]:
        """Name -> pid of the running processes: "load" alone, or with its workers "load-<k>"."""
        if not self._child.is_running():
            return {}
        self._read()
        workers = {name: line.pid for name, line in sorted(self._lines.items())}
        if list(workers.values()) == [self._child.pid]:
            return workers
        return {"load": self._child.pid, **workers}

    def status(self) -> LoadSecond:
        """The last line of load.jsonl; of several workers: sums, and the highest lag and CPU; of
        none: zeros."""
        self._read()
        lines = list(self._lines.values())
        if not lines:
            return LoadSecond(t_ns=0)
        return replace(
            max(lines, key=lambda line: line.t_ns),
            sessions=sum(line.sessions for line in lines),
            connected=sum(line.connected for line in lines),
            operations=sum(line.operations for line in lines),
            errors=sum(line.errors for line in lines),
            unsent=sum(line.unsent for line in lines),
            opened=sum(line.opened for line in lines),
            lag_ms_p99=max(line.lag_ms_p99 for line in lines),
            cpu=max(line.cpu for line in lines),
        )

    def wait_running(self, deadline_s: float) -> int:
        """Wait until every session is connected (or failed to connect) and t0 is set; returns
        t0_ns.
        """
        until = time.monotonic() + deadline_s
        while time.monotonic() < until:
            t0_ns = self.status().t0_ns
            if t0_ns:
                return t0_ns
            if self._child.wait(deadline_s=POLL_S) is not None:
                raise StackError(
                    f"the load ended with {self._code()} before it began: {self._tail()}"
                )
        self.stop()
        raise StackError(f"the load did not begin within {deadline_s:g} s: {self._tail()}")

    def wait(self, deadline_s: float) -> int | None:
        """Its exit code; None when it still runs at the deadline."""
        return None if self._child.wait(deadline_s=deadline_s) is None else self._code()

    def stop(self) -> None:
        """End the load: first by SIGTERM, so that its history is whole; then by SIGKILL."""
        if self._stopped:
            return
        self._stopped = True
        if self._child.is_running():
            self._child.signal(signal.SIGTERM)
            if self._child.wait(deadline_s=POLITE_S) is None:
                self._child.signal(signal.SIGKILL)
                self._child.wait(deadline_s=KILLED_S)
        left = self._leash.close()
        self._ports.close()
        if left:
            raise StackError(f"of the load could not be ended: {', '.join(left)}")

    def _code(self) -> int:
        end: Exit | None = self._child.exit
        assert end is not None
        return -signal.SIGKILL if end.code is None else end.code

    def _read(self) -> None:
        """Take in what was appended to load.jsonl; a line under way is left for the next time."""
        path = self._folder.stream_file(LoadSecond)
        with self._reading:
            if not path.exists():
                return
            with open(path, "rb") as file:
                file.seek(self._offset)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._offset += len(whole) + len(newline)
            for text in whole.splitlines():
                line = line_of(json.loads(text), LoadSecond, where=str(path))
                if line is not None:
                    self._lines[line.worker] = line

    def _tail(self) -> str:
        log = self._folder.logs / "load.log"
        try:
            text = log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_BYTES:]
        except OSError:
            text = ""
        lines = [line for line in text.splitlines() if line.strip()]
        last = [line for line in lines if "/ERROR/" in line][-2:] or lines[-3:]
        return f"{' | '.join(last)} (see {log})"
