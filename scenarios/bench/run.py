"""`make bench`: CPU time a request of the load engine and of other generators; its accuracy.

Claim: all figures of a run come from this machine and this run, against the same cheap server,
which counts the requests.
Method: CPU time of the generator's process divided by the requests.
  paced    1,000 connections, starts spread over each second, 5 ms server
  closed   50 connections without pause
  stall    the server stops once for 2 s; the true latencies are computed from the schedule and the
           server's clock, and compared with those that the generator reports
For the two generators on Locust the figures leave out the start-up, because importing Locust costs
more than a second of load; load_paced_with_start_us and fasthttp_paced_with_start_us include it.
k6, vegeta and wrk are measured whole; their start-up is small. Then the judges' bench
(analysis/bench.py) runs.
What it does NOT show: other machines. CPU figures vary by a fifth with the other load of this
machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixtures.stack.processes import Child, Leash, Program
from iceworthy.record.history_reader import WorkerHistory
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadSecond
from iceworthy.suite_path import suite_root
from iceworthy.words.errors import StackError
from iceworthy.words.scenario import Role, World
from iceworthy.words.target_file import load_target
from scenarios.bench import others
from scenarios.engine.launch import locust_argv, locust_env
from scenarios.engine.load_plan import RUN_VARIABLE

PACED_SESSIONS = 1000
CLOSED_SESSIONS = 50
DELAY_MS = 5.0
STALL_S = 2.0
STALL_SESSIONS = 200
STALL_PERIOD_S = 1.0
OUT = Path("results") / "bench.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running bench server."""

    child: Child
    url: str
    log: Path

    def finish(self) -> dict[str, Any]:
        """End the server; returns its counts."""
        self.child.signal(signal.SIGTERM)
        self.child.wait(deadline_s=10)
        counted: dict[str, Any] = json.loads(self.log.read_text().splitlines()[-1])
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The folder of a bench run, and the owner of its processes."""

    leash: Leash
    work: Path
    paced_s: float
    closed_s: float

    @contextmanager
    def server(self, name: str, *, delay_ms: float) -> Iterator[Server]:
        """A fresh bench server."""
        log = self.work / f"{name}.server"
        argv = [sys.executable, "-m", "scenarios.bench.server"]
        argv += ["--delay-ms", str(delay_ms), "--stall-s", str(STALL_S)]
        child = self.leash.spawn(
            Program(name=f"{name} server", argv=argv, log=log, cwd=suite_root())
        )
        try:
            until = time.monotonic() + 10
            while not log.exists() or not log.read_text().endswith("\n"):
                if time.monotonic() > until:
                    raise StackError(f"the bench server did not start; see {log}")
                time.sleep(0.02)
            port = int(log.read_text().split()[0])
            yield Server(child=child, url=f"http://127.0.0.1:{port}", log=log)
        finally:
            child.signal(signal.SIGTERM)
            child.wait(deadline_s=10)

    def measured(
        self,
        name: str,
        argv: list[str],
        env: dict[str, str],
        *,
        deadline_s: float,
        meanwhile: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        """Run a command to its end; its cpu_s, rss_mb and code."""
        out = self.work / f"{name}.cost"
        child = self.leash.spawn(
            Program(
                name=name,
                argv=[sys.executable, "-m", "scenarios.bench.child", str(out), *argv],
                log=self.work / f"{name}.log",
                env=env,
                cwd=self.work,
            )
        )
        if meanwhile is not None:
            meanwhile()
        if child.wait(deadline_s=deadline_s) is None or not out.exists():
            child.signal(signal.SIGKILL)
            raise StackError(f"{name} did not end in {deadline_s:g} s; see {self.work}/{name}.log")
        facts: dict[str, Any] = json.loads(out.read_text())
        if facts["code"] != 0:
            tail = (self.work / f"{name}.log").read_text(errors="replace")[-800:]
            raise StackError(f"{name} ended with {facts['code']}: {tail}")
        return facts


def main() -> int:
    """Run every generator that is installed, print the results, and merge them into
    results/bench.json.
    """
    parser = argparse.ArgumentParser(prog="make bench", description="what the engine costs")
    parser.add_argument("--paced-s", type=float, default=20.0)
    parser.add_argument("--closed-s", type=float, default=6.0)
    parser.add_argument("--only", default="", help="load, fasthttp, stall, others, judge; by comma")
    options = parser.parse_args()
    only = set(options.only.split(",")) - {""}
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="iceworthy-bench-") as work, Leash() as leash:
        bench = Bench(
            leash=leash, work=Path(work), paced_s=options.paced_s, closed_s=options.closed_s
        )
        for name, part in (
            ("load", load_figures),
            ("fasthttp", fasthttp_figures),
            ("others", other_figures),
            ("stall", stall_figures),
        ):
            if not only or name in only:
                figures.update(part(bench))
                _merge(figures)
    if not only or "judge" in only:
        subprocess.run([sys.executable, "-m", "analysis.bench"], check=True, env=locust_env({}))
    _print(json.loads(OUT.read_text(encoding="utf-8")))
    return 0


def load_figures(bench: Bench) -> dict[str, Any]:
    """The suite's engine with all recording on: paced and closed."""
    whole, paced, rss_mb = _our_load(bench, "load-paced", PACED_SESSIONS, 1.0, bench.paced_s)
    _, closed, _ = _our_load(bench, "load-closed", CLOSED_SESSIONS, 0.0, bench.closed_s)
    return {
        "load_paced_us": paced,
        "load_paced_with_start_us": whole,
        "load_closed_us": closed,
        "load_rss_mb": rss_mb,
    }


def _our_load(
    bench: Bench, name: str, sessions: int, period_s: float, duration_s: float
) -> tuple[float, float, float]:
    """(us a request with start-up, without it, RSS) of the suite's engine."""
    with bench.server(name, delay_ms=DELAY_MS if period_s else 0.0) as server:
        folder = _planned(bench.work / name, server.url, sessions, period_s, duration_s)
        argv = locust_argv(suite_root() / "locustfile.py", sessions, server.url)
        env = locust_env({RUN_VARIABLE: str(folder.root)})
        cost = bench.measured(name, argv, env, deadline_s=duration_s + 60)
        requests = server.finish()["requests"] - 1
    begun = next(line for line in folder.read(LoadSecond) if line.t0_ns)
    *_, last = folder.read(LoadSecond)
    steady = (last.cpu_s - begun.cpu_s) / last.operations
    return _us(cost["cpu_s"] / requests), _us(steady), round(cost["rss_mb"], 1)


def fasthttp_figures(bench: Bench) -> dict[str, Any]:
    """Stock FastHttpUser on the same schedule."""
    figures: dict[str, Any] = {}
    for name, sessions, period_s, duration_s in (
        ("fasthttp_paced", PACED_SESSIONS, 1.0, bench.paced_s),
        ("fasthttp_closed", CLOSED_SESSIONS, 0.0, bench.closed_s),
    ):
        with bench.server(name, delay_ms=DELAY_MS if period_s else 0.0) as server:
            marks_file = bench.work / f"{name}.marks"
            env = locust_env(
                {
                    "BENCH_PERIOD_S": str(period_s),
                    "BENCH_DURATION_S": str(duration_s),
                    "BENCH_MARKS": str(marks_file),
                }
            )
            file = suite_root() / "scenarios" / "bench" / "fasthttp.py"
            argv = locust_argv(file, sessions, server.url)
            cost = bench.measured(name, argv, env, deadline_s=duration_s + 60)
            requests = server.finish()["requests"]
        marks = json.loads(marks_file.read_text())
        steady = (marks["end_cpu_s"] - marks["start_cpu_s"]) / (
            marks["end_requests"] - marks["start_requests"]
        )
        figures[f"{name}_us"] = _us(steady)
        if period_s:
            figures[f"{name}_with_start_us"] = _us(cost["cpu_s"] / requests)
            figures["fasthttp_rss_mb"] = round(cost["rss_mb"], 1)
    return figures


def other_figures(bench: Bench) -> dict[str, Any]:
    """k6, vegeta and wrk, where they are on PATH; start-up included (it is small)."""
    figures: dict[str, Any] = {}
    for other in others.found():
        for pace, duration_s in (("paced", bench.paced_s), ("closed", bench.closed_s)):
            name = f"{other.name}_{pace}"
            with bench.server(name, delay_ms=DELAY_MS if pace == "paced" else 0.0) as server:
                sessions = PACED_SESSIONS if pace == "paced" else CLOSED_SESSIONS
                argv = other.argv(pace, server.url, sessions, duration_s, bench.work)
                if argv is None:
                    continue
                cost = bench.measured(name, argv, locust_env({}), deadline_s=duration_s + 60)
                figures[f"{name}_us"] = _us(cost["cpu_s"] / server.finish()["requests"])
    return figures


def stall_figures(bench: Bench) -> dict[str, Any]:
    """Percentiles from the intended start under one 2 s stall, as reported and as computed."""
    duration_s = 20.0
    with bench.server("stall", delay_ms=DELAY_MS) as server:
        folder = _planned(
            bench.work / "stall", server.url, STALL_SESSIONS, STALL_PERIOD_S, duration_s
        )
        argv = locust_argv(suite_root() / "locustfile.py", STALL_SESSIONS, server.url)

        def stall_once() -> None:
            until = time.monotonic() + 30
            while not any(line.t0_ns for line in folder.read(LoadSecond)):
                if time.monotonic() > until:
                    raise StackError("the load of the stall did not begin")
                time.sleep(0.05)
            time.sleep(duration_s * 0.4)
            server.child.signal(signal.SIGUSR1)

        env = locust_env({RUN_VARIABLE: str(folder.root)})
        bench.measured("stall", argv, env, deadline_s=duration_s + 60, meanwhile=stall_once)
        ((start_ns, end_ns),) = server.finish()["stalls"]
    t0_ns = next(line.t0_ns for line in folder.read(LoadSecond) if line.t0_ns)
    measured = _latencies_ms(folder)
    calm_ms = sorted(measured)[len(measured) // 2]
    true = _true_latencies_ms(t0_ns, duration_s, (start_ns, end_ns), calm_ms)
    figures: dict[str, Any] = {"stall_requests": len(measured), "stall_requests_true": len(true)}
    for name, share in (("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        figures[f"stall_{name}_ms"] = round(_percentile(measured, share), 1)
        figures[f"stall_{name}_true_ms"] = round(_percentile(true, share), 1)
    return figures


def _true_latencies_ms(
    t0_ns: int, duration_s: float, stall: tuple[int, int], calm_ms: float
) -> list[float]:
    """Latencies of independent users at an even rate under the stall: computed, not measured."""
    start_ns, end_ns = stall
    rate = STALL_SESSIONS / STALL_PERIOD_S
    found = []
    for number in range(int(rate * duration_s)):
        at_ns = t0_ns + int(number / rate * 1e9)
        caught = start_ns - DELAY_MS * 1e6 <= at_ns < end_ns
        waits_ms = (end_ns - max(at_ns, start_ns)) / 1e6 if caught else 0.0
        found.append(waits_ms + calm_ms)
    return found


def _latencies_ms(folder: RunFolder) -> list[float]:
    rows = WorkerHistory(folder.history / "load-0.ops").rows("intended_ns", "completed_ns")
    return [(completed_ns - intended_ns) / 1e6 for intended_ns, completed_ns in rows]


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _planned(root: Path, url: str, sessions: int, period_s: float, duration_s: float) -> RunFolder:
    folder = RunFolder(root)
    root.mkdir()
    folder.logs.mkdir()
    plan = Plan(
        experiment="bench",
        scenario="read_mix",
        sessions=sessions,
        node_urls=(url,),
        seed=1,
        duration_s=duration_s,
        target=load_target("reference"),
        world=World(),
        roles=(Role(name="reader", weight=1.0, period_s=period_s, actions={"load_table": 1.0}),),
    )
    folder.write_plan(plan)
    return folder


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 1)


def _merge(figures: dict[str, Any]) -> None:
    OUT.parent.mkdir(exist_ok=True)
    known: dict[str, Any] = {}
    if OUT.exists():
        try:
            known = json.loads(OUT.read_text(encoding="utf-8"))
        except ValueError:
            shutil.move(OUT, OUT.with_suffix(".broken"))
    OUT.write_text(json.dumps(known | figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _print(figures: dict[str, Any]) -> None:
    width = max(map(len, figures), default=0)
    for name in sorted(figures):
        sys.stdout.write(f"{name:<{width}}  {figures[name]}\n")
    sys.stdout.write(f"written to {OUT}\n")


if __name__ == "__main__":
    raise SystemExit(main())
