"""The operations that a fail names are drawn; those of a pass are not."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.report_witness import drawings_of, judges_drawn, witnesses
from iceworthy.record.verdicts import ExperimentRuling
from iceworthy.words.finding import Cause, Finding
from iceworthy.words.verdict import Judgement


def ruling(verdict: Judgement, *evidence: dict[str, Any]) -> ExperimentRuling:
    return ExperimentRuling(judge="cas_exclusivity", verdict=verdict, evidence=evidence)


@pytest.fixture
def run(synthetic: Any) -> Any:
    made = synthetic("contention")
    for i in range(3):
        made.op("updateTable", 1.0 + i / 100, node=i % 2, session=i + 5, value=123_456_789 + i)
    return made.done()


def test_operations_that_the_evidence_names_are_drawn(run: Any) -> None:
    one = ruling(Judgement.FAIL, {"op": "load-0:0", "seen_by": ["load-0:2"], "other": "load-0:99"})
    html = witnesses(run, [one], [])
    assert html.count('class="op ') == 2
    for words in (
        "session 5 → node 0",
        "session 7 → node 0",
        "snapshot …456789",
        "updateTable sales/orders",
        "200, ok",
        "cas_exclusivity, sales/orders",
    ):
        assert words in html, words
    assert "session 6" not in html


def test_a_pass_and_a_fail_without_operations_draw_nothing(run: Any) -> None:
    passed = ruling(Judgement.PASS, {"op": "load-0:0"})
    assert witnesses(run, [passed, ruling(Judgement.FAIL, {"probe": "ready"})], []) == ""


def test_a_finding_has_the_drawing_of_its_operations_and_its_experiment_not_twice(run: Any) -> None:
    cause = Cause(rule="cas_exclusivity")
    own = Finding(
        cause=cause, title="t", operations=("load-0:0", "load-0:1"), recorded_in="contention"
    )
    other = Finding(cause=cause, title="t", operations=("load-0:0",), recorded_in="steady")
    lost = Finding(cause=cause, title="t", operations=("load-0:77",), recorded_in="contention")
    drawn = drawings_of(run, [other, own, lost, Finding(cause=cause, title="t")])
    assert list(drawn) == [2]
    assert drawn[2].count('class="op ') == 2
    assert "session 6 → node 1" in drawn[2]
    one = ruling(Judgement.FAIL, {"op": "load-0:0"})
    assert witnesses(run, [one], [], {"cas_exclusivity"}) == ""


def test_each_judge_that_saw_a_finding_is_drawn_with_it() -> None:
    both = Finding(cause=Cause(rule="a"), title="t", shown_by=("a", "b"))
    other = Finding(cause=Cause(rule="c"), title="t")
    assert judges_drawn([1], [both, other]) == {"a", "b"}
    assert judges_drawn([2], [both, other]) == {"c"}
