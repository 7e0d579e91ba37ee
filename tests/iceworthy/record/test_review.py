"""review.json is read as it was written, in its older form too, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iceworthy.record.review import ReviewRecord, read_review, review_of, write_review
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.experiment import Declared, DeclaredFault
from iceworthy.words.fault import DATABASE_LINK
from iceworthy.words.target_file import load_target, spec_to_dict

RECORD = ReviewRecord(
    iceworthy="0.1.0",
    target="reference",
    target_name="reference",
    target_spec=load_target("reference"),
    seed=7,
    only=("FR-004",),
    stopped=("steady: half a pair \ud800",),
    versions={"numpy": "2"},
    experiments=("cut_link",),
    declared=(
        Declared(
            experiment="cut_link",
            scenario="mix",
            faults=(
                DeclaredFault(
                    fault="cut_link",
                    place=DATABASE_LINK,
                    takes_away=("database",),
                    interrupts=True,
                ),
            ),
        ),
    ),
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_review(tmp_path, RECORD)
    found = read_review(tmp_path)
    assert found.stopped == ("steady: half a pair ?",)
    assert found.declared == RECORD.declared
    assert found.target_spec == RECORD.target_spec
    assert json.loads((tmp_path / "review.json").read_text())["format"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["review.json"]


def test_a_record_of_before_formats_had_numbers_is_read(tmp_path: Path) -> None:
    facts = {
        "iceworthy": "0.1.0",
        "target": "reference",
        "target_name": "reference",
        "target_spec": spec_to_dict(load_target("reference")),
        "seed": 11,
        "sessions": 110,
        "quick": False,
        "only": ["survey"],
        "lie": None,
        "overrides": {},
        "started": "2026-11-23T09:20:20+00:00",
        "cpus": 2,
        "experiments": ["survey", "steady"],
    }
    (tmp_path / "review.json").write_text(json.dumps(facts))
    found = read_review(tmp_path)
    assert found.experiments == ("survey", "steady")
    assert (found.seed, found.started) == (11, facts["started"])
    assert found.target_spec is not None
    assert found.lie is None


def test_a_target_that_stood_there_in_full_keeps_its_name(tmp_path: Path) -> None:
    facts = {"target": {"name": "mine", "node": {}}, "only": None}
    (tmp_path / "review.json").write_text(json.dumps(facts))
    assert (read_review(tmp_path).target, read_review(tmp_path).only) == ("mine", ())


def test_an_unknown_format_is_refused_by_every_reader(tmp_path: Path) -> None:
    (tmp_path / "review.json").write_text('{"format": 99}')
    for reader in (read_review, review_of):
        with pytest.raises(UnknownFormat, match="expected format 1"):
            reader(tmp_path)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"format": 1, "seed": "x"}'])
def test_a_missing_or_damaged_record_is_an_error_or_says_nothing(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "review.json").write_text(text)
    with pytest.raises(RecordError):
        read_review(tmp_path)
    assert review_of(tmp_path) == ReviewRecord()
