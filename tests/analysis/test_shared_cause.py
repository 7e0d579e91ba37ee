"""A requirement about a fault fails by evidence of that fault; other reds name their cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis import judge, requirements
from analysis.judge import judge_review
from analysis.requirements import Basis, Judge, requirement
from analysis.shared_cause import FaultTimes, Red, by_judge, has_own_evidence, same_cause
from iceworthy.record.findings_file import read_findings
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.verdict import Judgement, Verdict

S = 10**9
DRAINED = FaultTimes(stretches=((4 * S, 12 * S),), load_end_ns=20 * S)
Make = Callable[..., ReviewVerdicts]


def fail_at(*spans: tuple[float, float]) -> Verdict:
    grounds = tuple(
        Ground(kind=EvidenceKind.CONTENT, spans=((int(a * S), int(b * S)),)) for a, b in spans
    )
    return Verdict(name="phantom", judgement=Judgement.FAIL, reason="why", grounds=grounds)


@pytest.mark.parametrize(
    ("spans", "own"),
    [
        ([(6, 6.1)], True),
        ([(3.9, 4.1)], True),
        ([(20.5, 21)], True),  # the audit's reads tell what the fault left behind
        ([(6, 6.1), (15, 15.1)], True),
        ([], True),  # without a time nothing speaks against it
        ([(0, 0)], True),
        ([(1, 1.1)], False),
        ([(15, 15.1)], False),
        ([(1, 1.1), (6, 6.1)], False),
        ([(1, 1.1), (20.5, 21)], False),
    ],
)
def test_evidence_is_of_a_fault_if_it_met_it_and_none_was_there_before(
    spans: list[tuple[float, float]], own: bool
) -> None:
    assert has_own_evidence(fail_at(*spans), DRAINED) is own


def test_the_same_verdict_or_a_common_operation_is_the_same_cause() -> None:
    stale = Red(judge="real_time", experiment="steady", operations=frozenset({"load-0:1"}))
    order = Red(judge="linearizability", experiment="steady", operations=frozenset({"load-0:1"}))
    other = Red(judge="names", experiment="steady", operations=frozenset({"load-0:2"}))
    known = {"FR-007": [stale]}
    assert same_cause([stale], known) == "FR-007"
    assert same_cause([order], known) == "FR-007"
    assert same_cause([order, other], known) == ""
    assert same_cause([], known) == ""
    elsewhere = Red(judge="names", experiment="cut_link", operations=order.operations)
    assert same_cause([elsewhere], known) == ""
    assert by_judge("real_time", known) == "FR-007"
    assert by_judge("phantom", known) == ""


def row(found: ReviewVerdicts, name: str) -> RequirementVerdict:
    return next(one for one in found.requirements if one.id == name)


@pytest.fixture
def review(tmp_path: Path, synthetic: Callable[..., Any]) -> Make:
    """A review; in each experiment, tables whose creation was refused are shown then (seconds)."""

    def make(**shown_at: list[float]) -> ReviewVerdicts:
        for name, seconds in shown_at.items():
            run = synthetic(name).calm()
            if name == "drain_node":
                run.fault("drain_node", 8.0, 10.0)
                run.end(0, 1000, 8.0)
                run.op("loadTable", 7.95, took_ms=100.0)
            for number, at_s in enumerate(seconds, start=1):
                key = f"{run.SPACE}/refused{number}"
                run.op("loadTable", at_s - 0.02, key=key, status=404)
                run.op("createTable", at_s, key=key, status=400)
                run.op("loadTable", at_s + 0.02, key=key)
            run.done()
        (tmp_path / "review.json").write_text(json.dumps({"experiments": [*shown_at]}))
        return judge_review(tmp_path)

    return make


def test_in_a_run_in_which_nothing_was_broken_no_requirement_about_a_fault_fails(
    review: Make, tmp_path: Path
) -> None:
    found = review(steady=[9.0])
    assert "phantom" in found.experiments["steady"].failed
    assert row(found, "FR-004").verdict == "fail"
    for name in ("EC-1", "EC-4"):
        assert row(found, name).verdict == "unknown"
        assert row(found, name).reason.startswith("same cause as FR-004")
    for name in ("FR-016", "EC-2"):
        assert row(found, name).verdict == "fail"
        assert row(found, name).reason.startswith("same cause as FR-004: ")
    assert found.verdict == "fail"
    broken = [one.requirements for one in read_findings(tmp_path) if "phantom" in one.shown_by]
    assert broken == [("EC-2", "FR-004", "FR-016")]


def test_what_only_the_fault_brings_forth_fails_the_requirement_about_it(review: Make) -> None:
    found = review(steady=[], drain_node=[9.0])
    assert "phantom" in found.experiments["drain_node"].failed
    assert row(found, "EC-4").verdict == "fail"
    assert row(found, "EC-1").verdict == "unknown"  # the link was never cut


@pytest.mark.parametrize("seconds", [[3.0], [3.0, 9.0]])
def test_what_was_there_before_the_fault_is_not_its_doing(
    review: Make, seconds: list[float]
) -> None:
    found = review(steady=[], drain_node=seconds)
    assert row(found, "EC-4").verdict == "unknown"
    assert "same cause as FR-004" in row(found, "EC-4").reason
    assert row(found, "FR-004").verdict == "fail"


def test_a_judge_that_fails_without_a_fault_too_does_not_accuse_the_fault(review: Make) -> None:
    found = review(steady=[9.0], drain_node=[9.0])
    assert row(found, "EC-4").verdict == "unknown"
    assert "same cause as FR-004" in row(found, "EC-4").reason


def test_where_its_own_evidence_holds_a_fail_elsewhere_leaves_it_confirmed(
    review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutdown = replace(
        requirement("EC-4"),
        bases=(
            Basis(judge=Judge("graceful_shutdown"), required=("drain_node",)),
            Basis(judge=Judge("phantom")),
        ),
    )
    known = tuple(shutdown if one.id == "EC-4" else one for one in requirements.REQUIREMENTS)
    monkeypatch.setattr(judge, "REQUIREMENTS", known)
    found = review(steady=[9.0], drain_node=[])
    assert row(found, "EC-4").verdict == "pass"
    assert row(found, "FR-004").verdict == "fail"
