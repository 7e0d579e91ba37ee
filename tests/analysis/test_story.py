"""The steps of an experiment are events of its history, in the order of their times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from analysis.story import story_of, story_of_operations
from iceworthy.record.history import NULL_PARENT

FAULT = [{"fault": "drain_node", "at_s": 4.0, "hold_s": 1.0, "node": 0}]


@pytest.fixture
def run(synthetic: Callable[..., Any]) -> Any:
    return synthetic("steady")


def texts(lines: Any) -> list[str]:
    return [line.text for line in lines]


def test_a_fault_has_its_bite_what_was_in_flight_its_heal_and_the_first_write_after(
    run: Any,
) -> None:
    run.op("loadTable", 1.0)
    run.op("loadTable", 3.9, took_ms=400)
    run.op("updateTable", 3.95, took_ms=200, status=409)
    run.op("loadTable", 3.9, took_ms=400, node=1)
    run.fault("drain_node", 4.0, 6.0, node=0, facts={"sessions": 3, "pid": 12, "asked_ns": 5})
    run.op("loadTable", 5.0, status=0)
    run.op("loadTable", 5.0, node=1)
    run.op("updateTable", 7.0, took_ms=50)
    run.op("updateTable", 7.5)
    said = texts(story_of(run.done()))
    assert said[0].startswith("1000 sessions of mix begin, over 2 nodes")
    bites, flying, *sent, healed, first, last = said[1:]
    assert bites == "drain_node bites on node 0 (sessions 3)"
    assert sorted(flying.removeprefix("in flight then on node 0: ").split(": ", 1)) == [
        "1 2xx, 1 409",
        "2 operations",
    ]
    assert sent == [
        "sent since to node 0: 1 operation: 1 without an answer",
        "sent since to node 1: 1 operation: 1 2xx",
    ]
    assert healed == "drain_node is healed on node 0"
    assert first.startswith("the first write after it is acknowledged by node 0: updateTable, ")
    assert first.endswith(" s after the heal")
    assert last.startswith("the last of 8 operations: 6 2xx")


def test_times_are_seconds_after_t0_and_ascend(run: Any) -> None:
    run.op("loadTable", 1.0)
    run.fault("cut_link", 4.0, 6.0, node=1, facts={"closed": True})
    run.op("loadTable", 8.0, took_ms=500)
    lines = story_of(run.done())
    assert [line.at_s for line in lines] == sorted(line.at_s for line in lines)
    assert lines[0].at_s == pytest.approx(1.0)
    assert lines[-1].at_s == pytest.approx(8.5)
    assert str(lines[0]).startswith("   +1.000 s  ")


def test_a_node_that_acknowledges_nothing_after_the_heal_is_named(run: Any) -> None:
    run.op("updateTable", 1.0)
    run.fault("cut_link", 4.0, 6.0, node=0, facts={"closed": True})
    run.op("updateTable", 7.0, status=503)
    run.op("updateTable", 7.0, node=1)
    assert "no write that was sent after the heal was acknowledged by node 0" in texts(
        story_of(run.done())
    )


def test_a_fault_that_did_not_bite_is_said_to_be_injected(run: Any) -> None:
    run.op("updateTable", 1.0)
    run.fault("cut_link", 4.0, None, node=0, facts={})
    assert "cut_link is injected on node 0, and nothing shows that it bit" in texts(
        story_of(run.done())
    )


def test_without_faults_the_steps_are_those_of_races(run: Any) -> None:
    run.op("updateTable", 1.0, value=5, parent=NULL_PARENT)
    run.op("updateTable", 2.0, value=7, parent=5, took_ms=50, session=1)
    run.op("updateTable", 2.01, value=9, parent=5, took_ms=50, session=2, node=1, status=409)
    run.op("updateTable", 9.0, value=11, parent=5, session=3, status=409)  # no race: it came later
    _, *steps, _ = texts(story_of(run.done()))
    assert [step.split(" sends ")[0].split(" gets ")[0] for step in steps] == [
        "session 1 on node 0",
        "session 2 on node 1",
        "session 1 on node 0",
        "session 2 on node 1",
    ]
    assert " gets 200 for updateTable of " in steps[2]
    assert steps[3].endswith(", snapshot …000009 on …000005")
    assert " gets 409 for " in steps[3]


def test_operations_are_shown_by_their_ids_and_unknown_ids_are_left_out(run: Any) -> None:
    row = run.op("loadTable", 2.0, value=7, status=0, session=4)
    run.op("loadTable", 3.0)
    made = run.done()
    steps = texts(story_of_operations(made, [f"load-0:{row}", "load-9:1", f"load-0:{row}"]))
    assert len(steps) == 2
    assert steps[0].startswith("session 4 on node 0 sends loadTable of ")
    assert "gets no answer, snapshot …000007, for loadTable" in steps[1]


def test_a_run_without_operations_has_no_steps(run: Any) -> None:
    assert story_of(run.done()) == ()
