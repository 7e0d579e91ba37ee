"""verdicts.json is read as it was written, in its older form too, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iceworthy.record.verdicts import (
    ExperimentRuling,
    ExperimentVerdict,
    LimitValue,
    MeasuredValue,
    RequirementPart,
    RequirementVerdict,
    ReviewVerdicts,
    read_review_verdicts,
    read_rulings,
    write_review_verdicts,
    write_rulings,
)
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.verdict import Judgement

P95 = MeasuredValue(name="p95", value=3.8, unit="ms", low=3.7, high=3.9)
UNDER = LimitValue(name="p95", relation="<", value=50, unit="ms")
RULING = ExperimentRuling(
    judge="read_latency",
    verdict=Judgement.PASS,
    measures=(P95,),
    limits=(UNDER,),
    evidence=({"op": "load-0:1"},),
    decides=True,
)
REVIEW = ReviewVerdicts(
    verdict=Judgement.FAIL,
    target="reference",
    seed=7,
    requirements=(
        RequirementVerdict(
            id="SC-003",
            verdict=Judgement.FAIL,
            measures=(P95,),
            evidence=(
                RequirementPart(
                    judge="read_latency", verdict=Judgement.FAIL, experiment="steady", file="f"
                ),
            ),
        ),
    ),
    experiments={"steady": ExperimentVerdict(verdict=Judgement.FAIL, failed=("read_latency",))},
    planned=("steady",),
)


def test_the_verdicts_of_a_review_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_review_verdicts(tmp_path, REVIEW)
    assert read_review_verdicts(tmp_path) == REVIEW
    assert json.loads((tmp_path / "verdicts.json").read_text())["format"] == 1


def test_the_verdicts_of_an_experiment_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_rulings(tmp_path / "verdicts.json", [RULING])
    assert read_rulings(tmp_path / "verdicts.json") == (RULING,)


def test_verdicts_without_a_number_of_their_format_are_those_of_before(tmp_path: Path) -> None:
    write_rulings(tmp_path / "one.json", [RULING])
    lines = json.loads((tmp_path / "one.json").read_text())["verdicts"]
    (tmp_path / "one.json").write_text(json.dumps(lines))
    assert read_rulings(tmp_path / "one.json") == (RULING,)
    write_review_verdicts(tmp_path, REVIEW)
    facts = json.loads((tmp_path / "verdicts.json").read_text())
    del facts["format"]
    (tmp_path / "verdicts.json").write_text(json.dumps(facts))
    assert read_review_verdicts(tmp_path) == REVIEW


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    path.write_text('{"format": 2, "verdict": "pass", "verdicts": []}')
    with pytest.raises(UnknownFormat):
        read_review_verdicts(tmp_path)
    with pytest.raises(UnknownFormat):
        read_rulings(path)


@pytest.mark.parametrize("text", [None, "{", "3", '{"verdict": "maybe"}'])
def test_a_missing_or_damaged_file_is_an_error_that_says_what_to_do(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "verdicts.json").write_text(text)
    with pytest.raises(RecordError):
        read_review_verdicts(tmp_path)
    if text in (None, "{"):
        with pytest.raises(RecordError, match="iceworthy judge"):
            read_review_verdicts(tmp_path)
