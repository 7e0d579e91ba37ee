"""What was asked for decides: a case, an experiment or a requirement, and nothing beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.judge import judge_review
from iceworthy.record.verdicts import ReviewVerdicts, read_review_verdicts
from iceworthy.words.verdict import Judgement

CASE = {"kind": "case", "name": "dropped", "experiment": "contract"}
WHOLE = {"kind": "experiment", "name": "contract", "experiment": "contract"}


@pytest.fixture
def asked(tmp_path: Path, synthetic: Callable[..., Any]) -> Callable[..., ReviewVerdicts]:
    """A contract run with these cases (name, ending), and a survey that found a defect, judged."""

    def make(*cases: tuple[str, str], asked: list[Any], **facts: Any) -> ReviewVerdicts:
        shutil.rmtree(tmp_path / "experiments", ignore_errors=True)
        survey = synthetic("survey", scenario=None)
        survey.finding("FR-002", works=False)
        survey.done()
        plan, evidence = facts.pop("plan", {}), facts.pop("evidence", None)
        run = synthetic("contract", scenario=None, params={"cases": ["x"]}, **plan)
        for name, ended in cases:
            run.case(ended, name=name, evidence=evidence)
        run.done()
        told = {"format": 1, "target": "reference", "experiments": ["survey", "contract"]}
        told |= {"asked": asked, "command": "iceworthy run contract --case x --seed 1", **facts}
        (tmp_path / "review.json").write_text(json.dumps(told))
        return judge_review(tmp_path)

    return make


@pytest.mark.parametrize(
    ("cases", "wanted"),
    [
        ([("dropped", "holds")], "pass"),
        ([("dropped", "holds"), ("another", "broken")], "pass"),
        ([("dropped", "broken"), ("another", "holds")], "fail"),
        ([("dropped", "unknown")], "unknown"),
        ([("dropped", "skipped")], "unknown"),
        ([("dropped", "remark")], "unknown"),
        ([("another", "holds")], "unknown"),
    ],
)
def test_a_case_is_answered_by_its_own_lines_alone(
    cases: list[tuple[str, str]], wanted: str, asked: Any, tmp_path: Path
) -> None:
    found = asked(*cases, asked=[CASE])
    assert found.verdict == found.asked[0].verdict == wanted
    assert read_review_verdicts(tmp_path) == found
    assert found.experiments["survey"].verdict is Judgement.FAIL


def test_a_pattern_and_the_name_of_an_operation_ask_for_their_cases(asked: Any) -> None:
    for name in ("drop*", "tables.dropped", "loadTable"):
        assert asked(("dropped", "broken"), asked=[{**CASE, "name": name}]).verdict == "fail"


def test_each_thing_that_was_asked_has_its_verdict_and_the_worst_is_the_whole(asked: Any) -> None:
    two = [CASE, {**CASE, "name": "another"}]
    found = asked(("dropped", "holds"), ("another", "broken"), asked=two)
    assert [one.verdict for one in found.asked] == ["pass", "fail"]
    assert found.verdict == "fail"
    assert "expected" in found.asked[1].reason


def test_a_case_that_a_guard_explains_is_unknown_as_its_requirement_is(asked: Any) -> None:
    found = asked(("dropped", "broken"), asked=[CASE], evidence="not there")
    assert found.verdict == "unknown"
    assert "a path that the target file names is not there" in found.asked[0].reason


def test_a_run_that_ended_early_passes_nothing(asked: Any) -> None:
    stopped = {"complete": False, "stopped_because": "node 0 ended", "stopped_by": "target"}
    found = asked(("dropped", "holds"), asked=[CASE], plan=stopped)
    assert found.verdict == "unknown"
    assert "node 0 ended" in found.asked[0].reason
    assert asked(("dropped", "broken"), asked=[CASE], plan=stopped).verdict == "fail"


def test_an_experiment_is_answered_by_its_own_judges(asked: Any) -> None:
    assert asked(("dropped", "broken"), asked=[WHOLE]).verdict == "fail"
    absent = {"kind": "experiment", "name": "kill_node", "experiment": "kill_node"}
    found = asked(("dropped", "holds"), asked=[absent], stopped=["survey: no node answers"])
    assert found.verdict == "unknown"
    assert found.asked[0].reason == "the run ended before it: survey: no node answers"


def test_a_requirement_is_answered_by_its_row(asked: Any) -> None:
    found = asked(("dropped", "broken"), asked=[{"kind": "requirement", "name": "FR-001"}])
    assert found.asked[0].verdict is Judgement.FAIL
    unknown = {"kind": "requirement", "name": "FR-004"}
    assert asked(("dropped", "holds"), asked=[unknown]).verdict == "unknown"


def test_without_a_question_the_review_as_a_whole_is_judged_as_before(asked: Any) -> None:
    found = asked(("dropped", "holds"), asked=[])
    assert found.asked == ()
    assert found.verdict == "fail"


def test_what_was_edited_passes_nothing(asked: Any, tmp_path: Path) -> None:
    asked(("dropped", "holds"), asked=[CASE])
    (tmp_path / "experiments" / "later").mkdir()
    (tmp_path / "experiments" / "later" / "plan.json").write_text("{}")
    found = judge_review(tmp_path)
    assert found.damage
    assert found.verdict == found.asked[0].verdict == "unknown"
