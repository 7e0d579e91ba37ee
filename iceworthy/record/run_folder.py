"""One experiment's results folder: where each file is, and the append-only JSON lines in it.

docs/formats.md says what each line holds. Judging reads this folder and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from iceworthy.record.line import L, Line, header_text, line_text, read_lines
from iceworthy.record.plan import Plan, read_plan, write_plan

__all__ = ["RunFolder"]


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

    def stream_file(self, kind: type[Line]) -> Path:
        """The file of one kind of lines."""
        return self.root / f"{kind.STREAM}.jsonl"

    def append(self, line: Line) -> None:
        """Append a line to the file of its kind and hand it to the kernel."""
        text = line_text(line)
        with self._lock, open(self.stream_file(type(line)), "a", encoding="utf-8") as file:
            if file.tell() == 0:
                text = header_text(type(line)) + text
            file.write(text)

    def read(self, kind: type[L]) -> Iterator[L]:
        """The lines of one kind in order, as `iceworthy.record.line.read_lines` gives them."""
        return read_lines(self.stream_file(kind), kind)
