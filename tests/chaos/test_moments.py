"""A fault fires at the moment that it is aimed at, says how long it took, and never guesses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos import moments
from iceworthy import discovery
from iceworthy.words.errors import FaultError


def load(name, **params):
    return discovery.load("fault", name)(params)


@pytest.mark.parametrize(
    ("when", "state"),
    [
        ("working", {"state": "idle in transaction"}),
        ("written", {"xid": "741"}),
        ("lock_wait", {"wait_event_type": "Lock"}),
        ("durable", {"wait_event": "SyncRep"}),
    ],
)
def test_each_moment_is_a_state_of_a_session_of_the_node(when, state, fake_target):
    target = fake_target()
    with pytest.raises(FaultError, match=f"in the moment {when!r}"):
        load("kill_node", when=when, within_s=0.01).inject(target, 0)
    target.database.sessions[0] = replace(target.database.sessions[0], **state)
    with pytest.raises(FaultError, match="0 were seen"):
        load("kill_node", when=when, within_s=0.01).inject(target, 1)
    assert target.nodes[1].is_running()
    told = load("kill_node", when=when).inject(target, 0).facts["moment"]
    assert told["when"] == when
    assert told["trigger_to_effect_ms"] >= 0
    assert not target.nodes[0].is_running()


def test_the_fate_of_the_transaction_shows_whether_the_fault_was_in_time(fake_target):
    target = fake_target()
    target.database.sessions[0] = replace(target.database.sessions[0], xid="741")
    target.database.fates = {"741": "aborted"}
    told = load("kill_node", when="written").inject(target, 0).facts["moment"]
    assert (told["transaction"], told["session"]["xid"]) == ("aborted", "741")


def test_the_nth_session_counts_each_transaction_once(fake_target, monkeypatch):
    target = fake_target()
    seen = iter(["1", "1", "2", "2", "3"])
    plain = target.database.sessions[0]
    monkeypatch.setattr(target.database, "activity", lambda: [replace(plain, xid=next(seen))])
    found = moments.seen("written", target, target.database, 0, nth=3, within_s=5.0)
    assert (found.session.xid, found.nth) == ("3", 3)


def test_commits_are_held_for_durable_and_let_go_whatever_happens(fake_target, monkeypatch):
    target, calls = fake_target(), []
    for name in ("hold_acks", "release_acks"):
        monkeypatch.setattr(target.database, name, lambda name=name: calls.append(name))
    with pytest.raises(FaultError):
        load("pause_node", when="durable", within_s=0.01).inject(target, 0)
    assert calls == ["hold_acks", "release_acks"]


def test_an_unknown_moment_and_a_hidden_database_are_named(fake_target):
    with pytest.raises(FaultError, match="known: working, written"):
        load("kill_node", when="soon")
    with pytest.raises(FaultError, match="view of the database"):
        load("kill_node", when="written").inject(fake_target(hidden=True), 0)
