"""The points of a stepped commit, in order of worth, and how long walking them may take.

The first points are those at which most was found: the link breaks while the COMMIT is durable and
not acknowledged. Then come the other faults that cost no start of the node, and last those that do:
where a node starts in 60 to 100 s, each of them takes as long as all others together. Each moment
has its control, at which nothing is broken.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from chaos.drivers._held_commits import HeldCommit
from iceworthy import discovery

NO_FAULT = "none"
MOMENTS = ("after", "before")
STARTS_MOST_S = 900.0
"""The most that starts of the node may add to the budget: nine of 100 s each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One instant and its fault. commit: which COMMIT, counted from 1. restarts: its fault ends
    the node, which is then started again."""

    commit: int
    of: int
    moment: str
    fault: str
    is_late: bool = False
    restarts: bool = False

    @property
    def name(self) -> str:
        return f"{self.fault}/{self.moment}/{self.commit}"

    @property
    def table(self) -> str:
        return f"{self.fault}_{self.moment}_{self.commit}"


def points_of(
    commits: Sequence[HeldCommit], faults: Sequence[str], *, only: Container[int] | None = None
) -> list[Point]:
    """Every point, the most telling first. only: of these COMMITs alone, counted from 1."""
    ends_node = {fault: discovery.load("fault", fault).place.kind == "node" for fault in faults}
    found = [
        Point(
            commit=number,
            of=len(commits),
            moment=moment,
            fault=fault,
            is_late=commit.is_late,
            restarts=ends_node.get(fault, False),
        )
        for moment, fault, (number, commit) in itertools.product(
            MOMENTS, (*faults, NO_FAULT), enumerate(commits, start=1)
        )
        if only is None or number in only
    ]
    return sorted(found, key=lambda point: point.restarts)  # stable: else as above


def budget_s(planned_s: float, points: Iterable[Point], start_s: float) -> float:
    """The time that walking the points may take: each start of the node comes on top.

    planned_s: of the experiment. start_s: how long the node took to its first 200 of readiness.
    """
    starts = sum(point.restarts for point in points)
    return planned_s + min(starts * start_s, STARTS_MOST_S)
