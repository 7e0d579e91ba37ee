"""Faults of a node's process: what shows that they bit, and that healing brings the node back."""

from __future__ import annotations

import signal
import time

import pytest

from chaos.faults import squeeze_cpu, squeeze_memory
from iceworthy import discovery
from iceworthy.words.errors import FaultError, TargetError

NODE_FAULTS = ("drain_node", "kill_node")


def test_a_kill_is_proven_by_the_exit_code_and_names_what_was_open(fake_target):
    target = fake_target()
    facts = discovery.load("fault", "kill_node")({}).inject(target, 1).facts
    assert facts["code"] == -9
    assert (facts["connections"], facts["sessions"]) == (7, 2)
    assert not target.nodes[1].is_running()


def test_a_kill_is_stamped_when_the_process_was_seen_dead(fake_target, monkeypatch):
    target = fake_target()
    seen = []

    def wait_exit(*, deadline_s):
        seen.append(time.monotonic_ns())
        return -9

    monkeypatch.setattr(target.nodes[1], "wait_exit", wait_exit)
    evidence = discovery.load("fault", "kill_node")({}).inject(target, 1)
    assert evidence.facts["began_ns"] <= seen[0] <= evidence.t_ns


def test_a_node_that_survives_a_kill_is_a_fault_error(fake_target):
    target = fake_target()
    target.nodes[0].deaf_to = (signal.SIGKILL,)
    with pytest.raises(FaultError, match="lives"):
        discovery.load("fault", "kill_node")({}).inject(target, 0)


def test_a_node_that_ended_by_itself_just_before_the_kill_was_not_killed(fake_target):
    target = fake_target()
    target.nodes[0].code = 3
    target.nodes[0].deaf_to = (signal.SIGKILL,)
    with pytest.raises(FaultError, match="by itself"):
        discovery.load("fault", "kill_node")({}).inject(target, 0)


def test_all_nodes_are_killed_before_the_first_is_waited_for(fake_target, monkeypatch):
    target, order = fake_target(), []
    for node in target.nodes:
        send, wait = node.signal, node.wait_exit
        monkeypatch.setattr(
            node, "signal", lambda number, send=send: order.append("signal") or send(number)
        )
        monkeypatch.setattr(
            node, "wait_exit", lambda wait=wait, **words: order.append("wait") or wait(**words)
        )
    fault = discovery.load("fault", "kill_all_nodes")({})
    evidence = fault.inject(target, 0)
    assert evidence.facts["codes"] == [-9, -9]
    assert order == ["signal", "signal", "wait", "wait"]
    fault.heal(target, 0)
    assert all(node.is_running() for node in target.nodes)


def test_a_node_that_outlives_the_kill_of_all_is_named(fake_target):
    target = fake_target()
    target.nodes[1].deaf_to = (signal.SIGKILL,)
    with pytest.raises(FaultError, match="got: node 0 ended with -9, node 1 lives on"):
        discovery.load("fault", "kill_all_nodes")({}).inject(target, 0)


def test_sigterm_is_proven_by_a_living_process_that_was_asked(fake_target):
    target = fake_target()
    facts = discovery.load("fault", "drain_node")({}).inject(target, 0).facts
    assert facts["asked_ns"] > 0
    assert facts["connections"] == 7
    assert target.nodes[0].signals == [signal.SIGTERM]


def test_a_node_that_ignores_sigterm_is_killed_at_its_limit_and_that_is_said(fake_target):
    target = fake_target()
    target.nodes[0].deaf_to = (signal.SIGTERM,)
    fault = discovery.load("fault", "drain_node")({})
    fault.inject(target, 0)
    more = fault.heal(target, 0)
    assert target.nodes[0].signals == [signal.SIGTERM, signal.SIGKILL]
    assert target.nodes[0].is_running()
    assert more.facts["forced"] is True


def test_a_node_that_survives_sigkill_is_an_error_that_carries_what_was_done(
    fake_target, monkeypatch
):
    target = fake_target()
    target.nodes[0].deaf_to = (signal.SIGTERM, signal.SIGKILL)
    fault = discovery.load("fault", "drain_node")({})
    fault.inject(target, 0)
    with pytest.raises(FaultError, match="after SIGKILL") as caught:
        fault.heal(target, 0)
    assert caught.value.evidence.facts["forced"] is True


@pytest.mark.parametrize("name", NODE_FAULTS)
def test_healing_starts_the_node_once_and_only_where_it_does_not_run(name, fake_target):
    target = fake_target()
    fault = discovery.load("fault", name)({})
    fault.heal(target, 0)
    assert target.nodes[0].starts == []
    fault.inject(target, 0)
    fault.heal(target, 0)
    fault.heal(target, 0)
    assert target.nodes[0].starts == ["restart"]
    assert target.nodes[0].is_running()


@pytest.mark.parametrize("name", NODE_FAULTS)
def test_a_node_that_does_not_come_back_is_an_error_of_the_target(name, fake_target):
    target = fake_target()
    fault = discovery.load("fault", name)({})
    fault.inject(target, 0)
    target.nodes[0].comes_back = False
    with pytest.raises(TargetError):
        fault.heal(target, 0)


@pytest.mark.parametrize("name", NODE_FAULTS)
def test_a_target_without_a_process_of_its_own_cannot_lose_one(name, fake_target):
    target = fake_target(command=())
    fault = discovery.load("fault", name)({})
    with pytest.raises(FaultError, match="only known by its URL"):
        fault.inject(target, 0)
    fault.heal(target, 0)


@pytest.mark.parametrize("name", NODE_FAULTS)
def test_a_node_that_is_already_down_cannot_be_broken_again(name, fake_target):
    target = fake_target()
    target.nodes[0].running = False
    with pytest.raises(FaultError, match="has no process"):
        discovery.load("fault", name)({}).inject(target, 0)


def test_a_pause_is_proven_by_the_silence_of_a_living_process(fake_target):
    target = fake_target()
    fault = discovery.load("fault", "pause_node")({})
    facts = fault.inject(target, 1).facts
    assert (facts["connections"], facts["silent_s"] >= 0) == (7, True)
    assert target.nodes[1].is_running()
    before = target.nodes[1].incarnation
    fault.heal(target, 1)
    fault.heal(target, 1)
    assert (target.nodes[1].incarnation, target.nodes[1].starts) == (before, [])
    assert signal.SIGCONT in target.nodes[1].signals


def test_a_node_that_goes_on_or_ends_was_not_paused(fake_target):
    target = fake_target()
    target.nodes[0].deaf_to = (signal.SIGSTOP,)
    with pytest.raises(FaultError, match="still answers"):
        discovery.load("fault", "pause_node")({}).inject(target, 0)
    target.nodes[1].comes_back = False
    with pytest.raises(TargetError):
        discovery.load("fault", "pause_node")({}).inject(target, 1)


def test_a_squeeze_is_proven_by_how_often_the_node_was_held_back(fake_target):
    target = fake_target()
    fault = discovery.load("fault", "squeeze_cpu")({"share": 0.1})
    evidence = fault.inject(target, 1)
    assert evidence.facts["share"] == 0.1
    more = fault.heal(target, 1)
    assert more.facts["held_back"] > evidence.facts["held_back"] >= 3
    assert more.facts["held_back_s"] > 0
    assert fault.heal(target, 1) is None
    assert target.nodes[1].squeezes == [0.1, 1.0, 1.0]
    assert target.nodes[0].squeezes == []


def test_a_node_that_uses_less_than_its_share_was_not_squeezed(fake_target, monkeypatch):
    monkeypatch.setattr(squeeze_cpu, "PROVE_S", 0.0)
    target = fake_target()
    target.nodes[0].is_idle = True
    fault = discovery.load("fault", "squeeze_cpu")({})
    with pytest.raises(FaultError, match=r"held back 0 times.*used less than 0.2 of a CPU"):
        fault.inject(target, 0)
    fault.heal(target, 0)
    assert target.nodes[0].squeezes == [0.2, 1.0]


@pytest.mark.parametrize("share", [0, 1, -0.5])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(FaultError, match="share is between 0 and 1"):
        discovery.load("fault", "squeeze_cpu")({"share": share})


def test_memory_is_squeezed_to_what_the_node_uses_and_proven_by_its_hits(fake_target):
    target = fake_target()
    fault = discovery.load("fault", "squeeze_memory")({"spare_mb": 1})
    facts = fault.inject(target, 0).facts
    assert (facts["limit_bytes"], facts["killed"]) == (1000, False)
    more = fault.heal(target, 0)
    assert more.facts["hits"] > facts["hits"] > 0
    assert target.nodes[0].squeezes == [2**20, 1.0]
    assert target.nodes[0].starts == []


def test_a_node_that_the_kernel_kills_for_its_memory_is_started_again(fake_target):
    target = fake_target()
    fault = discovery.load("fault", "squeeze_memory")({})
    fault.inject(target, 0)
    target.nodes[0].signal(signal.SIGKILL)
    assert fault.heal(target, 0).facts["killed"] is True
    assert target.nodes[0].starts == ["restart"]


def test_memory_that_was_never_short_or_has_no_limit_is_an_error(fake_target, monkeypatch):
    monkeypatch.setattr(squeeze_memory, "PROVE_S", 0.0)
    target = fake_target()
    target.nodes[0].is_idle = True
    with pytest.raises(FaultError, match="asked for no more than its 1000 bytes"):
        discovery.load("fault", "squeeze_memory")({}).inject(target, 0)
    target.nodes[1].contained = False
    with pytest.raises(FaultError, match="--runtime docker"):
        discovery.load("fault", "squeeze_memory")({}).inject(target, 1)
