"""Injects and heals the faults of an experiment by the clock.

Claim: every fault whose injection began is healed, even after an interruption, or the error of the
run names those that were not. faults.jsonl holds each step as it happened.
A fault is healed hold_s after it bit: until it bites, an aimed fault may wait for its moment for
seconds, and so may any fault on a busy machine.
A heal may take long (a node may need 12 s for its drain): the next fault then begins REST_S after
it at the earliest, and the load goes on as long as planned from each heal's beginning, and as long
as recovery is judged from its end, so that each fault meets load and is seen to end. Example: a
heal is planned at 11 s and the end at 18 s; if the heal begins at 14 s, the load ends at 21 s.
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
REST_S = 3.0
"""At least so long after a late heal the next fault begins; less where less was planned."""
HEALED_S = 10.0
"""Beside the node's own bounds for its end and its start: what a heal may take."""


class TimedFaults:
    """Injects and heals each fault when it falls due; whatever happens, every fault is healed."""

    def __init__(self, faults: tuple[FaultAt, ...], live: LiveTarget, folder: RunFolder) -> None:
        self._planned = faults
        self._live = live
        self._folder = folder
        self._faults = [discovery.load("fault", f.fault)(dict(f.params)) for f in faults]
        self._open: set[int] = set()
        self._acted_ns: dict[int, int] = {}
        self._heals: dict[int, tuple[int, int]] = {}

    def longest_s(self, duration_s: float) -> float:
        """Bound of the whole timeline: each fault may take as long as its node may."""
        node = self._live.spec.node
        return duration_s + len(self._planned) * (node.stop_s + node.ready_s + HEALED_S)

    def run(
        self,
        t0_ns: int,
        duration_s: float,
        news: Callable[[], None],
        ends: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Walk the timeline until duration_s after t0, or as long after each heal as planned.

        ends: called once with the instant of its end, when the last fault is healed. A failed heal
        is raised at the end.
        """
        failed: list[str] = []
        try:
            for step in timeline.steps(self._planned):
                _wait_until(self._due_ns(step, t0_ns), news)
                if step.heal:
                    with held():
                        failed += self._heal(step.index)
                else:
                    self._inject(step.index)
            heals = [(self._planned[i], began, over) for i, (began, over) in self._heals.items()]
            end_ns = timeline.load_end_ns(t0_ns, duration_s, heals)
            ends(end_ns)
            _wait_until(end_ns, news)
        finally:
            with held():
                for index in sorted(self._open):
                    failed += self._heal(index)
        if failed:
            raise FaultError("; ".join(failed))

    def _due_ns(self, step: timeline.Due, t0_ns: int) -> int:
        """When a step is due: as planned, or later where an earlier fault's heal was late."""
        if step.heal:
            return self._acted_ns[step.index] + int(self._planned[step.index].hold_s * 1e9)
        rests = [
            over_ns + int(min(rest_s, REST_S) * 1e9)
            for index, (_, over_ns) in self._heals.items()
            if (rest_s := step.at_s - timeline.heal_at_s(self._planned[index])) >= 0
        ]
        return max([t0_ns + int(step.at_s * 1e9), *rests])

    def _inject(self, index: int) -> None:
        fault = self._planned[index]
        self._open.add(index)
        self._acted_ns[index] = time.monotonic_ns()
        self._line(index, "inject", time.monotonic_ns(), {})
        try:
            evidence: Evidence = self._faults[index].inject(self._live, fault.node)
        except (FaultError, TargetError, StackError) as error:
            self._line(index, "failed", time.monotonic_ns(), {"reason": str(error)})
            return
        self._acted_ns[index] = max(self._acted_ns[index], evidence.t_ns)
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
        finally:
            self._heals[index] = began_ns, time.monotonic_ns()
        self._line(index, "heal", time.monotonic_ns(), {"began_ns": began_ns})
        return []

    def _line(self, index: int, event: FaultEventName, t_ns: int, facts: dict[str, Any]) -> None:
        fault = self._planned[index]
        node = None if self._faults[index].place.is_whole else fault.node
        self._folder.append(fault_event(fault.fault, self._faults[index], event, t_ns, node, facts))


def _wait_until(due_ns: int, news: Callable[[], None]) -> None:
    while (left_s := (due_ns - time.monotonic_ns()) / 1e9) > 0:
        time.sleep(min(left_s, NEWS_S))
        news()
