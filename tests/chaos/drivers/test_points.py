"""The order of the points that the stepper walks, and the time that it has for them."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.drivers._held_commits import HeldCommit
from chaos.drivers._points import STARTS_MOST_S, budget_s, points_of
from iceworthy.words.live import Backend

FAULTS = ("kill_node", "cut_link", "blip", "drain_node")


def commits(count: int) -> list[HeldCommit]:
    backend: Any = Backend(
        pid=1,
        node=0,
        application="",
        state="active",
        wait_event_type="IPC",
        wait_event="SyncRep",
        query="COMMIT",
        transaction_age_s=0.0,
    )
    return [HeldCommit(backend=backend, xid=str(n), relations=("t",)) for n in range(count)]


def test_links_that_break_while_the_commit_is_durable_come_first() -> None:
    names = [point.name for point in points_of(commits(2), FAULTS)]
    assert names[:6] == [
        "cut_link/after/1",
        "cut_link/after/2",
        "blip/after/1",
        "blip/after/2",
        "none/after/1",
        "none/after/2",
    ]
    assert len(names) == len(set(names)) == 2 * 2 * 5


def test_what_starts_the_node_anew_comes_last_and_durable_before_not_yet() -> None:
    found = points_of(commits(1), FAULTS)
    restarting = [point.name for point in found if point.restarts]
    assert restarting == [
        "kill_node/after/1",
        "drain_node/after/1",
        "kill_node/before/1",
        "drain_node/before/1",
    ]
    assert [point.name for point in found][-4:] == restarting


def test_some_commits_alone() -> None:
    assert {point.commit for point in points_of(commits(3), FAULTS, only=(2,))} == {2}


@pytest.mark.parametrize(
    ("start_s", "wanted"), [(0.0, 120.0), (1.0, 124.0), (100.0, 520.0), (1000.0, 1020.0)]
)
def test_the_budget_follows_the_start_of_the_node_and_is_bounded(
    start_s: float, wanted: float
) -> None:
    assert STARTS_MOST_S == 900.0
    assert budget_s(120.0, points_of(commits(1), FAULTS), start_s) == wanted
