"""Runs one experiment, from an empty stack to a complete results folder.

Order: stack, samplers, world, load, faults by the clock (or a driver), heal, settle, audit.
Whatever fails or is interrupted: every fault is healed, the load is ended, the records are kept,
and plan.json says how far the experiment got. Judging is not done here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import fields, replace
from pathlib import Path

from analysis.declarations import declared_by
from fixtures.samplers.samplers import Samplers
from fixtures.stack.refused_logins import watching_logins
from fixtures.stack.runtimes import (
    open_containers,
    prepare_containers,
    prepare_processes,
)
from fixtures.stack.stack import open_stack
from iceworthy import discovery
from iceworthy.orchestrator.availability import why_no_experiment
from iceworthy.orchestrator.interrupt import HeldAtExit
from iceworthy.orchestrator.keeping import Keep
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Runtime, Settings
from iceworthy.orchestrator.stage import RunState, Stage
from iceworthy.record.known import Known, read_known
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import (
    StackError,
    TargetError,
    Unavailable,
)
from iceworthy.words.experiment import Experiment, Load
from iceworthy.words.live import LiveTarget
from iceworthy.words.scenario import Scenario
from iceworthy.words.seeded import new_token
from iceworthy.words.target import TargetSpec

NEWS_S = 0.3
START: Mapping[Runtime, Callable[..., AbstractContextManager[LiveTarget]]] = {
    "processes": open_stack,
    "docker": open_containers,
}
PREPARE: Mapping[Runtime, Callable[[TargetSpec, Callable[[str], None]], None]] = {
    "processes": prepare_processes,
    "docker": prepare_containers,
}
"""What a target stands on, made before its first start: it takes minutes, and is kept."""


def run_experiment(
    name: str,
    settings: Settings,
    folder: RunFolder,
    progress: Progress,
    *,
    review: Path,
    keep: Keep | None = None,
) -> None:
    """Run one experiment into `folder`.

    review: the folder of the review. What earlier experiments learned about the target is read
    from its known.json, and what this one learns is written there. keep: is called before the stack
    ends, also where the experiment stopped.
    Raises IceworthyError when it could not come to its end; the folder then says why.
    """
    experiment = resolve(name, settings)
    scenario = load_scenario(experiment)
    plan = first_plan(name, experiment, scenario, settings, read_known(review))
    state = RunState(folder, plan, review)
    try:
        folder.root.mkdir(parents=True)
        folder.logs.mkdir()
        state.update(state.plan)
        if why := why_no_experiment(experiment, settings.target):
            raise Unavailable(f"not for this target: {why}")
        progress.live(f"{name}: starting {settings.target.name}")
        if settings.target.node.is_started:
            # The stack would do so itself, in silence; the first time it takes a minute or more.
            PREPARE[settings.runtime](settings.target, progress.say)
        with _stack(settings, folder) as live:
            urls = tuple(node.url for node in live.nodes)
            state.update(replace(state.plan, node_urls=urls, versions=live.versions()))
            try:
                _conduct(experiment, live, state, progress)
                if keep is not None:  # it judges the folder, so that must be whole
                    state.whole()
                    keep(live, folder.root)
            except TargetError:
                live.check(
                    news_s=NEWS_S
                )  # PostgreSQL or a proxy may have failed, and not the target
                if keep is not None:
                    keep(live, folder.root)
                raise
        state.whole()
    except OSError as error:
        state.stopped(error)
        raise StackError(
            f"the machine refused: {error}; free space, or use another disk (--results); "
            f"what was recorded is kept in {folder.root}"
        ) from error
    except BaseException as error:
        state.stopped(error)
        raise


def resolve(name: str, settings: Settings) -> Experiment:
    """The experiment as it will run: its file's data, then the command line's."""
    experiment: Experiment = discovery.load("experiment", name)
    experiment = experiment.changed(settings.overrides)
    if settings.sessions is not None:
        experiment = experiment.changed({"sessions": settings.sessions})
    for fault in experiment.faults:
        discovery.load("fault", fault.fault)
    # A target of one node meets the faults that were meant for the second as well.
    faults = tuple(
        replace(fault, node=fault.node % settings.target.node.count) for fault in experiment.faults
    )
    return experiment.changed({"faults": faults})


def load_scenario(experiment: Experiment) -> Scenario | None:
    """The scenario that an experiment names, None when it brings no load."""
    if not isinstance(experiment.method, Load):
        return None
    scenario: Scenario = discovery.load("scenario", experiment.method.scenario)
    return scenario


def first_plan(
    name: str,
    experiment: Experiment,
    scenario: Scenario | None,
    settings: Settings,
    known: Known,
) -> Plan:
    """The plan as it is before anything runs."""
    plan = Plan(
        experiment=name,
        hypothesis=experiment.hypothesis,
        declared=declared_by(name, experiment),
        seed=settings.seed,
        known=known,
        world_token=new_token(lives_on=settings.target.lives_on),
        target=settings.target,
        target_name=settings.target_name,
        lie=settings.lie,
        load_processes=settings.load_processes,
    )
    # A field of the method that the plan has too (driver, duration_s, params, ...) goes into it.
    shared = {one.name for one in fields(experiment.method)} & {one.name for one in fields(Plan)}
    given = {name: getattr(experiment.method, name) for name in shared}
    plan = replace(plan, **{name: value for name, value in given.items() if value is not None})
    if scenario is None:
        return plan
    return replace(
        plan,
        sessions=plan.sessions or scenario.sessions,
        nodes=given["nodes"] or scenario.nodes,
        timeout_s=scenario.timeout_s,
        world=scenario.world,
        roles=scenario.roles,
        checkers=scenario.checkers,
    )


def _stack(settings: Settings, folder: RunFolder) -> AbstractContextManager[LiveTarget]:
    start = START[settings.runtime]
    return HeldAtExit(
        start(
            settings.target,
            folder,
            lie=settings.lie,
            start=False,
            allow_hosts=settings.allow_hosts,
        )
    )


def _conduct(experiment: Experiment, live: LiveTarget, state: RunState, progress: Progress) -> None:
    """Start the nodes, run the experiment's method on them with samplers, and undo what it did."""
    conduct = discovery.load("method", experiment.method.conductor)
    with HeldAtExit(ExitStack()) as cleanup:
        stage = Stage(live=live, state=state, progress=progress, cleanup=cleanup)
        samplers = Samplers(live, state.folder, lambda: dict(stage.pids()))
        cleanup.callback(samplers.stop)
        if live.spec.node.is_started:
            samplers.watch()
        with watching_logins(live.spec, state.folder.logs, progress.warn):
            live.start()
        samplers.start()
        conduct(experiment.method, stage)
