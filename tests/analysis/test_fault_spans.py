"""Fault spans pair what was injected with its proof and its heal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.fault_spans import MARGIN_NS, acted_until, breaks, broke_link, fault_spans
from iceworthy.record import fault_spans as record
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEvent
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


def test_a_fault_acts_for_sure_until_its_undoing_began(synthetic: Any) -> None:
    run = synthetic("cut_link")
    run.fault("cut_link", 4.0, 8.0)
    run.fault("cut_link", 11.0, 14.0, mending_s=12.0)
    run.fault("cut_link", 16.0, 18.0, mending_s=17.9)
    old, slow, quick = fault_spans(run.done())
    assert acted_until(old) == old.heal_ns - MARGIN_NS
    assert acted_until(slow) == slow.heal_ns - 2 * 10**9
    assert acted_until(quick) == quick.heal_ns - MARGIN_NS


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


def test_a_fault_that_no_judge_has_met_counts_by_what_its_file_declares(synthetic: Any) -> None:
    run = synthetic("cut_link")
    own = {"fault": "a_new_fault", "node": 0, "facts": {"a": 1}, "takes_away": ["database"]}
    for event, t_ns in (("inject", 1), ("bit", 2), ("heal", 3)):
        append_line(run.folder, "faults", event=event, t_ns=t_ns, **own)
    (span,) = fault_spans(run.done())
    assert broke_link(span)


def test_faults_of_a_run_before_formats_had_numbers_keep_their_meaning(tmp_path: Path) -> None:
    lines = [
        {"fault": fault, "event": event, "t_ns": 1, "node": 0, "facts": {"a": 1}}
        for fault in ("cut_link", "kill_node", "slow_link")
        for event in ("inject", "bit", "heal")
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    folder = RunFolder(tmp_path)
    folder.stream_file(FaultEvent).write_text(text, encoding="utf-8")
    found = list(folder.read(FaultEvent))
    assert [line.interrupts for line in found[::3]] == [True, True, False]
    assert [broke_link(span) for span in record.fault_spans(found)] == [True, False, False]


def test_a_fault_of_the_database_itself_is_a_break_of_every_node(synthetic: Any) -> None:
    run = synthetic("cut_link")
    own = {"fault": "database_crash", "node": None, "facts": {"a": 1}, "takes_away": ["database"]}
    for event, t_ns in (("inject", 1), ("bit", 2), ("heal", 9)):
        append_line(run.folder, "faults", event=event, t_ns=t_ns, **own)
    run.fault("cut_link", 11.0, 12.5, node=1)
    assert [(span.fault, span.node) for span in breaks(run.done())] == [
        ("database_crash", 0),
        ("database_crash", 1),
        ("cut_link", 1),
    ]
