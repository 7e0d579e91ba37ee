"""The least world still fails, and no step of the method makes it smaller."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from iceworthy.orchestrator.shrinking import (
    SESSIONS_LEAST,
    SmallWorld,
    shrink,
    with_a_shorter_load,
    with_fewer_sessions,
    without_a_fault,
)
from iceworthy.words.experiment import FaultAt

NAMES = ("kill_node", "cut_link", "drain_node")
WORLD = SmallWorld(
    sessions=600,
    duration_s=40.0,
    warmup_s=2.0,
    faults=tuple(
        FaultAt(fault=name, at_s=4.0 * (number + 1), hold_s=1.0)
        for number, name in enumerate(NAMES)
    ),
)
STEPS = (without_a_fault, with_fewer_sessions, with_a_shorter_load)


def names(world: SmallWorld) -> set[str]:
    return {one.fault for one in world.faults}


@pytest.mark.parametrize(
    "needed", [set(some) for n in range(4) for some in itertools.combinations(NAMES, n)]
)
@pytest.mark.parametrize("least", [1, 17, 600])
def test_it_keeps_what_the_failure_needs_and_nothing_more(needed: set[str], least: int) -> None:
    def fails(world: SmallWorld) -> bool:
        return needed <= names(world) and world.sessions >= least

    found = shrink(WORLD, fails)
    assert fails(found)
    assert names(found) == needed
    assert not any(fails(smaller) for step in STEPS for smaller in step(found))
    assert found.sessions < 2 * max(least, SESSIONS_LEAST) or least == 600
    assert found.duration_s == found.least_s


def test_a_failure_that_needs_a_long_load_keeps_it() -> None:
    found = shrink(WORLD, lambda world: world.duration_s >= 30)
    assert found.duration_s == 40.0


def test_a_failure_of_chance_is_asked_for_again() -> None:
    seen: dict[str, int] = {}

    def every_second(world: SmallWorld) -> bool:
        seen[str(world)] = seen.get(str(world), 0) + 1
        return seen[str(world)] % 2 == 0

    assert shrink(WORLD, every_second, again=2).sessions < 2 * SESSIONS_LEAST
    seen.clear()
    assert shrink(WORLD, every_second).sessions == WORLD.sessions


def test_when_the_time_is_over_the_best_so_far_is_returned_and_nothing_more_is_tried() -> None:
    tried = []

    def fails(world: SmallWorld) -> bool:
        tried.append(world)
        return True

    found = shrink(WORLD, fails, goes_on=lambda: len(tried) < 2)
    assert len(tried) == 2
    assert found == tried[-1]


def test_a_world_says_what_it_runs_and_changes_the_method_alone() -> None:
    assert str(replace(WORLD, faults=WORLD.faults[:1])) == "600 sessions for 40 s, kill_node at 4 s"
    assert str(replace(WORLD, faults=())).endswith(", no fault")
    assert set(WORLD.overrides()) == {"sessions", "duration_s", "warmup_s", "faults"}
