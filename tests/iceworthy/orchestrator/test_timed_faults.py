"""Every fault that was begun is healed, however the run ends, and each step is written down."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iceworthy.orchestrator import timed_faults
from iceworthy.orchestrator.interrupt import installed
from iceworthy.orchestrator.timed_faults import TimedFaults
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import FaultError, StackError
from iceworthy.words.experiment import FaultAt
from iceworthy.words.fault import DATABASE, DATABASE_LINK
from iceworthy.words.live import Evidence
from tests.streams import lines_of


class StandIn:
    """A fault that notes what is done to it; params say what goes wrong."""

    done: list[str]
    place = DATABASE_LINK
    takes_away = frozenset({"database"})
    interrupts = True

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params

    def inject(self, target: Any, node: int) -> Evidence:
        StandIn.done.append(f"inject {node}")
        if self._params.get("blunt"):
            raise FaultError("it did not bite")
        time.sleep(self._params.get("bites_s", 0.0))
        return Evidence(fault="stand-in", node=node, t_ns=time.monotonic_ns())

    def heal(self, target: Any, node: int) -> None:
        if self._params.get("interrupted"):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
        time.sleep(self._params.get("heals_s", 0.0))
        StandIn.done.append(f"heal {node}")
        if self._params.get("stuck"):
            raise FaultError("it stays broken")


Run = Callable[..., list[tuple[str, int]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Walk faults over 0.2 s; the (event, node) pairs of faults.jsonl."""
    monkeypatch.setattr(timed_faults.discovery, "load", lambda kind, name: StandIn)
    monkeypatch.setattr(timed_faults.timeline, "CALM_S", 0.0)
    StandIn.done = []
    folder = RunFolder(tmp_path)

    def walk(*faults: FaultAt, news: Callable[[], None] = lambda: None) -> None:
        live: Any = None
        TimedFaults(faults, live, folder).run(time.monotonic_ns(), 0.2, news)

    def events() -> list[tuple[str, int]]:
        return [(line["event"], line["node"]) for line in lines_of(folder, "faults")]

    def made(*faults: FaultAt, error: type[BaseException] | None = None, **more: Any) -> Any:
        if error is None:
            walk(*faults, **more)
        else:
            with pytest.raises(error):
                walk(*faults, **more)
        return events()

    return made


def fault(node: int = 0, *, at_s: float = 0.0, hold_s: float = 0.05, **params: Any) -> FaultAt:
    return FaultAt(fault="stand-in", at_s=at_s, hold_s=hold_s, node=node, params=params)


def test_faults_come_and_go_by_the_clock(run: Run) -> None:
    assert run(fault(0, hold_s=0.1), fault(1, at_s=0.05, hold_s=0.1)) == [
        ("inject", 0),
        ("bit", 0),
        ("inject", 1),
        ("bit", 1),
        ("heal", 0),
        ("heal", 1),
    ]


def test_each_event_carries_what_the_file_of_the_fault_declares(run: Run, tmp_path: Path) -> None:
    run(fault())
    lines = lines_of(RunFolder(tmp_path), "faults")
    assert [line["event"] for line in lines] == ["inject", "bit", "heal"]
    assert all(line["takes_away"] == ["database"] and line["interrupts"] for line in lines)


def test_a_fault_that_did_not_bite_is_written_down_and_healed(run: Run) -> None:
    assert run(fault(blunt=True)) == [("inject", 0), ("failed", 0), ("heal", 0)]


@pytest.mark.parametrize("error", [StackError, KeyboardInterrupt])
def test_what_is_open_when_the_run_ends_is_healed(run: Run, error: type[BaseException]) -> None:
    def news() -> None:
        raise error("now")

    made = run(fault(0, hold_s=9.0), fault(1, hold_s=9.0), error=error, news=news)
    assert made[-2:] == [("heal", 0), ("heal", 1)]


def test_a_fault_that_cannot_be_healed_fails_the_run_after_the_others_were(run: Run) -> None:
    made = run(fault(0, stuck=True), fault(1), error=FaultError)
    assert ("failed", 0) in made
    assert ("heal", 1) in made


def test_an_interrupt_does_not_tear_a_heal(run: Run) -> None:
    with installed():
        made = run(fault(0, interrupted=True), fault(1, hold_s=9.0), error=KeyboardInterrupt)
    assert ("heal", 0) in made
    assert ("heal", 1) in made


@pytest.mark.parametrize(
    ("bites_s", "heals_s", "planned_s"), [(0.0, 0.0, 5.0), (0.0, 0.3, 0.2), (0.4, 0.3, 20.0)]
)
def test_the_end_is_told_when_the_last_fault_is_healed_and_leaves_time_to_come_to_rest(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    bites_s: float,
    heals_s: float,
    planned_s: float,
) -> None:
    """A load whose fault is healed in time ends as planned; one whose heal is late ends later."""
    monkeypatch.setattr(timed_faults.discovery, "load", lambda kind, name: StandIn)
    monkeypatch.setattr(timed_faults.timeline, "CALM_S", 0.05)
    StandIn.done = []
    live: Any = None
    told: list[tuple[int, int]] = []

    def ends(end_ns: int) -> None:
        told.append((end_ns, time.monotonic_ns()))
        raise KeyboardInterrupt  # what was wanted is known; the rest is waiting

    t0_ns = time.monotonic_ns()
    one = fault(bites_s=bites_s, heals_s=heals_s)
    with pytest.raises(KeyboardInterrupt):
        TimedFaults((one,), live, RunFolder(tmp_path)).run(t0_ns, planned_s, lambda: None, ends)
    ((end_ns, told_ns),) = told
    assert StandIn.done == ["inject 0", "heal 0"]
    assert end_ns >= t0_ns + int((planned_s + bites_s) * 1e9)  # as long from the heal as planned
    if heals_s < planned_s:  # the heal itself is part of the planned time
        assert end_ns <= told_ns + int((planned_s - heals_s - 0.05) * 1e9)
    else:
        assert end_ns >= t0_ns + int((heals_s + 0.05 + 0.05) * 1e9)  # held, healed, calm


def test_after_a_late_heal_the_next_fault_waits_and_is_held_as_long_as_planned(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(timed_faults, "REST_S", 0.1)
    run(fault(0, heals_s=0.3), fault(1, at_s=0.15, hold_s=0.1))
    at = {
        (line["event"], line["node"]): line["t_ns"] / 1e9
        for line in lines_of(RunFolder(tmp_path), "faults")
    }
    assert at["inject", 1] - at["heal", 0] >= 0.09  # 0.1 s from the heal's end, before its line
    assert at["heal", 1] - at["inject", 1] >= 0.1


def test_faults_that_overlap_by_plan_do_not_wait_for_each_other(run: Run) -> None:
    made = run(fault(0, hold_s=0.15), fault(1, at_s=0.05, hold_s=0.05))
    assert [one for one in made if one[0] != "bit"] == [
        ("inject", 0),
        ("inject", 1),
        ("heal", 1),
        ("heal", 0),
    ]


def test_a_fault_of_a_part_that_all_nodes_share_is_on_no_node(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandIn, "place", DATABASE)
    assert {node for _, node in run(FaultAt(fault="x", at_s=0.0, hold_s=0.05))} == {None}


def test_a_fault_that_bites_late_is_held_as_long_as_planned(run: Run, tmp_path: Path) -> None:
    run(fault(hold_s=0.15, bites_s=0.3))
    at = {line["event"]: line["t_ns"] for line in lines_of(RunFolder(tmp_path), "faults")}
    assert (at["heal"] - at["bit"]) / 1e9 >= 0.15
