"""--dry-run: the plan, with times that were measured in runs of the same kind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from iceworthy import cli
from iceworthy.orchestrator.conduct import resolve
from iceworthy.orchestrator.expected_times import Expected, expected, left, plan_text
from iceworthy.orchestrator.settings import Settings
from iceworthy.words.asked import AskedFor
from iceworthy.words.target import TargetSpec


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    spec = TargetSpec(name="x", summary="")
    return Settings(target=spec, target_name="reference", seed=7, results=tmp_path)


def saved(results: Path, name: str, took_s: dict[str, float], **facts: object) -> None:
    (results / name).mkdir()
    told = {"format": 1, "target_name": "reference", "took_s": took_s, **facts}
    (results / name / "review.json").write_text(json.dumps(told))


def rows(settings: Settings, *names: str) -> list[str]:
    plans = [(name, resolve(name, settings)) for name in names]
    return [one.text for one in expected(plans, settings)]


def test_a_measured_time_is_the_newest_of_the_same_kind_of_run(settings: Settings) -> None:
    saved(settings.results, "20260101T", {"steady": 50.0, "contract": 70.0})
    saved(settings.results, "20260102T", {"steady": 40.0})
    saved(settings.results, "20260103T", {"steady": 1.0}, quick=True)
    saved(settings.results, "20260104T", {"steady": 2.0}, target_name="other")
    saved(settings.results, "20260105T", {"steady": 3.0}, sessions=5)
    assert rows(settings, "steady", "contract") == ["40 s", "1 min 10 s"]
    assert rows(replace(settings, quick=True), "steady") == ["1 s"]
    assert rows(replace(settings, sessions=5), "steady") == ["3 s"]


def test_without_a_measured_time_a_load_is_guessed_and_nothing_else(settings: Settings) -> None:
    assert rows(settings, "steady", "contract") == ["about 38 s", "not known"]


def test_the_time_of_some_cases_is_not_that_of_the_contract(settings: Settings) -> None:
    one = {"kind": "case", "name": "a", "experiment": "contract"}
    saved(settings.results, "20260101T", {"contract": 4.0, "survey": 9.0}, asked=[one])
    assert rows(settings, "survey", "contract") == ["9 s", "not known"]
    asked = (AskedFor(kind="case", name="a", experiment="contract"),)
    assert rows(replace(settings, asked=asked), "contract") == ["4 s"]


def test_the_rest_of_the_time_says_when_a_part_is_not_known(settings: Settings) -> None:
    known = Expected(experiment="a", seconds=100.0, is_measured=True)
    open_one = Expected(experiment="b", seconds=None, is_measured=False)
    assert left([known, known]) == "about 3 min 20 s"
    assert left([known, open_one]) == "more than 1 min 40 s"
    assert left([open_one]) == ""
    assert plan_text([known, open_one], settings).splitlines() == [
        "x, seed 7; nothing is started",
        "  a  1 min 40 s",
        "  b  not known",
        "  together  more than 1 min 40 s",
    ]


def test_a_dry_run_starts_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ["--results", str(tmp_path / "results"), "--dry-run"]
    assert cli.main(["run", "contract", "--case", "loadTable", *results]) == 0
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()[1:3]] == ["survey", "contract"]
    assert cli.main(["review", "--quick", *results]) == 0
    assert cli.main(["run", "no_such", *results]) == 64
    assert not list(tmp_path.iterdir())
    capsys.readouterr()
