"""A review runs what was asked for, goes on where it can, stops where it must, and judges it all.

The experiments here are stand-ins that end in chosen ways: no stack is needed to see what a review
makes of an end.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iceworthy.cli import main
from iceworthy.orchestrator import keeping
from iceworthy.orchestrator import review as module
from iceworthy.orchestrator.interrupt import installed
from iceworthy.orchestrator.profile import default_order, quick_changes, quick_order
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.review import (
    Reviewed,
    Stops,
    experiments_of,
    latest_in,
    new_folder,
    overrides_of,
    point_latest,
    run_review,
)
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.plan import Plan
from iceworthy.record.review import read_review
from iceworthy.words.asked import AskedFor
from iceworthy.words.errors import PlanError, StackError, Unavailable
from iceworthy.words.target import TargetSpec

SPEC = TargetSpec(name="stand-in", summary="none")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(target=SPEC, target_name="reference", seed=7, results=tmp_path / "results")


Ends = dict[str, BaseException]


@pytest.fixture
def ended(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Callable[..., tuple[Reviewed, list[str]]]:
    """Run a review whose experiments end as told; what it came to, and what was run."""

    def run(ends: Ends, **changes: Any) -> tuple[Reviewed, list[str]]:
        ran: list[str] = []

        def experiment(
            name: str, _: Settings, folder: Any, *__: Any, review: Path, keep: Any
        ) -> None:
            ran.append(name)
            folder.logs.mkdir(parents=True)
            folder.write_plan(Plan(experiment=name, complete=name not in ends))
            if name in ends:
                raise ends[name]

        monkeypatch.setattr(module, "run_experiment", experiment)
        with installed():
            return run_review(replace(settings, **changes), Progress()), ran

    return run


def test_what_is_run_is_all_or_the_quick_ones_or_what_was_asked_for(settings: Settings) -> None:
    assert experiments_of(settings) == default_order()
    assert experiments_of(replace(settings, quick=True)) == quick_order()
    assert experiments_of(replace(settings, only=("survey",))) == ("survey",)
    assert experiments_of(replace(settings, only=("kill_node", "steady"))) == (
        "survey",
        "steady",
        "kill_node",
    )
    assert experiments_of(replace(settings, only=("fr-005",))) == ("survey", "drain_node")
    assert experiments_of(replace(settings, experiments=("steady",))) == ("steady",)
    with pytest.raises(PlanError, match="did you mean 'EC-1'"):
        experiments_of(replace(settings, only=("EC-11",)))


def test_the_command_line_overrides_the_quick_profile(settings: Settings) -> None:
    quick = replace(settings, quick=True)
    assert overrides_of("steady", quick) == quick_changes("steady")
    asked = replace(quick, overrides={"duration_s": 3.0})
    assert overrides_of("steady", asked) == {**quick_changes("steady"), "duration_s": 3.0}
    assert overrides_of("steady", settings) == {}


def test_two_reviews_of_one_second_get_a_folder_each(settings: Settings) -> None:
    made = {new_folder(settings) for _ in range(4)}
    assert len(made) == 4
    assert all(path.parent == settings.results.resolve() for path in made)


def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(settings: Settings) -> None:
    settings.results.write_text("a file")
    with pytest.raises(PlanError, match="--results"):
        new_folder(settings)


def test_a_stopped_experiment_does_not_keep_the_others_from_running(ended: Any) -> None:
    reviewed, ran = ended({"steady": StackError("PostgreSQL ended by itself")})
    assert ran == list(default_order())
    assert read_review(reviewed.root).stopped == ("steady: PostgreSQL ended by itself",)
    assert reviewed.verdicts.verdict == "unknown"
    assert (reviewed.root / "report.html").exists()
    assert not reviewed.is_broken


def test_what_an_error_leaves_is_said_with_the_command_that_removes_it(
    ended: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    error = StackError("the engine stopped answering")
    error.add_note("could not be removed: node-0; once it answers: docker rm node-0")
    ended({"steady": error})
    assert "once it answers: docker rm node-0" in capsys.readouterr().err


def test_the_same_error_three_times_in_a_row_ends_the_review(
    ended: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = {
        name: StackError(f"toxiproxy-{i} (pid {100 + i}) ended: see /x/{name}/log")
        for i, name in enumerate(default_order())
        if name != "survey"
    }
    reviewed, ran = ended(ends)
    assert ran == ["survey", "contract", "fuzz", "steady"]
    assert capsys.readouterr().err.count("the same error stopped 3 experiments in a row") == 1
    assert reviewed.verdicts.verdict == "unknown"


def test_other_errors_or_a_good_end_between_do_not_end_it() -> None:
    stops = Stops()
    for text in ("a", "a", "b", "a", "a"):
        stops.add(text, StackError(text))
    assert not stops.is_hopeless
    stops.ended_well()
    stops.add("a", StackError("a"))
    assert not stops.is_hopeless


def test_experiments_that_a_target_cannot_have_do_not_end_the_review(ended: Any) -> None:
    _, ran = ended(
        {name: Unavailable("needs a proxy") for name in default_order() if name != "survey"}
    )
    assert ran == list(default_order())


def test_a_target_that_cannot_be_surveyed_ends_the_review(ended: Any) -> None:
    _, ran = ended({"survey": StackError("no")})
    assert ran == ["survey"]


def test_an_interrupted_review_is_judged_as_far_as_it_came(ended: Any) -> None:
    reviewed, ran = ended({"single_node": KeyboardInterrupt()})
    assert ran == ["survey", "contract", "fuzz", "steady", "single_node"]
    assert read_review(reviewed.root).stopped[0] == "single_node: interrupted"
    assert reviewed.verdicts.verdict == "unknown"
    assert (reviewed.root / "report.html").exists()


def test_a_bug_of_the_suite_is_kept_apart_and_the_rest_is_run(
    ended: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed, ran = ended({"steady": ZeroDivisionError("oops")})
    assert ran == list(default_order())
    assert reviewed.is_broken
    log = reviewed.root / "experiments" / "steady" / "logs" / "suite.log"
    assert "ZeroDivisionError: oops" in log.read_text()
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setattr("iceworthy.orchestrator.review.run_review", lambda *_: reviewed)
    assert main(["review"]) == 70


def test_a_wrong_request_leaves_nothing_and_latest_as_it_was(
    ended: Any, settings: Settings
) -> None:
    good, _ = ended({})
    with pytest.raises(PlanError, match="not set"):
        ended({"survey": PlanError("the variable is not set")})
    assert latest_in(settings.results) == settings.results / good.root.name
    assert sorted(path.name for path in settings.results.iterdir()) == [good.root.name, "latest"]


def test_latest_is_the_newest(settings: Settings) -> None:
    first, second = new_folder(settings), new_folder(settings)
    for root in (second, first, second):
        point_latest(root)
        assert latest_in(settings.results) == settings.results / root.name


def test_a_run_that_is_to_stop_at_the_first_fail_runs_nothing_after_it(
    ended: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = {"contract"}
    monkeypatch.setattr(keeping, "fails", lambda folder: folder.name in failing)
    _, ran = ended({})
    assert ran == list(default_order()), "only where it was asked for"
    reviewed, ran = ended({}, stops_at_fail=True)
    assert ran == ["survey", "contract"]
    assert "contract fails, so the rest is not run: fuzz, " in capsys.readouterr().err
    assert read_review(reviewed.root).stopped[-1].startswith("contract fails")
    assert set(read_review(reviewed.root).took_s) == {"survey", "contract"}
    failing = {"survey"}
    asked = (AskedFor(kind="experiment", name="steady", experiment="steady"),)
    _, ran = ended({}, stops_at_fail=True, experiments=("survey", "steady"), asked=asked)
    assert ran == ["survey", "steady"], "the survey was not asked for"


def test_each_experiment_says_which_of_how_many_it_is_and_the_time_left(
    ended: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ended({}, experiments=("steady", "contention"))
    told = capsys.readouterr().err
    assert "steady: 1 of 2, about " in told
    assert "contention: 2 of 2, about " in told
    assert told.count(" left") == 2
