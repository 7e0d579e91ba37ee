"""The least world in which a failure is still seen: fewer faults, fewer sessions, a shorter load.

Claim: `shrink` returns a world in which `fails` was true, and from which no step that it tried
could take anything away. Example: of three faults over 600 sessions, the second alone over 18
sessions still fails.
Method: delta debugging, greedily, dearest part first: each fault is left out in turn, then the
sessions are halved, then the load is cut behind its last fault. A step that does not fail is
undone. A failure of chance is asked for `again` times before a step counts as harmless.
What this does NOT show: that no smaller world fails; chance can hide the failure in each try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from iceworthy.words.experiment import FaultAt

SESSIONS_LEAST = 4
CALM_S = 4.0
"""So long the load goes on behind its last fault, so that what recovers is seen."""
CALM_LOAD_S = 6.0
"""The shortest load without faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWorld:
    """What one try runs. duration_s: of the load, its warm-up included."""

    sessions: int
    duration_s: float
    warmup_s: float
    faults: tuple[FaultAt, ...] = ()

    def __str__(self) -> str:
        names = ", ".join(f"{one.fault} at {one.at_s:g} s" for one in self.faults)
        return f"{self.sessions} sessions for {self.duration_s:g} s, " + (names or "no fault")

    @property
    def least_s(self) -> float:
        """The shortest load that still holds its faults."""
        ends = [one.at_s + one.hold_s + CALM_S for one in self.faults]
        return max([self.warmup_s + CALM_LOAD_S, *ends])

    def overrides(self) -> dict[str, object]:
        """The fields of an experiment's method that make it this world."""
        return {
            "sessions": self.sessions,
            "duration_s": self.duration_s,
            "warmup_s": self.warmup_s,
            "faults": self.faults,
        }


Fails = Callable[[SmallWorld], bool]


def shrink(
    world: SmallWorld, fails: Fails, *, again: int = 1, goes_on: Callable[[], bool] = lambda: True
) -> SmallWorld:
    """The least failing world below one that fails. again: tries of a step before it is undone.
    goes_on: asked before each try; once it says False the best world so far is returned."""
    was = None
    while was != world and goes_on():
        was = world
        for step in (without_a_fault, with_fewer_sessions, with_a_shorter_load):
            world = _as_far_as_it_goes(world, step, fails, again, goes_on)
    return world


def _as_far_as_it_goes(
    world: SmallWorld,
    step: Callable[[SmallWorld], Iterator[SmallWorld]],
    fails: Fails,
    again: int,
    goes_on: Callable[[], bool],
) -> SmallWorld:
    """Take the step as long as the world still fails after it."""
    while True:
        for smaller in step(world):
            if any(goes_on() and fails(smaller) for _ in range(again)):
                world = smaller
                break
        else:
            return world


def without_a_fault(world: SmallWorld) -> Iterator[SmallWorld]:
    """The worlds that lack one of the faults. The last fault goes too: a failure that needs no
    fault is seen without."""
    for index in range(len(world.faults)):
        rest = (*world.faults[:index], *world.faults[index + 1 :])
        yield replace(world, faults=rest)


def with_fewer_sessions(world: SmallWorld) -> Iterator[SmallWorld]:
    """The world with half of its sessions."""
    half = world.sessions // 2
    if half >= SESSIONS_LEAST:
        yield replace(world, sessions=half)


def with_a_shorter_load(world: SmallWorld) -> Iterator[SmallWorld]:
    """The world whose load ends behind its last fault."""
    if world.least_s < world.duration_s:
        yield replace(world, duration_s=world.least_s)
