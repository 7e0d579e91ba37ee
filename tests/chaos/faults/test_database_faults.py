"""Faults of the database itself and of its sessions: what shows that each bit and ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iceworthy import discovery
from iceworthy.words.errors import FaultError

LOCKS = ("hold_table_lock", "hold_row_lock")


def load(name, **params):
    return discovery.load("fault", name)(params)


def test_all_sessions_of_the_node_end_and_no_others(fake_target):
    target = fake_target()
    facts = load("terminate_backends").inject(target, 0).facts
    assert (facts["sessions_before"], facts["sessions_ended"]) == (2, 2)
    assert {one.node for one in target.database.sessions} == {1}


def test_sessions_that_stay_are_a_fault_error(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults.terminate_backends.GONE_S", 0.05)
    target = fake_target()
    target.database.undying = True
    with pytest.raises(FaultError, match="2 of 2 sessions"):
        load("terminate_backends").inject(target, 0)


def test_a_role_without_connections_gets_its_limit_back(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults.use_up_connections.WATCH_S", 0.0)
    target = fake_target()
    target.database.limit = 40
    fault = load("use_up_connections")
    facts = fault.inject(target, 0).facts
    assert (facts["roles"], facts["sessions_before"], facts["sessions_after"]) == (["nodes"], 2, 0)
    assert target.database.limit == 0
    fault.heal(target, 0)
    assert target.database.limit == 40


def test_sessions_that_come_back_show_that_connections_are_left(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults.use_up_connections.WATCH_S", 0.0)
    monkeypatch.setattr("chaos.faults.use_up_connections.GONE_S", 0.05)
    target = fake_target()
    target.database.undying = True
    with pytest.raises(FaultError, match="has 2 sessions"):
        load("use_up_connections").inject(target, 0)


def test_a_read_only_database_refuses_a_write_and_takes_it_again(fake_target):
    target = fake_target()
    fault = load("read_only_database")
    assert "read-only transaction" in fault.inject(target, 0).facts["write_refused"]
    with pytest.raises(FaultError, match="no write before"):
        load("read_only_database").inject(target, 0)
    fault.heal(target, 0)
    assert not target.database.read_only


@pytest.mark.parametrize(
    ("name", "relation"), [("hold_table_lock", "c.inserted"), ("hold_row_lock", "c.often")]
)
def test_a_lock_is_on_the_most_written_table_and_somebody_waits(name, relation, fake_target):
    target = fake_target()
    fault = load(name)
    facts = fault.inject(target, 0).facts
    assert (facts["relation"], facts["waiting_by_node"]) == (relation, {"0": 1})
    assert target.database.holds[0].held
    fault.heal(target, 0)
    fault.heal(target, 0)
    assert not target.database.holds[0].held
    assert load(name, table=2).inject(target, 0).facts["relation"] != relation


def test_a_row_that_nobody_writes_again_is_let_go_and_the_one_before_it_taken(
    fake_target, monkeypatch
):
    monkeypatch.setattr("chaos.faults._locks.NEXT_S", 0.01)
    target = fake_target()
    target.database.unwanted = 3
    evidence = load("hold_row_lock").inject(target, 0)
    assert target.database.skipped == [0, 1, 2, 3]
    assert [hold.held for hold in target.database.holds] == [False, False, False, True]
    assert (evidence.facts["tried"], evidence.facts["waiting_by_node"]) == (4, {"0": 1})


def test_the_rows_that_are_tried_are_bounded(fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults._locks.NEXT_S", 0.01)
    monkeypatch.setattr("chaos.faults._locks.MET_S", 0.01)
    target = fake_target()
    target.database.unwanted = 99
    with pytest.raises(FaultError, match="nor for 5 others"):
        load("hold_row_lock").inject(target, 0)
    assert len(target.database.holds) == 6
    target.database.holds.clear()
    with pytest.raises(FaultError, match="waited for it; is there"):
        load("hold_table_lock").inject(target, 0)
    assert len(target.database.holds) == 1


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_for_which_nobody_waits_proves_nothing(name, fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults._locks.MET_S", 0.05)
    monkeypatch.setattr("chaos.faults._locks.NEXT_S", 0.01)
    target = fake_target()
    target.database.waiters = False
    with pytest.raises(FaultError, match="no session of a node waited"):
        load(name).inject(target, 0)
    with pytest.raises(FaultError, match="expected table 9"):
        load(name, table=9).inject(target, 0)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_stays_is_named_with_the_line_that_ends_it(name, fake_target, monkeypatch):
    monkeypatch.setattr("chaos.faults._locks.RELEASED_S", 0.05)
    target = fake_target()
    fault = load(name)
    fault.inject(target, 0)
    target.database.holds[0].release = lambda: None
    with pytest.raises(FaultError, match=r"select pg_terminate_backend\(77\)"):
        fault.heal(target, 0)


@pytest.mark.parametrize("name", ["database_crash", "database_restart"])
def test_a_server_that_ended_lets_nobody_in_and_is_another_one_afterwards(name, fake_target):
    target = fake_target()
    fault = load(name)
    facts = fault.inject(target, 0).facts
    assert "cannot log in" in facts["refusal"]
    more = fault.heal(target, 0).facts
    assert (facts["born"], more["born_again"], more["sessions_before"]) == (1.0, 2.0, 4)
    assert fault.heal(target, 0) is None
    assert target.database.server.running


@pytest.mark.parametrize("name", ["database_crash", "database_restart"])
def test_a_server_that_answers_on_did_not_end(name, fake_target):
    target = fake_target()
    target.database.server.immortal = True
    with pytest.raises(FaultError, match="still answers"):
        load(name).inject(target, 0)
    target.database.server = None
    with pytest.raises(FaultError, match="start again"):
        load(name).inject(target, 0)


def test_an_aimed_crash_does_not_ask_the_dead_database_how_it_ended(fake_target):
    target = fake_target()
    target.database.sessions[0] = replace(target.database.sessions[0], xid="741")
    moment = load("database_crash", when="written").inject(target, 0).facts["moment"]
    assert moment["session"]["xid"] == "741"
    assert "transaction" not in moment
