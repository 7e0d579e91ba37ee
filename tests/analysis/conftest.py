"""Synthetic runs on disk, good or with one defect, written by the Recorder and the run folder.

`synthetic(name, …)` gives a Synthetic whose methods write the files of a real experiment. `calm`
and `broken_link` write whole good runs, in which a test then spoils one thing.
"""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from analysis.run import Run
from iceworthy.record.history import (
    FLAG_AUDIT,
    NO_ASSERTION,
    NULL_PARENT,
    Recorder,
    chain_hash,
    key_of,
    text_hash,
)
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.experiment import FaultAt
from iceworthy.words.operation import is_mutation
from iceworthy.words.outcome import classify
from iceworthy.words.target import TargetSpec
from tests.streams import append_line, lines_of

# fmt: off
S = 1_000_000_000
T0 = 1_000 * S
RECORDED = Path(__file__).with_name("recorded") / "small-review.tar.xz"

SPACE = key_of(("sales",))
TABLE = key_of(("sales",), "orders")
PATHS = {"loadTable": "/v1/namespaces/sales/tables/orders", "health": "/health", "ready": "/ready",
         "metrics": "/metrics"}
METRICS = (
    "http_requests_total", "db_connections", "db_wait_seconds_total", "tables_created_total",
    "namespaces_created_total", "commits_total", "commit_conflicts_total", "catalog_tables",
    "catalog_namespaces", "requests_in_flight", "python_gc_objects_collected_total",
)


def at(seconds: float) -> int:
    """Nanoseconds of an instant, counted from the load's t0."""
    return T0 + int(seconds * S)


class Synthetic:
    """Writes one experiment's folder; every method may be called often, in any order of time."""

    T0, SPACE, TABLE, METRICS = T0, SPACE, TABLE, METRICS

    def __init__(self, root: Path, name: str, **plan: Any) -> None:
        self.folder = RunFolder(root / name)
        self.folder.logs.mkdir(parents=True)
        self.nodes = int(plan.pop("node_count", 2))
        self.plan: dict[str, Any] = {
            "experiment": name,
            "scenario": "mix",
            "sessions": 1000,
            "node_urls": tuple(f"http://127.0.0.1:{8000 + i}" for i in range(self.nodes)),
            "seed": 7,
            "t0_ns": T0,
            "warmup_s": 2.0,
            "duration_s": 20.0,
            "settle_s": 15.0,
            "timeout_s": 10.0,
            "faults": [],
            "target": TargetSpec(name="reference", summary="made up"),
            "target_name": "reference",
            "complete": True,
            "stopped_because": "",
        } | plan
        self.random = random.Random(f"{self.plan['seed']}-{name}")
        self._recorder = Recorder(self.folder.history, "load-0")
        self._answered: list[tuple[int, str, str, int]] = []
        self._session = 0

    def window(self, kind: str, start_s: float, end_s: float, **more: Any) -> None:
        """One line of windows.jsonl."""
        facts = {"name": kind, "node": None, "fault": None, **more}
        append_line(
            self.folder, "windows", kind=kind, start_ns=at(start_s), end_ns=at(end_s), **facts
        )

    def op(
        self, operation: str, at_s: float, *, took_ms: float = 5.0, status: int = 200,
        node: int = 0, key: str = TABLE, session: int | None = None, lag_ms: float = 0.0,
        flags: int = 0, value: int = 0, parent: int = NO_ASSERTION,
        chain: list[int] | None = None, error: str = "",
    ) -> int:
        """One operation, of an own session unless named; took_ms counts from its sending."""
        if session is None:
            self._session += 1
            session = self._session
        recorder = self._recorder
        sent_ns = at(at_s) + int(lag_ms * 1e6)
        done_ns = sent_ns + int(took_ms * 1e6)
        intended_ns = 0 if flags & FLAG_AUDIT else at(at_s)
        outcome = classify(
            mutation=is_mutation(operation), status=status, sent_bytes=True, complete=status != 0
        )
        if status:
            self._answered.append((node, operation, key, status))
        return recorder.record(
            intended_ns,
            sent_ns,
            sent_ns + 50_000,
            done_ns,
            value,
            parent,
            len(chain) if chain is not None else -1,
            chain_hash(chain or ()),
            text_hash(key),
            text_hash(f"{key}-{len(chain or ())}"),
            session,
            recorder.intern(key),
            recorder.intern(error),
            900,
            recorder.intern(operation),
            status,
            flags,
            node,
            outcome,
        )

    def reads(
        self, start_s: float, end_s: float, *, per_s: float = 200.0, took_ms: float = 5.0,
        first_node: int = 0, **facts: Any,
    ) -> None:
        """Reads of table and namespace in turn, over all nodes, about took_ms each."""
        for i in range(int((end_s - start_s) * per_s)):
            operation, key = (("loadTable", TABLE), ("loadNamespaceMetadata", SPACE))[i % 2]
            took = took_ms * self.random.lognormvariate(0.0, 0.35)
            own = {
                "node": first_node + (i // 2) % (self.nodes - first_node), "took_ms": took, "key":
                key,
            }
            self.op(operation, start_s + i / per_s, **{**own, **facts})

    def race(
        self, start_s: float, end_s: float, *, per_s: float = 40.0, conflict: int = 409
    ) -> None:
        """Commits on two hot tables through all nodes, every second one losing its race."""
        chains: dict[str, list[int]] = {key_of(("hot",), f"h{i}"): [] for i in range(2)}
        for key in chains:
            self.op("createTable", start_s - 0.01, key=key)
        for i in range(int((end_s - start_s) * per_s)):
            key, chain = list(chains.items())[i % 2]
            snapshot = self.random.getrandbits(62)
            parent = chain[-1] if chain else NULL_PARENT
            now_s, node = start_s + i / per_s, (i // 2) % self.nodes
            chain.append(snapshot)
            self.op(
                "updateTable", now_s, key=key, node=node, value=snapshot, parent=parent,
                chain=list(chain),
            )
            self.op(
                "updateTable", now_s + 0.003, took_ms=6.0, key=key, node=(node + 1) % self.nodes,
                value=self.random.getrandbits(62), parent=parent, status=conflict,
            )

    def start(
        self, node: int, at_s: float, *, took_s: float | None = 0.8, reason: str = "initial"
    ) -> int:
        """One start of a node; returns the pid. took_s None: never ready."""
        pid = 1000 + node * 100 + sum(1 for _ in lines_of(self.folder, "starts"))
        ready_ns = None if took_s is None else at(at_s + took_s)
        healthy_ns = None if took_s is None else at(at_s + took_s * 0.9)
        append_line(
            self.folder, "starts",
            node=node, pid=pid, reason=reason, spawn_ns=at(at_s), healthy_ns=healthy_ns,
            ready_ns=ready_ns,
        )
        return pid

    def end(
        self, node: int, pid: int, at_s: float, *, took_s: float = 1.0, code: int | None = 0, asked:
        str = "SIGTERM",
    ) -> None:
        """One end of a node, asked for at at_s."""
        append_line(
            self.folder, "exits",
            node=node, pid=pid, t_ns=at(at_s + took_s), code=code, asked=asked,
            asked_ns=at(at_s),
        )

    def fault(
        self, fault: str, at_s: float, heal_s: float | None, *, node: int = 0, facts: dict[str, Any]
        | None = None, planned: bool = True, mending_s: float | None = None,
    ) -> None:
        """One fault in plan and faults.jsonl; facts {} leaves it unproven."""
        facts = {"sessions_before": 4, "sessions_after": 0} if facts is None else facts
        if planned:
            self.plan["faults"].append(FaultAt(fault=fault, at_s=at_s, node=node))
        own = {"fault": fault, "node": node}
        append_line(self.folder, "faults", event="inject", t_ns=at(at_s), facts={}, **own)
        append_line(self.folder, "faults", event="bit", t_ns=at(at_s), facts=facts, **own)
        if heal_s is not None:
            mended = {} if mending_s is None else {"began_ns": at(mending_s)}
            append_line(self.folder, "faults", event="heal", t_ns=at(heal_s), facts=mended, **own)

    def probes(
        self, start_s: float, end_s: float, *, took_ms: float = 4.0, status: Callable[[int, str,
        float], int] = lambda node, probe, at_s: 200,
    ) -> None:
        """Health and readiness probes of every node, twice a second."""
        for i in range(int((end_s - start_s) * 2)):
            for node in range(self.nodes):
                for probe in ("health", "ready"):
                    now_s = start_s + i / 2
                    came = status(node, probe, now_s)
                    if came:
                        self._answered.append((node, probe, "", came))
                    append_line(
                        self.folder, "probes",
                        t_ns=at(now_s), node=node, probe=probe, status=came,
                        latency_ms=took_ms, error="", body="",
                    )

    def samples(
        self, start_s: float, end_s: float, *, connections: int = 500, metrics: tuple[str, ...] =
        METRICS, others: float = 0.02, steal: float = 0.0, node_cpu: float = 0.3,
        waited: float | None = None, pressure: float | None = None,
    ) -> None:
        """Everything that is sampled once a second. waited: seconds that each node waited for a
        CPU in each of them; waited and pressure None: as older versions recorded.
        """
        now = waited is not None or pressure is not None
        for i in range(int(end_s - start_s)):
            t_ns = at(start_s + i + 0.2)
            for node in range(self.nodes):
                append_line(
                    self.folder, "resources",
                    t_ns=t_ns, process=f"node-{node}", pid=1000 + node, cpu_s=1.0 + i *
                    node_cpu, rss_bytes=90_000_000 + i * 100_000, fds=40, threads=8,
                    connections=connections,
                    waited_s=None if waited is None else 5.0 + i * waited,
                )
                types = {n: "counter" if n.endswith("_total") else "gauge" for n in metrics}
                rise = {"http_requests_total": 200 / self.nodes}  # as `reads` answers them
                values = {
                    f'{n}{{node="{node}"}}': 100.0 + i * rise.get(n, 3) for n in metrics
                }
                append_line(
                    self.folder, "metrics",
                    t_ns=t_ns, node=node, pid=1000 + node * 100, samples=values,
                    types=types,
                )
                append_line(
                    self.folder, "probes",
                    t_ns=t_ns, node=node, probe="metrics", status=200, latency_ms=3.0,
                    error="", body="",
                )
                self._answered.append((node, "metrics", "", 200))
            for process, cpu, rss in (("postgres", 0.3, 60e6), ("load-0", 0.2, 80e6)):
                append_line(
                    self.folder, "resources",
                    t_ns=t_ns, process=process, pid=77, cpu_s=1 + i * cpu,
                    rss_bytes=int(rss), fds=9, threads=2, connections=-1,
                )
            append_line(
                self.folder, "load",
                t_ns=t_ns, worker="load-0", sessions=1000, connected=1000, operations=i *
                200, errors=0, lag_ms_p99=2.0, cpu=0.3,
            )
            append_line(
                self.folder, "machine",
                t_ns=t_ns, cpu_busy=0.9, steal=steal, others=others,
                cpus=2 if now else None, pressure=pressure,
            )

    def access_log(self, *, skip: int = 0) -> None:
        """A JSON line for each answer but the first `skip`, under its node's log."""
        lines: dict[int, list[str]] = {node: ["starting up"] for node in range(self.nodes)}
        for node, operation, _key, status in self._answered[skip:]:
            entry = {
                "level": "info",
                "method": "GET",
                "path": PATHS.get(operation, f"/v1/{operation}"),
                "status": status,
                "duration_ms": 3,
            }
            lines[node].append(json.dumps(entry))
        for node, own in lines.items():
            (self.folder.logs / f"node-{node}.log").write_text("\n".join(own) + "\n")

    def calm(self, *, end_s: float = 20.0, **facts: Any) -> Synthetic:
        """A whole good run without faults: starts, load, probes, samples, log."""
        for node in range(self.nodes):
            self.start(node, -6.0)
        self.op("createNamespace", -3.0, key=SPACE)
        self.op("createTable", -2.9)
        listing = self.op("listTables", -2.5, key=SPACE)
        self._recorder.seen(listing, names=[TABLE], pages=1, complete=True)
        self.window("warmup", 0.0, 2.0)
        self.window("steady", 2.0, end_s)
        self.reads(0.0, end_s, **facts)
        self.probes(-4.0, end_s)
        self.samples(0.0, end_s)
        self.held(200, 400)
        return self

    def broken_link(
        self, fault: str = "cut_link", *, ready: int = 503, health: int = 200, after: int = 200,
        answer: int = 503, answer_ms: float = 30.0, **facts: Any,
    ) -> Synthetic:
        """A whole good run in which node 0's database is away from second 6 to 11."""
        for node in range(self.nodes):
            self.start(node, -6.0)
        self.op("createNamespace", -3.0, key=SPACE)
        self.op("createTable", -2.9)
        self.window("steady", 2.0, 5.0)
        self.window("fault", 6.0, 11.0, node=0, fault=fault)
        self.window("recovery", 11.0, 16.0, node=0, fault=fault)
        self.window("steady", 16.0, 20.0)
        self.fault(fault, 6.0, 11.0, **facts)
        self.reads(0.0, 6.0)
        self.reads(6.0, 11.0, first_node=1)
        self.reads(6.0, 11.0, per_s=40, node=0, status=answer, took_ms=answer_ms)
        self.reads(11.0, 20.0)

        def status(node: int, probe: str, at_s: float) -> int:
            if node != 0 or at_s < 6.5:
                return 200
            if at_s >= 11.5:
                return after if probe == "ready" else 200
            return ready if probe == "ready" else health

        self.probes(-4.0, 22.0, status=status)
        self.samples(0.0, 20.0)
        self.held(200, 400)
        self.held(503, 40)
        for node in range(self.nodes):
            self.op("loadTable", 22.0, node=node, flags=FLAG_AUDIT)
        return self

    def finding(self, requirement: str, works: bool | None, what: str = "a thing") -> None:
        """One line of findings.jsonl."""
        append_line(self.folder, "findings",
            requirement=requirement,
            what=what,
            expected="200",
            got="500",
            request="curl …",
            works=works,
        )

    def held(self, status: int, held: int, *, wrong: int = 0, source: str = "load-0") -> None:
        """Answers that were held against their schema: one line of answers.jsonl."""
        append_line(
            self.folder, "answers",
            t_ns=T0, source=source, operation="loadTable", status=status, answers=held * 10,
            held=held, wrong=wrong,
        )

    def case(self, ended: str, about: str = "loadTable", requirement: str = "FR-001",
             name: str = "a_case", **more: Any) -> None:
        """One line of cases.jsonl."""
        facts = {"says": "the words", "expected": "200", "got": "500", "request": "curl …",
                 "schema": [], "answers": 2, "seconds": 0.1}
        append_line(
            self.folder, "cases",
            case=f"tables.{name}", about=about, requirement=requirement, ended=ended,
            **{**facts, **more},
        )

    def operation(self, operation: str, *, advertised: bool = True, phase: str = "tables") -> None:
        """One line of operations.jsonl."""
        append_line(
            self.folder, "operations",
            operation=operation, endpoint=f"GET /v1/{{prefix}}/{operation}",
            phase=phase, advertised=advertised,
        )

    def done(self) -> Run:
        """Write the plan, close the history, and load it all as judges do."""
        self._recorder.close()
        (self.folder.logs / "load.log").write_text("")
        # Of one file that no test spoils: most of them spoil another after this.
        whole = {"logs/load.log": (0, 0)}
        facts = {"sealed": whole} | self.plan | {"faults": tuple(self.plan["faults"])}
        self.folder.write_plan(Plan(**facts))
        return Run(self.folder.root)


@pytest.fixture
def synthetic(tmp_path: Path) -> Iterator[Callable[..., Synthetic]]:
    """Makes up one experiment's run below the test's own folder; closes what no test closed."""
    with ExitStack() as made:

        def make(name: str = "steady", **plan: Any) -> Synthetic:
            run = Synthetic(tmp_path / "experiments", name, **plan)
            made.callback(run._recorder.close)
            return run

        yield make


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small recorded review, unpacked."""
    folder = tmp_path_factory.mktemp("recorded")
    with tarfile.open(RECORDED) as packed:
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        packed.extractall(folder, **safely)
    return next(path for path in folder.iterdir() if path.is_dir())
