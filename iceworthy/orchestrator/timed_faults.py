"""Injects and heals the faults of an experiment by the clock.

Claim: every fault whose injection began is healed, even after an interruption, or the error of the
run names those that were not. faults.jsonl holds each step as it happened.
What it does NOT show: that a fault took effect; its evidence does, and the criterion fault_bit
judges that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from iceworthy import discovery
from iceworthy.orchestrator import timeline
from iceworthy.orchestrator.interrupt import held
from iceworthy.record.fault_spans import fault_event
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEventName
from iceworthy.words.errors import FaultError, IceworthyError, StackError, TargetError
from iceworthy.words.experiment import FaultAt
from iceworthy.words.live import Evidence, LiveTarget

NEWS_S = 0.25


class TimedFaults:
    """Injects and heals each fault when it falls due; whatever happens, every fault is healed."""

    def __init__(self, faults: tuple[FaultAt, ...], live: LiveTarget, folder: RunFolder) -> None:
        self._planned = faults
        self._live = live
        self._folder = folder
        self._faults = [discovery.load("fault", f.fault)(dict(f.params)) for f in faults]
        self._open: set[int] = set()

    def run(self, t0_ns: int, duration_s: float, news: Callable[[], None]) -> None:
        """Walk the timeline until duration_s after t0; a failed heal is raised at its end."""
        failed: list[str] = []
        try:
            for step in timeline.steps(self._planned):
                _wait_until(t0_ns + int(step.at_s * 1e9), news)
                if step.heal:
                    with held():
                        failed += self._heal(step.index)
                else:
                    self._inject(step.index)
            _wait_until(t0_ns + int(duration_s * 1e9), news)
        finally:
            with held():
                for index in sorted(self._open):
                    failed += self._heal(index)
        if failed:
            raise FaultError("; ".join(failed))

    def _inject(self, index: int) -> None:
        fault = self._planned[index]
        self._open.add(index)
        self._line(index, "inject", time.monotonic_ns(), {})
        try:
            evidence: Evidence = self._faults[index].inject(self._live, fault.node)
        except (FaultError, TargetError, StackError) as error:
            self._line(index, "failed", time.monotonic_ns(), {"reason": str(error)})
            return
        self._bit(index, evidence)

    def _bit(self, index: int, evidence: Evidence | None) -> None:
        if evidence is not None:
            self._line(index, "bit", evidence.t_ns, dict(evidence.facts))

    def _heal(self, index: int) -> list[str]:
        if index not in self._open:
            return []
        self._open.discard(index)
        began_ns = time.monotonic_ns()
        try:
            more = self._faults[index].heal(self._live, self._planned[index].node)
            self._bit(index, more)
        except IceworthyError as error:
            self._bit(index, getattr(error, "evidence", None))
            self._line(index, "failed", time.monotonic_ns(), {"reason": f"not healed: {error}"})
            fault = self._planned[index]
            return [f"{fault.fault} on node {fault.node} was not healed: {error}"]
        self._line(index, "heal", time.monotonic_ns(), {"began_ns": began_ns})
        return []

    def _line(self, index: int, event: FaultEventName, t_ns: int, facts: dict[str, Any]) -> None:
        fault = self._planned[index]
        self._folder.append(
            fault_event(fault.fault, self._faults[index], event, t_ns, fault.node, facts)
        )


def _wait_until(due_ns: int, news: Callable[[], None]) -> None:
    while (left_s := (due_ns - time.monotonic_ns()) / 1e9) > 0:
        time.sleep(min(left_s, NEWS_S))
        news()
