"""Fault spans pair what was injected with its proof and its heal."""

from __future__ import annotations

from typing import Any

from analysis.fault_spans import broke_link, fault_spans
from tests.streams import append_line


def test_two_faults_of_one_kind_are_told_apart(synthetic: Any) -> None:
    run = synthetic("cut_link")
    run.fault("cut_link", 4.0, 8.0, facts={"a": 1})
    run.fault("cut_link", 11.0, 12.5, facts={"a": 2})
    first, second = fault_spans(run.done())
    assert (first.facts, second.facts) == ({"a": 1}, {"a": 2})
    assert first.heal_ns is not None
    assert first.heal_ns < second.inject_ns
    assert broke_link(first)
    assert first.proven


def test_a_fault_that_failed_is_not_proven(synthetic: Any) -> None:
    run = synthetic("cut_link")
    append_line(run.folder, "faults", fault="cut_link", event="inject", t_ns=1, node=0, facts={})
    append_line(
        run.folder,
        "faults",
        fault="cut_link",
        event="failed",
        t_ns=2,
        node=0,
        facts={"reason": "still connected"},
    )
    append_line(run.folder, "faults", fault="cut_link", event="heal", t_ns=3, node=0, facts={})
    (span,) = fault_spans(run.done())
    assert not span.proven
    assert span.problem == "still connected"
    assert not broke_link(span)
