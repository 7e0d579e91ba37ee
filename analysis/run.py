"""One experiment's folder, loaded: plan, history, windows, streams, each on first use."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.history import History, read_history
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.seal import damage
from iceworthy.words.errors import RecordError, UnknownFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch of time that is judged as a whole; kind as in docs/formats.md."""

    name: str
    kind: str
    start_ns: int
    end_ns: int
    node: int | None = None
    fault: str | None = None

    @property
    def length_s(self) -> float:
        return (self.end_ns - self.start_ns) / 1e9


class Run:
    """The input of a judge. Checkers get `run.history`; criteria get the whole run."""

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(root)
        self.name = root.name

    @property
    def plan(self) -> Plan:
        """The experiment's plan; one of nothing but the name when it is missing or damaged.

        UnknownFormat when this version cannot read it: then nothing of the run is judged.
        """
        return self._plan_and_damage[0]

    @cached_property
    def _plan_and_damage(self) -> tuple[Plan, str]:
        try:
            return self.folder.read_plan(), ""
        except UnknownFormat:
            raise
        except RecordError as error:
            return Plan(experiment=self.name), f"plan.json is missing or cannot be read: {error}"

    @cached_property
    def history(self) -> History:
        return read_history(self.folder.history)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        known = {field.name for field in fields(Window)}  # another version may have written more
        lines = self.folder.lines("windows")
        return tuple(Window(**{k: v for k, v in line.items() if k in known}) for line in lines)

    @cached_property
    def damage(self) -> str:
        """How the records differ from the run's seal; "" where they match or no seal exists."""
        plan, damaged = self._plan_and_damage
        return damaged or damage(self.folder.root, plan.sealed)

    def stream(self, name: str) -> list[dict[str, Any]]:
        """All lines of one stream (iceworthy.record.run_folder.STREAMS)."""
        return list(self.folder.lines(name))

    def windows_of(self, *kinds: str) -> tuple[Window, ...]:
        """The windows of these kinds."""
        return tuple(window for window in self.windows if window.kind in kinds)

    def within(self, *kinds: str) -> npt.NDArray[np.bool_]:
        """Mask of the operations whose intended start lies in a window of these kinds."""
        intended = self.history.ops["intended_ns"]
        mask = np.zeros(len(intended), dtype=np.bool_)
        for window in self.windows_of(*kinds):
            mask |= (intended >= window.start_ns) & (intended < window.end_ns)
        return mask
