"""`iceworthy run`: a scenario runs calm, or under an experiment; an experiment brings its own."""

from pathlib import Path
from typing import Any

import pytest

from iceworthy.orchestrator import single
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.words.errors import PlanError
from iceworthy.words.target import TargetSpec


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """run_single's arguments -> the experiments and overrides that it asks a review for."""
    monkeypatch.setattr(single, "run_review", lambda settings, progress: settings)
    given = Settings(
        target=TargetSpec(name="x", summary=""), target_name="x", seed=1, results=tmp_path
    )

    def ask(
        scenario: str, experiment: str | None = None, s: float | None = None, **more: Any
    ) -> Any:
        made: Any = single.run_single(given, scenario, experiment, s, Progress(), **more)
        return made.experiments, made.overrides

    return ask


def test_a_scenario_alone_runs_calm(asked: Any) -> None:
    assert asked("read_mix") == (("survey", "steady"), {"scenario": "read_mix"})


def test_a_scenario_runs_under_an_experiment_for_as_long_as_asked(asked: Any) -> None:
    assert asked("mix", "kill_node", 25.0) == (
        ("survey", "kill_node"),
        {"scenario": "mix", "duration_s": 25.0},
    )


def test_an_experiment_alone_brings_its_own_scenario(asked: Any) -> None:
    assert asked("kill_node") == (("survey", "kill_node"), {})
    assert asked("commit_stepper") == (("survey", "commit_stepper"), {})


def test_a_driver_brings_its_own_operations(asked: Any) -> None:
    assert asked("mix", "commit_stepper") == (("survey", "commit_stepper"), {})


def test_cases_of_the_contract_can_be_chosen_and_of_nothing_else(asked: Any) -> None:
    assert asked("contract") == (("survey", "contract"), {})
    assert asked("contract", cases=("rename.*",)) == (
        ("survey", "contract"),
        {"params": {"cases": ["rename.*"]}},
    )
    with pytest.raises(PlanError, match="has no cases; expected: iceworthy run contract"):
        asked("mix", cases=("rename.*",))


def test_unknown_names_are_refused(asked: Any) -> None:
    with pytest.raises(PlanError, match="did you mean 'read_mix'"):
        asked("red_mix")
    with pytest.raises(PlanError, match="did you mean 'kill_node'"):
        asked("mix", "kil_node")


def test_a_load_that_ends_before_its_faults_is_refused(asked: Any) -> None:
    with pytest.raises(PlanError, match="its last fault ends at 13 s; expected 14 or more"):
        asked("mix", "kill_node", 8.0)
    with pytest.raises(PlanError, match="warms up for 3 s; expected 4 or more"):
        asked("read_mix", None, 3.5)


def test_what_was_asked_is_kept_by_its_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(single, "run_review", lambda settings, progress: settings)
    given = Settings(
        target=TargetSpec(name="x", summary=""), target_name="x", seed=1, results=tmp_path
    )

    def kinds(*arguments: Any, **more: Any) -> list[tuple[str, str, str]]:
        made: Any = single.run_single(given, *arguments, None, Progress(), **more)
        return [(one.kind, one.name, one.experiment) for one in made.asked]

    assert kinds("mix", None) == [("scenario", "mix", "steady")]
    assert kinds("mix", "kill_node") == [("experiment", "kill_node", "kill_node")]
    assert kinds("kill_node", None) == [("experiment", "kill_node", "kill_node")]
    assert kinds("contract", None, cases=("rename.*", "loadTable")) == [
        ("case", "rename.*", "contract"),
        ("case", "loadTable", "contract"),
    ]


def test_a_requirement_is_run_by_its_id(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(single, "run_review", lambda settings, progress: settings)
    given = Settings(
        target=TargetSpec(name="x", summary=""), target_name="x", seed=1, results=tmp_path
    )
    made: Any = single.run_single(given, "fr-004", None, None, Progress())
    assert made.only == ("FR-004",)
    with pytest.raises(PlanError, match="is a requirement"):
        single.run_single(given, "FR-004", None, 20.0, Progress())


def test_a_run_that_is_to_stop_at_the_first_fail_says_so_to_the_contract(
    asked: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = TargetSpec(name="x", summary="")
    given = Settings(target=spec, target_name="x", seed=1, results=tmp_path, stops_at_fail=True)
    made = single.single_settings(given, "contract", None, None, cases=("loadTable",))
    assert made.overrides["params"] == {"stops_at_fail": True, "cases": ["loadTable"]}
    assert "params" not in single.single_settings(given, "mix", None, None).overrides
