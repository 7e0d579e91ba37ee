"""Measures how long judging takes: synthetic histories of growing size, judged by every checker.

Claim: judge_s is the CPU time of this process, from opening the files to the last verdict, for
judge_ops operations. judge_exponent is the slope of log(time) over log(operations); for comparison,
an n log n algorithm has a slope of about 1.08 over the measured range.
Method: the histories come from a simulated linearizable catalog with conflicts, lost answers,
property writes, and names that are created and dropped, on tables of bounded length. The suite's
Recorder writes them. Every verdict must be a pass: a checker that skips its work would be fast.
What it does NOT show: the time of histories with many findings, nor of tables whose chains grow
without bound, since their full reads grow with the square of the number of commits.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from analysis.run import Run
from iceworthy import discovery
from iceworthy.record.history import (
    FLAG_AUDIT,
    FULL_EVERY,
    NO_ASSERTION,
    NULL_PARENT,
    Recorder,
    extend_chain,
)
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

SIZES = (125_000, 250_000, 500_000, 1_000_000)
REACH_S = 20.0
COMMITS_PER_TABLE = 100
OPERATIONS_PER_TABLE = 600
NEEDS_A_FAULT = frozenset({"graceful_shutdown", "commit_steps"})
STEP_NS = 20_000


class _Table:
    """One synthetic table: its chain so far, and the rolling hash of each of its states."""

    def __init__(self, number: int, recorder: Recorder) -> None:
        self.key = recorder.intern(f"space-{number % 50}/table-{number}")
        self.name = f"space-{number % 50}/table-{number}"
        self.uuid = number + 1
        self.chain: list[int] = []
        self.hash = 0
        self.properties: dict[str, str] = {}

    @property
    def head(self) -> int:
        return self.chain[-1] if self.chain else NULL_PARENT

    def add(self, snapshot: int) -> None:
        self.chain.append(snapshot)
        self.hash = extend_chain(self.hash, snapshot)

    def facts(self) -> dict[str, object]:
        chain = self.chain
        head = chain[-1] if chain else None
        snapshots = [[one, chain[i - 1] if i else None, i + 1] for i, one in enumerate(chain)]
        return {
            "uuid": "",
            "location": "",
            "metadata_location": "",
            "current": head,
            "main": head,
            "last_sequence": len(chain),
            "snapshots": snapshots,
            "log": chain,
            "metadata_log": [],
            "properties": self.properties,
        }


class _Writer:
    """Records one synthetic operation after another."""

    def __init__(self, folder: Path, operations: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.recorder = Recorder(folder / "history", "load-0")
        self.now = 1_000_000_000
        self.operations = operations
        count = max(2, operations // OPERATIONS_PER_TABLE)
        self.tables = [_Table(number, self.recorder) for number in range(count)]
        self.reads = 0

    def write(
        self,
        operation: str,
        key: int,
        *,
        value: int = 0,
        parent: int = NO_ASSERTION,
        status: int = 200,
        outcome: Outcome = Outcome.OK,
        table: _Table | None = None,
        node: int = 0,
        flags: int = 0,
    ) -> int:
        """Records one operation; each operation begins while the previous one is still running."""
        self.now += STEP_NS
        sent = self.now - STEP_NS // 2
        return self.recorder.record(
            sent,
            sent,
            sent + 1_000,
            self.now + STEP_NS,
            value,
            parent,
            len(table.chain) if table else -1,
            table.hash if table else 0,
            table.uuid if table else 0,
            (table.uuid << 32 | len(table.chain)) if table else 0,
            self.rng.randrange(1000),
            key,
            0,
            4_000,
            self.recorder.intern(operation),
            status,
            flags,
            node,
            outcome,
        )

    def fill(self) -> None:
        for number in range(50):
            self.write("createNamespace", self.recorder.intern(f"space-{number}"))
        for table in self.tables:
            self.write("createTable", table.key, table=table)
        left = self.operations - self.recorder.count - 3 * len(self.tables)
        for _ in range(max(0, left)):
            # Far apart on one table: operations that overlap are on different tables.
            self.step(self.tables[self.recorder.count % len(self.tables)])
        for table in self.tables:
            for node in (0, 1):
                self.read(table, node=node, flags=FLAG_AUDIT)
        for number in range(50):
            key = self.recorder.intern(f"space-{number}")
            for node in (0, 1):
                op = self.write("loadNamespaceMetadata", key, node=node, flags=FLAG_AUDIT)
                self.recorder.seen(op, properties={})
        spaces = [f"space-{number}" for number in range(50)]
        op = self.write("listNamespaces", self.recorder.intern(""), flags=FLAG_AUDIT)
        self.recorder.seen(op, names=spaces, pages=1, complete=True)
        self.recorder.close()

    def read(self, table: _Table, *, node: int, flags: int = 0) -> None:
        op = self.write(
            "loadTable",
            table.key,
            value=table.head,
            parent=len(table.chain),
            table=table,
            node=node,
            flags=flags,
        )
        self.reads += 1
        if flags or self.reads % FULL_EVERY == 0:
            self.recorder.seen(op, **table.facts())

    def step(self, table: _Table) -> None:
        """Records one operation of the mix: a read, a property write, or a commit that wins, loses
        or gets no answer.
        """
        roll, node = self.rng.random(), self.rng.randrange(2)
        snapshot = self.rng.getrandbits(62) + 1
        if roll < 0.55:
            self.read(table, node=node)
        elif roll < 0.60 + 0.10 and len(table.chain) < COMMITS_PER_TABLE:
            self.commit(table, snapshot, node, lost=roll < 0.555)
        elif roll < 0.80:
            stale = table.chain[-2] if len(table.chain) > 1 else NULL_PARENT
            refused = table.chain and self.write(
                "updateTable",
                table.key,
                value=snapshot,
                parent=stale,
                status=409,
                outcome=Outcome.FAIL,
                node=node,
            )
            if not refused:
                self.commit(table, snapshot, node, lost=False)
        elif roll < 0.85:
            name = f"key-{self.rng.randrange(3)}"
            table.properties = {**table.properties, name: f"<{snapshot}>"}
            op = self.write("updateTable", table.key, value=snapshot, table=table, node=node)
            self.recorder.seen(op, set={name: f"<{snapshot}>"}, removed=[])
        else:
            self.name_of_its_own(node)

    def commit(self, table: _Table, snapshot: int, node: int, *, lost: bool) -> None:
        parent = table.head
        table.add(snapshot)
        if lost:
            self.write(
                "updateTable",
                table.key,
                value=snapshot,
                parent=parent,
                status=0,
                outcome=Outcome.INFO,
                node=node,
            )
        else:
            self.write(
                "updateTable", table.key, value=snapshot, parent=parent, table=table, node=node
            )

    def name_of_its_own(self, node: int) -> None:
        """Creates or drops a name from a pool, by turns."""
        turn, number = divmod(self.recorder.count // 7, 997)
        key = self.recorder.intern(f"space-1/pool-{number}-{turn // 40}")
        state = turn % 4
        if state == 1:
            self.write("tableExists", key, status=404, node=node)
        else:
            self.write(
                "loadNamespaceMetadata", self.recorder.intern(f"space-{number % 50}"), node=node
            )


def judged(folder: Path) -> tuple[float, list[Verdict]]:
    """(CPU seconds, verdicts) of every checker on the run in this folder."""
    checks = {name: discovery.load("checker", name) for name in discovery.names("checker")}
    needs_run = {
        name: getattr(sys.modules[f"analysis.checkers.{name}"], "NEEDS_RUN", False)
        for name in checks
    }
    start = time.process_time()
    run = Run(folder)
    found = [check(run if needs_run[name] else run.history) for name, check in checks.items()]
    return time.process_time() - start, found


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, float]:
    """The figures for results/bench.json; ValueError when a checker did not pass its history."""
    times = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _Writer(Path(folder), size, seed=size).fill()
            taken, found = judged(Path(folder))
        times.append(taken)
        idle = [v for v in found if not v.passed and v.applies and v.name not in NEEDS_A_FAULT]
        if idle:
            raise ValueError(f"the synthetic history of {size} operations is not passed: {idle[0]}")
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    return {
        "judge_ops": sizes[-1],
        "judge_s": round(times[-1], 2),
        "judge_reach_s": REACH_S,
        "judge_exponent": round(slope, 3),
        "judge_us_per_op": round(times[-1] / sizes[-1] * 1e6, 2),
    }


def merge(path: Path, figures: dict[str, float]) -> None:
    """Adds the figures to results/bench.json and keeps the figures of other benches."""
    known = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**known, **figures}, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """python -m analysis.bench [--operations N] [--into results/bench.json]"""
    parser = argparse.ArgumentParser(prog="python -m analysis.bench", description=__doc__)
    parser.add_argument("--operations", type=int, default=SIZES[-1])
    parser.add_argument("--into", type=Path, default=Path("results/bench.json"))
    options, _ = parser.parse_known_args()
    figures = measure(tuple(max(1_000, options.operations >> shift) for shift in (3, 2, 1, 0)))
    merge(options.into, figures)
    sys.stdout.write(
        f"judging {figures['judge_ops']:,} operations: {figures['judge_s']} CPU s "
        f"(reach {REACH_S:.0f}), growth n^{figures['judge_exponent']} "
        f"(n log n: {_n_log_n(options.operations):.2f})\n"
    )
    return 0


def _n_log_n(largest: int) -> float:
    """The slope that n log n has over the measured range."""
    n = max(largest, 16)
    return math.log((n * math.log(n)) / (n / 8 * math.log(n / 8))) / math.log(8)


if __name__ == "__main__":
    raise SystemExit(main())
