"""Each fault on a real node, proxy and PostgreSQL: it bites, says so truthfully, and heals."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.stack.stack import open_stack
from iceworthy import discovery
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.target import NodeSpec, TargetSpec
from tests.waiting import until

SCRIPT = Path(__file__).with_name("pooled_node.py")
NAMES = (
    "cut_link",
    "black_hole",
    "kill_node",
    "drain_node",
    "pause_node",
    "use_up_connections",
)
COMMAND = (
    "{python}",
    str(SCRIPT),
    "{host}",
    "{port}",
    "{db_host}",
    "{db_port}",
    "{db_user}",
    "{db_password}",
    "{db_name}",
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two nodes that keep one database session each and ask it something all the time."""
    folder = RunFolder(tmp_path_factory.mktemp("faults"))
    spec = TargetSpec(name="pooled", summary="", node=NodeSpec(command=COMMAND, stop_s=3.0))
    with open_stack(spec, folder) as stack:
        yield stack


def status(live: Any, node: int) -> int:
    """What readiness answers within two seconds; 0 for nothing."""
    try:
        url = f"{live.nodes[node].url}/ready"
        return int(urllib.request.urlopen(url, timeout=2.0).status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
    except OSError:
        return 0


def becomes(live: Any, node: int, expected: int) -> bool:
    return until(lambda: status(live, node) == expected, every_s=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_bites_its_node_alone_and_heals(live, name):
    assert becomes(live, 0, 200)
    fault = discovery.load("fault", name)({})
    try:
        facts = fault.inject(live, 0).facts
        assert facts.get("sessions", facts.get("sessions_before", 1)) == 1
        until(lambda: status(live, 0) != 200)
        assert becomes(live, 1, 200)
    finally:
        fault.heal(live, 0)
    assert becomes(live, 0, 200)
    fault.heal(live, 0)
    assert live.nodes[0].is_running()


@pytest.mark.parametrize("name", ["blip", "terminate_backends"])
def test_a_session_of_the_node_ends_and_a_new_one_works(live, name):
    def sessions(node: int) -> set[int]:
        return {one.pid for one in live.database.activity() if one.node == node}

    assert becomes(live, 0, 200)
    before, others = sessions(0), sessions(1)
    facts = discovery.load("fault", name)({}).inject(live, 0).facts
    assert facts["sessions_ended"] == len(before) == 1
    assert becomes(live, 0, 200)  # without a heal
    until(lambda: bool(sessions(0)))
    assert not sessions(0) & before
    assert sessions(1) == others


def test_a_read_only_database_is_read_on_and_takes_writes_again(live):
    fault = discovery.load("fault", "read_only_database")({})
    try:
        assert "read-only" in fault.inject(live, 0).facts["write_refused"]
        assert status(live, 0) == status(live, 1) == 200
    finally:
        fault.heal(live, 0)
    live.database.query("create temporary table written (n int)")
    fault.heal(live, 0)


@pytest.mark.parametrize("name", ["database_crash", "database_restart"])
def test_a_database_ends_and_comes_back_with_all_that_was_acknowledged(live, name):
    live.database.query("create table if not exists public.kept (fault text)")
    assert becomes(live, 0, 200)
    live.database.query("insert into public.kept values (%s)", name)
    fault = discovery.load("fault", name)({})
    try:
        assert fault.inject(live, 0).facts["sessions_before"] >= 1
        live.check()
        until(lambda: status(live, 0) != 200)
        until(lambda: status(live, 1) != 200)
    finally:
        more = fault.heal(live, 0)
    assert more.facts["born_again"] > more.facts["born"]
    assert (name,) in live.database.query("select fault from public.kept")
    assert becomes(live, 0, 200)
    assert becomes(live, 1, 200)
    live.check()


def test_a_slow_link_slows_its_node_alone(live):
    fault = discovery.load("fault", "slow_link")({"latency_ms": 150})
    try:
        facts = fault.inject(live, 0).facts
        assert facts["round_trip_ms"] > 140
        assert _seconds(live, 0) > 0.14
        assert _seconds(live, 1) < 0.14, "of many looks one at least did not wait"
    finally:
        fault.heal(live, 0)
    assert _seconds(live, 0) < 0.14


def test_a_squeezed_node_gets_its_share_and_then_all_of_the_cpu_again(live):
    assert becomes(live, 0, 200)
    fault = discovery.load("fault", "squeeze_cpu")({"share": 0.1})
    try:
        assert fault.inject(live, 0).facts["held_back"] >= 3
        assert becomes(live, 0, 200)
        assert becomes(live, 1, 200)
    finally:
        more = fault.heal(live, 0)
    assert more.facts["held_back_s"] > 0.2
    quota = live.nodes[0].quota
    before = quota.held_back()
    assert becomes(live, 0, 200)
    assert quota.held_back() == before
    fault.heal(live, 0)


def test_the_faults_of_a_dead_node_can_be_healed_all_at_once(live):
    """What Ctrl-C in the middle of everything asks for."""
    names = ("cut_link", "black_hole", "kill_node", "drain_node", "slow_link")
    faults = [discovery.load("fault", name)({}) for name in names]
    faults[0].inject(live, 0)
    faults[2].inject(live, 0)
    for fault in reversed(faults):
        if fault is not faults[2]:
            fault.heal(live, 0)
    faults[2].heal(live, 0)
    assert becomes(live, 0, 200)


def test_no_thread_is_left_behind(live):
    assert [t.name for t in threading.enumerate() if t.name.startswith("stepper")] == []


def _seconds(live: Any, node: int) -> float:
    """The least of many looks: the link's latency is in each, a busy machine's pause in some."""
    looks_s = []
    for _ in range(20):
        began = time.monotonic()
        assert status(live, node) == 200
        looks_s.append(time.monotonic() - began)
    return min(looks_s)
