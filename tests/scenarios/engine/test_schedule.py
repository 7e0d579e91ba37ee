"""The schedule is arithmetic that nothing re-bases, and shares are even."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import pytest

from iceworthy.words.scenario import Role
from scenarios.engine.schedule import GRID_NS, Schedule, Seat, phase_ns, seating

ROLE = Role(name="r", weight=1.0, period_s=1.8, actions={"load_table": 1.0})


def test_intended_starts_do_not_move_however_late_they_are_taken() -> None:
    schedule = Schedule(first_ns=100, period_ns=10)
    assert [schedule.take(now_ns) for now_ns in (0, 500, 500, 90_000)] == [100, 110, 120, 130]


def test_a_closed_loop_wants_each_operation_when_it_can_start_but_none_before_t0() -> None:
    schedule = Schedule(first_ns=100, period_ns=0)
    assert [schedule.take(now_ns) for now_ns in (5, 100, 250)] == [100, 100, 250]
    assert schedule.untaken(10_000) == 0


def test_what_was_wanted_and_not_taken_is_counted() -> None:
    schedule = Schedule(first_ns=100, period_ns=10)
    assert schedule.untaken(100) == 0
    assert schedule.untaken(101) == 1
    assert schedule.untaken(131) == 4
    schedule.take(0)
    schedule.take(0)
    assert schedule.untaken(131) == 2
    assert schedule.untaken(105) == 0


@pytest.mark.parametrize("count", [1, 7, 1000])
def test_sessions_of_a_known_number_share_the_period_evenly(count: int) -> None:
    seats = list(islice(seating([ROLE], nodes=2), count))
    phases = [phase_ns(seat, peers=count, worker=0) for seat in seats]
    for number, phase in enumerate(phases):
        assert 0 <= number * 1.8e9 / count - phase < GRID_NS
    if count > 1:
        for node in (0, 1):
            own = [phase for seat, phase in zip(seats, phases, strict=True) if seat.node == node]
            assert max(b - a for a, b in pairwise(own)) <= 2 * 1.8e9 / count + GRID_NS


def test_starts_fall_on_the_grid_and_no_moment_of_it_has_more_than_its_share() -> None:
    seats = islice(seating([ROLE], nodes=2), 1000)
    starts = Counter(phase_ns(seat, peers=1000, worker=0) for seat in seats)
    assert len(starts) == 180
    assert set(starts.values()) == {5, 6}
    assert not [start for start in starts if start % GRID_NS]


@pytest.mark.parametrize("count", [10, 137, 1000])
def test_sessions_that_join_as_they_like_are_spread_evenly_enough(count: int) -> None:
    seats = islice(seating([ROLE], nodes=1), count)
    phases = sorted(phase_ns(seat, peers=None, worker=0) for seat in seats)
    gaps = [b - a for a, b in pairwise(phases)]
    assert max(gaps) < 3 * 1.8e9 / count + GRID_NS


def test_workers_do_not_start_in_step() -> None:
    seat = Seat(role=ROLE, role_index=0, rank=3, node=0)
    assert len({phase_ns(seat, peers=10, worker=worker) for worker in range(5)}) == 5


def test_shares_follow_the_weights_and_each_role_is_on_both_nodes_equally() -> None:
    roles = [
        Role(name=name, weight=weight, period_s=1.0, actions={"load_table": 1.0})
        for name, weight in (("many", 90.0), ("few", 8.0), ("rare", 2.0))
    ]
    seats = list(islice(seating(roles, nodes=2), 1000))
    count = Counter(seat.role.name for seat in seats)
    assert (count["many"], count["few"], count["rare"]) == pytest.approx((900, 80, 20), abs=4)
    for name in count:
        nodes = Counter(seat.node for seat in seats if seat.role.name == name)
        assert abs(nodes[0] - nodes[1]) <= 1


def test_a_small_load_too_has_every_role_on_both_nodes() -> None:
    roles = [
        Role(name=str(i), weight=weight, period_s=1.0, actions={"load_table": 1.0})
        for i, weight in enumerate((918.0, 24.0, 12.0, 8.0))
    ]
    seats = list(islice(seating(roles, nodes=2), 8))
    assert {(seat.role.name, seat.node) for seat in seats} == {
        (name, node) for name in "0123" for node in (0, 1)
    }


def test_ranks_of_a_role_have_no_gap() -> None:
    roles = [
        Role(name=name, weight=weight, period_s=1.0, actions={"load_table": 1.0})
        for name, weight in (("a", 3.0), ("b", 1.0))
    ]
    seats = list(islice(seating(roles, nodes=3), 100))
    for name in "ab":
        ranks = [seat.rank for seat in seats if seat.role.name == name]
        assert ranks == list(range(len(ranks)))
