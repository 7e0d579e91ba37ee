"""A failure of a saved run is tried again in the same world, then in smaller ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from iceworthy.orchestrator.judging import Reviewed
from iceworthy.orchestrator.repeating import (
    CONFIRM_MOST,
    Failure,
    failure_of,
    repeat,
    world_of,
)
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.verdicts import (
    RequirementPart,
    RequirementVerdict,
    ReviewVerdicts,
    write_review_verdicts,
)
from iceworthy.words.errors import PlanError
from iceworthy.words.experiment import FaultAt
from iceworthy.words.target import TargetSpec
from iceworthy.words.verdict import Judgement
from tests.streams import append_line

FAIL, PASS = Judgement.FAIL, Judgement.PASS
FAULTS = tuple(FaultAt(fault="drain_node", at_s=at_s, node=0) for at_s in (4.0, 11.0))
PLAN = Plan(
    experiment="drain_node",
    scenario="mix",
    sessions=600,
    seed=7,
    warmup_s=2.0,
    duration_s=18.0,
    faults=FAULTS,
    lie="drop_on_sigterm",
)


def verdicts(ending: Judgement, experiment: str = "drain_node") -> ReviewVerdicts:
    parts = (
        RequirementPart(judge="shutdown_time", verdict=PASS, experiment="steady"),
        RequirementPart(judge="graceful_shutdown", verdict=ending, experiment=experiment),
    )
    found = RequirementVerdict(id="EC-4", verdict=ending, evidence=parts)
    other = RequirementVerdict(id="FR-001", verdict=PASS)
    return ReviewVerdicts(verdict=ending, requirements=(other, found))


def saved(root: Path, plan: Plan, ending: Judgement = FAIL) -> Path:
    folder = RunFolder(root / "experiments" / plan.experiment)
    folder.root.mkdir(parents=True)
    folder.write_plan(plan)
    write_review_verdicts(root, verdicts(ending, plan.experiment))
    return root


def settings(tmp_path: Path) -> Settings:
    return Settings(
        target=TargetSpec(name="reference", summary="s"),
        target_name="reference",
        seed=7,
        lie="drop_on_sigterm",
        results=tmp_path,
    )


def runs(
    tmp_path: Path, fails: Callable[[Settings], bool], seen: list[Settings]
) -> Callable[[Settings], Reviewed]:
    def run(one: Settings) -> Reviewed:
        seen.append(one)
        ending = FAIL if fails(one) else PASS
        return Reviewed(root=tmp_path / str(len(seen)), verdicts=verdicts(ending))

    return run


def test_the_experiment_that_failed_gives_the_plan(tmp_path: Path) -> None:
    found = failure_of(saved(tmp_path / "run", PLAN), "EC-4")
    assert (found.requirement, found.experiment, found.case) == ("EC-4", "drain_node", "")
    assert found.plan.faults == FAULTS


def test_a_failure_of_the_contract_is_its_first_broken_case(tmp_path: Path) -> None:
    root = saved(tmp_path / "run", Plan(experiment="contract", inquiry="contract"))
    folder = RunFolder(root / "experiments" / "contract")
    for case, ended, requirement, touches in (
        ("a.holds", "holds", "EC-4", ()),
        ("a.other", "broken", "FR-001", ()),
        ("a.touches", "broken", "FR-001", ("EC-4",)),
        ("a.later", "broken", "EC-4", ()),
    ):
        append_line(
            folder, "cases",
            case=case, about="x", requirement=requirement, ended=ended, touches=touches,
        )  # fmt: skip
    assert failure_of(root, "EC-4").case == "a.touches"


@pytest.mark.parametrize(
    ("name", "ending", "says"),
    [
        ("FR-001", FAIL, "it is pass; expected one of EC-4"),
        ("XX-1", FAIL, "it is no requirement; expected one of EC-4"),
        ("EC-4", PASS, "it is pass; no requirement failed there"),
    ],
)
def test_a_requirement_that_did_not_fail_is_refused(
    tmp_path: Path, name: str, ending: Judgement, says: str
) -> None:
    with pytest.raises(PlanError, match=says):
        failure_of(saved(tmp_path / "run", PLAN, ending), name)


def test_the_least_world_is_found_and_tried_for_its_rate(tmp_path: Path) -> None:
    seen: list[Settings] = []
    said: list[str] = []

    def fails(one: Settings) -> bool:
        second = any(fault.at_s == 11.0 for fault in one.overrides["faults"])
        return second and (one.sessions or 0) >= 50

    failure = Failure(requirement="EC-4", experiment="drain_node", plan=PLAN)
    done = repeat(
        failure, settings(tmp_path), runs(tmp_path, fails, seen), said.append, tries=4, budget_s=99
    )
    assert done.world is not None
    assert (done.failed, done.tries, done.world.sessions) == (4, 4, 75)
    assert [one.at_s for one in done.world.faults] == [11.0]
    assert done.root == tmp_path / str(len(seen))
    first = seen[0]
    assert (first.seed, first.lie, first.sessions) == (7, "drop_on_sigterm", 600)
    assert first.overrides["faults"] == FAULTS
    assert first.overrides["scenario"] == "mix"
    assert first.experiments[-1] == "drain_node"
    assert said[0].startswith("trying drain_node: 600 sessions for 18 s, drain_node at 4 s")
    assert said[1] == "EC-4 fails"


def test_without_time_nothing_is_made_smaller(tmp_path: Path) -> None:
    failure = Failure(requirement="EC-4", experiment="drain_node", plan=PLAN)
    seen: list[Settings] = []
    run = runs(tmp_path, lambda _: True, seen)
    done = repeat(failure, settings(tmp_path), run, lambda _: None, tries=2, budget_s=0)
    assert done.world == world_of(failure)
    assert len(seen) == 3


def test_a_failure_that_is_not_seen_again_is_said_so(tmp_path: Path) -> None:
    failure = Failure(requirement="EC-4", experiment="drain_node", plan=PLAN)
    seen: list[Settings] = []
    run = runs(tmp_path, lambda _: False, seen)
    done = repeat(failure, settings(tmp_path), run, lambda _: None, tries=5, budget_s=99)
    assert (done.failed, done.tries, done.root) == (0, CONFIRM_MOST, None)


def test_an_experiment_without_load_is_tried_as_it_was(tmp_path: Path) -> None:
    plan = Plan(experiment="commit_stepper", driver="commit_stepper", seed=3)
    failure = Failure(requirement="EC-4", experiment="commit_stepper", plan=plan)
    assert world_of(failure) is None
    seen: list[Settings] = []
    run = runs(tmp_path, lambda _: True, seen)
    done = repeat(failure, settings(tmp_path), run, lambda _: None, tries=2, budget_s=99)
    assert (done.failed, done.world, len(seen)) == (2, None, 3)
    assert seen[0].overrides == {}


def test_a_try_has_the_seed_and_the_lie_of_the_command(tmp_path: Path) -> None:
    """Example: `reproduce RUN EC-4 --seed 3` tries seed 3, not the run's."""
    failure = Failure(requirement="EC-4", experiment="drain_node", plan=PLAN)
    seen: list[Settings] = []
    own = replace(settings(tmp_path), seed=3, lie=None)
    run = runs(tmp_path, lambda _: True, seen)
    repeat(failure, own, run, lambda _: None, tries=1, budget_s=0)
    assert {(one.seed, one.lie) for one in seen} == {(3, None)}
