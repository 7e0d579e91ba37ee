"""Runs one experiment, from an empty stack to a complete results folder.

Order: stack, samplers, world, load, faults by the clock (or a driver), heal, settle, audit.
Whatever fails or is interrupted: every fault is healed, the load is ended, the records are kept,
and plan.json says how far the experiment got. Judging is not done here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace

from chaos.drivers import DriverPlan
from fixtures.samplers.samplers import Samplers
from fixtures.stack.stack import Stack, open_stack
from fixtures.stack.toxiproxy_build import ensure_toxiproxy
from fixtures.world import WorldPlan, build_world, drop_world, plan_world
from iceworthy import discovery
from iceworthy.client.auth import header_source
from iceworthy.client.connect import wire_for
from iceworthy.contract.survey import survey
from iceworthy.orchestrator import timeline
from iceworthy.orchestrator.interrupt import HeldAtExit
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.orchestrator.settling import settle_and_audit
from iceworthy.orchestrator.timed_faults import TimedFaults
from iceworthy.record.fault_spans import fault_spans
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEvent, Window
from iceworthy.record.seal import seal
from iceworthy.words.errors import IceworthyError, StackError, StoppedBy, TargetError, stopped_by
from iceworthy.words.experiment import Experiment
from iceworthy.words.live import LiveTarget
from iceworthy.words.scenario import Scenario
from iceworthy.words.seeded import new_token
from scenarios.engine.launch import LoadProcess, start_load

LOAD_READY_S = 60.0
LOAD_END_S = 30.0
NEWS_S = 0.3


class LoadLost(StackError):
    """The load ended before its time; the part of its records that was not yet on disk is lost."""

    stopped_by = StoppedBy.LOAD


@dataclass(slots=True)
class RunState:
    """What becomes known while an experiment runs, written to plan.json at each step."""

    folder: RunFolder
    plan: Plan

    def update(self, plan: Plan) -> None:
        """From now on this is the plan, in plan.json too."""
        self.plan = plan
        self.folder.write_plan(plan)

    def stopped(self, error: BaseException) -> None:
        """Say why it did not come to its end; a full disk must not hide that behind itself."""
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
        with suppress(OSError):
            self.update(
                replace(
                    self.plan,
                    stopped_because=why or repr(error),
                    stopped_by=stopped_by(error),
                    sealed=seal(self.folder.root),
                )
            )


def run_experiment(
    name: str, settings: Settings, folder: RunFolder, progress: Progress, *, id_bits: int
) -> int:
    """Run one experiment into `folder`; returns the id_bits that later experiments should use.

    Raises IceworthyError when it could not come to its end; the folder then says why.
    """
    experiment = resolve(name, settings)
    scenario = load_scenario(experiment)
    state = RunState(folder, first_plan(name, experiment, scenario, settings, id_bits))
    try:
        folder.root.mkdir(parents=True)
        folder.logs.mkdir()
        state.update(state.plan)
        progress.live(f"{name}: starting {settings.target.name}")
        if settings.target.node.command and settings.target.database.kind == "postgres":
            # The stack would do so itself, in silence; the first time it takes a minute.
            ensure_toxiproxy(progress.say)
        with _stack(settings, folder) as live:
            urls = tuple(node.url for node in live.nodes)
            state.update(replace(state.plan, node_urls=urls, versions=live.versions()))
            try:
                id_bits = _conduct(experiment, scenario, live, state, progress)
            except TargetError:
                live.check(news_s=NEWS_S)  # what fell may have been under the target
                raise
        sealed = seal(folder.root)
        state.update(replace(state.plan, complete=True, id_bits=id_bits, sealed=sealed))
    except OSError as error:
        state.stopped(error)
        raise StackError(
            f"the machine refused: {error}; free space, or use another disk (--results); "
            f"what was recorded is kept in {folder.root}"
        ) from error
    except BaseException as error:
        state.stopped(error)
        raise
    return id_bits


def resolve(name: str, settings: Settings) -> Experiment:
    """The experiment as it will run: its file's data, then the command line's."""
    if name == "survey":
        return Experiment(hypothesis="what the rest stands on works", scenario=None)
    experiment: Experiment = discovery.load("experiment", name)
    if settings.overrides:
        experiment = replace(experiment, **settings.overrides)
    if settings.sessions is not None:
        experiment = replace(experiment, sessions=settings.sessions)
    for fault in experiment.faults:
        discovery.load("fault", fault.fault)
    # A target of one node meets the faults that were meant for the second as well.
    faults = tuple(
        replace(fault, node=fault.node % settings.target.node.count) for fault in experiment.faults
    )
    return replace(experiment, faults=faults)


def load_scenario(experiment: Experiment) -> Scenario | None:
    """The scenario that an experiment names, None when it brings no load."""
    if experiment.scenario is None:
        return None
    scenario: Scenario = discovery.load("scenario", experiment.scenario)
    return scenario


def first_plan(
    name: str,
    experiment: Experiment,
    scenario: Scenario | None,
    settings: Settings,
    id_bits: int,
) -> Plan:
    """The plan as it is before anything runs."""
    return Plan(
        experiment=name,
        hypothesis=experiment.hypothesis,
        scenario=experiment.scenario,
        driver=experiment.driver,
        inquiry=experiment.inquiry,
        sessions=experiment.sessions or (scenario.sessions if scenario else 0),
        nodes=experiment.nodes or (scenario.nodes if scenario else "spread"),
        seed=settings.seed,
        warmup_s=experiment.warmup_s,
        duration_s=experiment.duration_s,
        settle_s=experiment.settle_s,
        timeout_s=scenario.timeout_s if scenario else 10.0,
        faults=experiment.faults,
        params=experiment.params,
        id_bits=id_bits,
        world=scenario.world if scenario else None,
        world_token=new_token(lives_on=settings.target.lives_on),
        checkers=scenario.checkers if scenario else (),
        target=settings.target,
        target_name=settings.target_name,
        lie=settings.lie,
        load_processes=settings.load_processes,
    )


def _stack(settings: Settings, folder: RunFolder) -> AbstractContextManager[Stack]:
    return HeldAtExit(
        open_stack(settings.target, folder, lie=settings.lie, allow_hosts=settings.allow_hosts)
    )


def _conduct(
    experiment: Experiment,
    scenario: Scenario | None,
    live: LiveTarget,
    state: RunState,
    progress: Progress,
) -> int:
    """Everything between the start and the stop of the stack."""
    folder, plan = state.folder, state.plan
    id_bits = plan.id_bits
    loads: list[LoadProcess] = []

    def load_pids() -> dict[str, int]:
        return dict(loads[0].pids()) if loads else {}

    with HeldAtExit(ExitStack()) as cleanup:
        samplers = Samplers(live, folder, load_pids)
        samplers.start()
        cleanup.callback(samplers.stop)
        if plan.experiment == "survey":
            found = survey(live, folder, seed=plan.seed, token=plan.world_token)
            _tell_left(found.left, progress)
            return int(found.id_bits)
        if experiment.inquiry is not None:
            inquire = discovery.load("inquiry", experiment.inquiry)
            left = inquire(
                live,
                folder,
                seed=plan.seed,
                token=plan.world_token,
                id_bits=id_bits,
                params=experiment.params,
                say=lambda text: progress.live(f"{folder.name}: {text}"),
            )
            _tell_left(left, progress)
            return id_bits
        if scenario is not None:
            progress.live(f"{folder.name}: building the world")
            world = _build_world(scenario, live, state)
            if live.spec.lives_on:  # the catalog is the user's own: leave it as it was
                cleanup.callback(_drop_world, world, live, progress)
        if experiment.driver is not None:
            _drive(experiment, live, state, progress)
        elif scenario is not None:
            _load_and_break(experiment, live, state, progress, loads, cleanup)
        settle_and_audit(live, folder, experiment.settle_s, plan.seed, progress)
    return id_bits


def _build_world(scenario: Scenario, live: LiveTarget, state: RunState) -> WorldPlan:
    world = plan_world(
        scenario.world,
        seed=state.plan.seed,
        root=tuple(live.spec.catalog.root_namespace),
        token=state.plan.world_token,
    )
    build_world(world, live, state.folder, id_bits=state.plan.id_bits)
    return world


def _drop_world(world: WorldPlan, live: LiveTarget, progress: Progress) -> None:
    try:
        left = drop_world(world, live)
    except IceworthyError as error:
        left = [str(error)]
    _tell_left(left, progress)


def _tell_left(left: Sequence[str], progress: Progress) -> None:
    if left:
        progress.say(f"could not be dropped again from the target: {'; '.join(left)}")


def _drive(experiment: Experiment, live: LiveTarget, state: RunState, progress: Progress) -> None:
    """Hand the target to the experiment's driver, which steers and records by itself."""
    driver = discovery.load("driver", str(experiment.driver))
    url = live.nodes[0].url
    headers = header_source(live.spec, url)
    plan = DriverPlan(
        wire=wire_for(live.spec, url, headers),
        headers=headers,
        seed=state.plan.seed,
        id_bits=state.plan.id_bits,
        timeout_s=state.plan.timeout_s,
        params=dict(experiment.params),
        say=lambda text: progress.live(f"{state.folder.name}: {text}"),
    )
    start_ns = time.monotonic_ns()
    try:
        driver(live, plan, state.folder)
    finally:
        state.folder.append(
            Window(
                name=str(experiment.driver),
                kind="fault",
                start_ns=start_ns,
                end_ns=time.monotonic_ns(),
                node=None,
                fault=experiment.driver,
            )
        )


def _load_and_break(
    experiment: Experiment,
    live: LiveTarget,
    state: RunState,
    progress: Progress,
    loads: list[LoadProcess],
    cleanup: ExitStack,
) -> None:
    folder, plan = state.folder, state.plan
    progress.live(f"{folder.name}: connecting {plan.sessions} sessions")
    load = start_load(folder, processes=plan.load_processes)
    loads.append(load)
    cleanup.callback(load.stop)
    t0_ns = load.wait_running(deadline_s=LOAD_READY_S)
    state.update(replace(state.plan, t0_ns=t0_ns))
    try:
        TimedFaults(experiment.faults, live, folder).run(
            t0_ns,
            experiment.duration_s,
            lambda: _news(live, load, folder, progress, experiment, t0_ns),
        )
        code = load.wait(deadline_s=LOAD_END_S)
        if code != 0:
            raise LoadLost(
                f"the load should end by itself with code 0 and came to {code}; "
                f"see {folder.logs / 'load.log'}"
            )
    finally:
        end_ns = min(time.monotonic_ns(), t0_ns + int(experiment.duration_s * 1e9))
        for line in timeline.windows(
            t0_ns=t0_ns,
            end_ns=end_ns,
            warmup_s=experiment.warmup_s,
            faults=fault_spans(folder.read(FaultEvent)),
        ):
            folder.append(line)


def _news(
    live: LiveTarget,
    load: LoadProcess,
    folder: RunFolder,
    progress: Progress,
    experiment: Experiment,
    t0_ns: int,
) -> None:
    """One look at load and stack: shown to the user; an early death of either is an error."""
    live.check()
    status = load.status()
    at_s = (time.monotonic_ns() - t0_ns) / 1e9
    progress.live(
        f"{folder.name}: {max(0.0, at_s):.1f} of {experiment.duration_s:.0f} s, "
        f"{status.connected} connected, {status.operations} operations, "
        f"{status.errors} errors"
    )
    code = load.wait(deadline_s=0)
    if code is not None and at_s < experiment.duration_s - 1:
        raise LoadLost(
            f"the load ended after {at_s:.1f} of {experiment.duration_s:.0f} s "
            f"with code {code}; see {folder.logs / 'load.log'}"
        )
