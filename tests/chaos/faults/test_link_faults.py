"""Faults of the database link: evidence is read from the world, or there is none."""

from __future__ import annotations

import time

import pytest

from iceworthy import discovery
from iceworthy.words.errors import FaultError

LINK_FAULTS = ("black_hole", "cut_after_bytes", "cut_link", "reset_link", "slow_link")


def test_a_cut_link_is_proven_by_the_sessions_that_are_gone(fake_target):
    target = fake_target()
    evidence = discovery.load("fault", "cut_link")({}).inject(target, 0)
    assert evidence.facts["sessions_before"] == 2
    assert evidence.facts["held_after"] == 0
    assert evidence.facts["refused"] is True
    assert {b.node for b in target.database.sessions} == {1}


@pytest.mark.parametrize(("name", "call"), [("cut_link", "cut"), ("black_hole", "black_hole")])
def test_a_break_is_stamped_when_the_proxy_had_obeyed(name, call, fake_target, monkeypatch):
    _hurry(monkeypatch)
    target = fake_target()
    obey, returned = getattr(target.nodes[0].database_link, call), []

    def slowly(*args):
        proof = obey(*args)
        returned.append(time.monotonic_ns())
        return proof

    setattr(target.nodes[0].database_link, call, slowly)
    assert discovery.load("fault", name)({}).inject(target, 0).t_ns >= returned[0]
    target = fake_target()
    target.nodes[0].database_link.proof = {"bit_ns": 12, "refused": True}
    assert discovery.load("fault", name)({}).inject(target, 0).t_ns == 12


def test_a_session_that_waits_for_a_lock_does_not_count_as_connected(fake_target):
    target = fake_target()
    first = target.database.sessions[0]
    waiting = type(first)(**{**_fields(first), "wait_event_type": "Lock", "state": "active"})
    target.database.sessions[0] = waiting
    evidence = discovery.load("fault", "cut_link")({}).inject(target, 0)
    assert evidence.facts["held_after"] == 1


def test_a_cut_that_leaves_sessions_listening_is_a_fault_error(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults.cut_link.GONE_S", 0.05)
    target = fake_target()
    target.nodes[0].database_link.bites = False
    with pytest.raises(FaultError, match="still has 2 sessions"):
        discovery.load("fault", "cut_link")({}).inject(target, 0)


def test_a_black_hole_is_proven_by_busy_sessions_that_stop(fake_target, monkeypatch):
    _hurry(monkeypatch)
    target = fake_target()
    evidence = discovery.load("fault", "black_hole")({}).inject(target, 0)
    assert evidence.facts["sessions_that_worked_before"] == 2
    assert evidence.facts["sessions_after"] == 2


def test_a_black_hole_around_which_the_node_works_on_is_a_fault_error(fake_target, monkeypatch):
    _hurry(monkeypatch)
    target = fake_target()
    target.nodes[0].database_link.bites = False
    with pytest.raises(FaultError, match="still worked"):
        discovery.load("fault", "black_hole")({}).inject(target, 0)


def test_a_black_hole_on_an_idle_node_needs_the_proxys_own_proof(fake_target, monkeypatch):
    _hurry(monkeypatch)
    target = fake_target()
    target.database.busy = False
    assert discovery.load("fault", "black_hole")({}).inject(target, 0).facts["refused"] is True
    target.nodes[0].database_link.proof = {}
    with pytest.raises(FaultError, match="nothing shows"):
        discovery.load("fault", "black_hole")({}).inject(target, 0)


@pytest.mark.parametrize("direction", ["both", "statements", "answers"])
def test_a_black_hole_may_take_one_direction(direction, fake_target, monkeypatch):
    _hurry(monkeypatch)
    target = fake_target()
    discovery.load("fault", "black_hole")({"direction": direction}).inject(target, 0)
    assert target.nodes[0].database_link.directions == [direction]


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(FaultError, match="one of both, statements, answers, got 'up'"):
        discovery.load("fault", "black_hole")({"direction": "up"})


def test_a_limit_of_bytes_is_proven_by_a_session_that_ended(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults.cut_after_bytes.GONE_S", 0.05)
    target = fake_target()
    facts = discovery.load("fault", "cut_after_bytes")({}).inject(target, 0).facts
    assert (facts["sessions_before"], facts["sessions_ended"]) == (2, 2)
    target = fake_target()
    target.nodes[0].database_link.bites = False
    with pytest.raises(FaultError, match="expected at least one of node 0's 2 sessions to end"):
        discovery.load("fault", "cut_after_bytes")({}).inject(target, 0)
    with pytest.raises(FaultError, match="both 0, which is no limit"):
        discovery.load("fault", "cut_after_bytes")({"answers_bytes": 0}).inject(fake_target(), 0)


def test_a_slow_link_needs_a_round_trip_that_grew(fake_target):
    target = fake_target()
    target.nodes[0].database_link.proof = {"round_trip_before_ms": 1.0, "round_trip_ms": 101.0}
    fault = discovery.load("fault", "slow_link")({"latency_ms": 100})
    assert fault.inject(target, 0).facts["round_trip_ms"] == 101.0
    target.nodes[0].database_link.proof = {"round_trip_before_ms": 1.0, "round_trip_ms": 2.0}
    with pytest.raises(FaultError, match="50 ms more"):
        fault.inject(target, 0)


@pytest.mark.parametrize("name", LINK_FAULTS)
def test_healing_restores_only_its_own_link_and_may_be_asked_twice(name, fake_target):
    target = fake_target()
    fault = discovery.load("fault", name)({})
    fault.heal(target, 0)
    fault.heal(target, 0)
    assert [node.database_link.restored for node in target.nodes] == [2, 0]


@pytest.mark.parametrize("name", LINK_FAULTS)
def test_a_hidden_database_has_no_link_to_break(name, fake_target):
    target = fake_target(hidden=True)
    fault = discovery.load("fault", name)({})
    with pytest.raises(FaultError, match="no view of fake's database"):
        fault.inject(target, 0)
    fault.heal(target, 0)


@pytest.mark.parametrize("name", [*LINK_FAULTS, "kill_node", "drain_node"])
def test_a_node_that_the_target_lacks_is_named(name, fake_target):
    target = fake_target(1)
    fault = discovery.load("fault", name)({})
    with pytest.raises(FaultError, match=r"planned for node 1, but fake has 1 node"):
        fault.inject(target, 1)
    fault.heal(target, 1)


@pytest.mark.parametrize("name", [*LINK_FAULTS, "kill_node", "drain_node"])
def test_an_unknown_param_is_refused(name):
    with pytest.raises(FaultError, match="got nonsense"):
        discovery.load("fault", name)({"nonsense": 1})


def _hurry(monkeypatch):
    for name, seconds in (("BEFORE_S", 0.0), ("WATCH_S", 0.0), ("FROZEN_S", 0.05)):
        monkeypatch.setattr(f"chaos.faults.black_hole.{name}", seconds)


def _fields(backend):
    return {name: getattr(backend, name) for name in backend.__slots__}


def test_a_blip_ends_the_sessions_at_work_alone(fake_target):
    target = fake_target()
    first = target.database.sessions[0]
    held = type(first)(**{**_fields(first), "state": "active", "wait_event": "SyncRep"})
    target.database.sessions[0] = held
    facts = discovery.load("fault", "blip")({}).inject(target, 0).facts
    assert (facts["sessions_ended"], facts["waits"]) == (1, ["SyncRep"])
    assert [b.node for b in target.database.sessions] == [0, 1, 1]


def test_a_blip_that_ends_nothing_is_a_fault_error(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults.blip.GONE_S", 0.05)
    target = fake_target()
    target.database.undying = True
    with pytest.raises(FaultError, match="some are there"):
        discovery.load("fault", "blip")({}).inject(target, 0)
    target.database.sessions = [b for b in target.database.sessions if b.node != 0]
    with pytest.raises(FaultError, match="no session"):
        discovery.load("fault", "blip")({}).inject(target, 0)
