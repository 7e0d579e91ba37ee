"""One experiment's folder, loaded: plan, history, windows, streams, each on first use."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from analysis.declarations import declared_of
from analysis.history import History, read_history
from analysis.outside_deaths import RECOVERY_NS, SEEN_NS, OutsideDeath, outside_deaths
from iceworthy.record.line import L, Line, has_header
from iceworthy.record.plan import Plan, is_of_before
from iceworthy.record.regular_file import intruder, odd_entry
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import NodeExit, NodeStart, Window
from iceworthy.record.seal import damage
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.experiment import Declared
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.limits import LimitsSpec

__all__ = ["Run"]


class Run:
    """The input of a judge. Checkers get `run.history`; criteria get the whole run."""

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(root)
        self.name = root.name
        self._lines: dict[type[Line], tuple[Line, ...]] = {}

    @property
    def plan(self) -> Plan:
        """The experiment's plan; one of nothing but the name when it is missing or damaged.

        UnknownFormat when this version cannot read it: then nothing of the run is judged.
        """
        return self._plan_and_damage[0]

    @cached_property
    def _plan_and_damage(self) -> tuple[Plan, str]:
        try:
            plan = self.folder.read_plan()
        except UnknownFormat:
            raise
        except RecordError as error:
            return Plan(experiment=self.name), f"plan.json is missing or cannot be read: {error}"
        if plan.complete and not plan.sealed and not self._is_of_before():
            return plan, "plan.json says that the run ended well, and holds no seal"
        return plan, ""

    def _is_of_before(self) -> bool:
        """Whether the run is of a version that did not seal: no file of it has a number."""
        streams = self.folder.root.glob("*.jsonl")
        return is_of_before(self.folder.plan_file) and not any(map(has_header, streams))

    @cached_property
    def unreadable(self) -> str:
        """What in the folder no run writes, such as a link or a FIFO; then no file of it is read.
        "" where there is nothing of the kind."""
        if found := odd_entry(self.folder.root):
            return found
        return intruder(self.folder.root, self.plan.sealed)

    @property
    def limits(self) -> LimitsSpec:
        """The limits by which the run is judged: the requirements', or the user's own."""
        return self.plan.target.limits if self.plan.target else LimitsSpec()

    @cached_property
    def declared(self) -> Declared:
        """What the experiment and its faults declared: it decides which verdicts count."""
        return declared_of(self.name, self.plan)

    @cached_property
    def history(self) -> History:
        found = read_history(self.folder.history)
        return replace(found, newest_only=bool(self.plan.known.newest_only))

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        return self.read(Window)

    @cached_property
    def damage(self) -> str:
        """How the records differ from the run's seal; "" where they match or no seal exists."""
        if self.unreadable:
            return self.unreadable
        plan, damaged = self._plan_and_damage
        return damaged or damage(self.folder.root, plan.sealed)

    @cached_property
    def deaths(self) -> tuple[OutsideDeath, ...]:
        """The nodes that somebody outside killed."""
        return outside_deaths(self.read(NodeStart), self.read(NodeExit))

    def read(self, kind: type[L]) -> tuple[L, ...]:
        """All lines of one kind, read from the disk once."""
        if kind not in self._lines:
            self._lines[kind] = tuple(self.folder.read(kind))
        return cast(tuple[L, ...], self._lines[kind])

    def windows_of(self, *kinds: str) -> tuple[Window, ...]:
        """The windows of these kinds."""
        return tuple(window for window in self.windows if window.kind in kinds)

    def next_fault_ns(self, t_ns: int) -> int:
        """When the first fault after this instant began; NEVER_NS where none did."""
        later = (one.start_ns for one in self.windows_of("fault") if one.start_ns >= t_ns)
        return min(later, default=NEVER_NS)

    def within(self, *kinds: str) -> npt.NDArray[np.bool_]:
        """Mask of the operations whose intended start lies in a window of these kinds.

        Of steady windows, only those that were answered before the next fault began: an operation
        that a fault met is the fault's, however early it was meant to start. Nor those on a node
        that somebody outside had killed.
        """
        intended = self.history.ops["intended_ns"]
        mask = np.zeros(len(intended), dtype=np.bool_)
        for window in self.windows_of(*kinds):
            lies = (intended >= window.start_ns) & (intended < window.end_ns)
            if window.kind == "steady":
                lies &= self.history.ops["completed_ns"] < self.next_fault_ns(window.start_ns)
            mask |= lies
        if "steady" in kinds:
            mask &= ~self._hit_from_outside()
        return mask

    def _hit_from_outside(self) -> npt.NDArray[np.bool_]:
        ops = self.history.ops
        hit = np.zeros(len(ops), dtype=np.bool_)
        for death in self.deaths:
            hit |= (
                (ops["node"] == death.node)
                & (ops["completed_ns"] >= death.t_ns - SEEN_NS)
                & (ops["intended_ns"] <= death.back_ns + RECOVERY_NS)
            )
        return hit
