"""A failed requirement of a saved run, tried again: first the same world, then smaller ones.

Claim: each try is a run on a fresh stack, judged as any other run; a try fails if the very
requirement fails in it. Method: the plan of the run gives sessions, faults and times;
iceworthy/orchestrator/shrinking.py makes the world smaller; then the least world is run `tries`
times, which gives the rate. Example: EC-4 fails in 9 of 10 tries of 18 sessions for 8 s, with
drain_node at 3 s.
What this does NOT show: that a failure that no try shows is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from iceworthy import discovery
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.orchestrator.review import opening
from iceworthy.orchestrator.settings import EXPERIMENTS, Settings
from iceworthy.orchestrator.shrinking import SmallWorld, shrink
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.verdicts import (
    RequirementPart,
    RequirementVerdict,
    ReviewVerdicts,
    read_review_verdicts,
)
from iceworthy.words.errors import PlanError
from iceworthy.words.experiment import Experiment, Load
from iceworthy.words.foreign import shown
from iceworthy.words.verdict import Judgement

CONFIRM_MOST = 3
"""Tries of the same world before a failure counts as not reproduced."""
Try = Callable[[Settings], Reviewed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed requirement of a saved run. case: the contract's case that shows it, "" where a load
    does; plan: of the experiment that shows it."""

    requirement: str
    experiment: str
    plan: Plan
    case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """How a failure was seen again. failed: of `tries` runs of the last world; world: None where
    nothing can be made smaller. root: the last run that failed; None: none did."""

    failure: Failure
    failed: int
    tries: int
    world: SmallWorld | None
    root: Path | None


def failure_of(root: Path, requirement: str) -> Failure:
    """What failed a requirement in a saved run. PlanError where it did not fail there."""
    verdicts = read_review_verdicts(root)
    found = next((one for one in verdicts.requirements if one.id == requirement), None)
    if found is None or found.verdict is not Judgement.FAIL:
        raise PlanError(_did_not_fail(root, requirement, found, verdicts))
    part = _worst(found)
    folder = RunFolder(root / EXPERIMENTS / part.experiment)
    plan = folder.read_plan()
    case = ""
    if plan.inquiry is not None:
        lines = folder.read(CaseResult)
        case = next((one.case for one in lines if _shows(one, requirement)), "")
    return Failure(requirement=requirement, experiment=part.experiment, plan=plan, case=case)


def _shows(line: CaseResult, requirement: str) -> bool:
    return line.ended == "broken" and requirement in (line.requirement, *line.touches)


def _worst(found: RequirementVerdict) -> RequirementPart:
    """The first part that failed: the verdicts of a requirement stand in the order of harm."""
    return next(one for one in found.evidence if one.verdict is Judgement.FAIL)


def _did_not_fail(
    root: Path, requirement: str, found: RequirementVerdict | None, verdicts: ReviewVerdicts
) -> str:
    failed = [one.id for one in verdicts.requirements if one.verdict is Judgement.FAIL]
    known = f"it is {found.verdict}" if found is not None else "it is no requirement"
    instead = f"expected one of {', '.join(failed)}" if failed else "no requirement failed there"
    return f"{shown(requirement)} did not fail in {root}: {known}; {instead}"


def repeat(
    failure: Failure,
    settings: Settings,
    run: Try,
    say: Callable[[str], None],
    *,
    tries: int,
    budget_s: float,
) -> Repeated:
    """See a failure again. settings: of the target, seed, lie and results folder. run: carries a
    try out. budget_s: when so much time is gone, nothing more is made smaller.
    """
    last: list[Path] = []

    def fails(world: SmallWorld | None) -> bool:
        say(f"trying {failure.experiment}: {world or 'as it was'}")
        reviewed = run(_of_try(failure, settings, world))
        failed = _fails(reviewed.verdicts, failure.requirement)
        if failed:
            last[:] = [reviewed.root]
        say(f"{failure.requirement} {'fails' if failed else 'does not fail'}")
        return failed

    world = world_of(failure)
    began = time.monotonic()
    if not any(fails(world) for _ in range(CONFIRM_MOST)):
        return Repeated(failure=failure, failed=0, tries=CONFIRM_MOST, world=world, root=None)
    if world is not None:
        world = shrink(world, fails, goes_on=lambda: time.monotonic() - began < budget_s)
    failed = sum(fails(world) for _ in range(tries))
    return Repeated(
        failure=failure, failed=failed, tries=tries, world=world, root=last[0] if last else None
    )


def world_of(failure: Failure) -> SmallWorld | None:
    """The world of the run that failed; None for an experiment that is no load."""
    plan = failure.plan
    experiment: Experiment = discovery.load("experiment", failure.experiment)
    if not isinstance(experiment.method, Load) or plan.duration_s is None:
        return None
    return SmallWorld(
        sessions=plan.sessions,
        duration_s=plan.duration_s,
        warmup_s=plan.warmup_s,
        faults=plan.faults,
    )


def _of_try(failure: Failure, settings: Settings, world: SmallWorld | None) -> Settings:
    """The settings of one try."""

    plan = failure.plan
    overrides = dict(world.overrides()) if world is not None else {}
    if plan.scenario is not None:
        overrides["scenario"] = plan.scenario
    experiments = tuple(dict.fromkeys((*opening(), failure.experiment)))
    return replace(
        settings,
        sessions=world.sessions if world is not None else None,
        experiments=experiments,
        overrides=overrides,
    )


def _fails(verdicts: ReviewVerdicts, requirement: str) -> bool:
    return any(
        one.id == requirement and one.verdict is Judgement.FAIL for one in verdicts.requirements
    )
