"""One experiment's results folder: where each file is, and the append-only JSON lines in it.

docs/formats.md says what each line holds. Judging reads this folder and nothing else.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iceworthy.record.plan import Plan, read_plan, write_plan

STREAMS = (
    "windows",  # judged stretches of time
    "faults",  # what was injected, that it bit, when it healed
    "starts",  # each start of a node
    "exits",  # each end of a node
    "probes",  # health, readiness and metrics requests of the orchestrator
    "metrics",  # parsed /metrics
    "resources",  # each process by psutil
    "database",  # pg_stat_activity, summed
    "machine",  # CPU of the whole machine
    "load",  # the load generator's own seconds
    "steps",  # the commit stepper's points
    "files",  # metadata files that the audit opened
    "answers",  # how many answers were held against their schema
    "violations",  # answers that are not as their schema says
    "findings",  # what the survey found missing or broken
    "operations",  # what the target advertises of the specification's operations
    "cases",  # what became of each case of the contract
    "comparison",  # what was compared with the reference
    "differences",  # each cause of a difference from the reference
)


class RunFolder:
    """Paths of one experiment's folder; `append` is safe from several threads of one process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.root.name

    @property
    def plan_file(self) -> Path:
        return self.root / "plan.json"

    def read_plan(self) -> Plan:
        """The experiment's plan; RecordError as `iceworthy.record.plan.read_plan` raises it."""
        return read_plan(self.plan_file)

    def write_plan(self, plan: Plan) -> None:
        """Write plan.json, whole or not at all."""
        write_plan(self.plan_file, plan)

    @property
    def history(self) -> Path:
        return self.root / "history"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def verdicts(self) -> Path:
        return self.root / "verdicts.json"

    def stream(self, name: str) -> Path:
        """The path of one JSON-lines stream; ValueError for a name that is none of STREAMS."""
        if name not in STREAMS:
            raise ValueError(f"no stream named {name!r}; one of {', '.join(STREAMS)}")
        return self.root / f"{name}.jsonl"

    def append(self, name: str, /, **facts: Any) -> None:
        """Append one line to a stream and hand it to the kernel."""
        line = json.dumps(facts, separators=(",", ":"), default=str) + "\n"
        path = self.stream(name)
        with self._lock, open(path, "a", encoding="utf-8") as file:
            file.write(line)

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The lines of a stream in order; none when it was never written; a torn last one skipped."""  # noqa: E501
        path = self.stream(name)
        if not path.exists():
            return
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    yield json.loads(line)
                except ValueError:
                    if line.endswith("\n"):
                        raise
