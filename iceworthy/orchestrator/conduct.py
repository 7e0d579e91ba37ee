"""One experiment, from an empty stack to a whole results folder.

Order: stack, samplers, world, load, faults by the clock (or a driver), heal, settle, audit.
Whatever goes wrong or is interrupted, every fault is healed, the load is ended, and what was
recorded stays, with plan.json saying how far it came. Judging is not done here.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from iceworthy import discovery
from iceworthy.discovery import suite_attribute
from iceworthy.orchestrator import timeline
from iceworthy.orchestrator.interrupt import HeldAtExit
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.orchestrator.timed_faults import TimedFaults
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.seal import seal
from iceworthy.words.errors import IceworthyError, StackError, TargetError
from iceworthy.words.experiment import Experiment
from iceworthy.words.scenario import Scenario

LOAD_READY_S = 60.0
LOAD_END_S = 30.0
NEWS_S = 0.3


class LoadLost(StackError):
    """The load ended otherwise than it should: what it had not written down yet is lost."""


@dataclass(slots=True)
class RunState:
    """What becomes known while an experiment runs, written to plan.json at each step."""

    folder: RunFolder
    plan: dict[str, Any]

    def update(self, **facts: Any) -> None:
        """Add facts to plan.json, atomically."""
        self.plan.update(facts)
        partial = self.folder.plan.with_suffix(".partial")
        partial.write_text(json.dumps(self.plan, indent=1, default=_jsonable), encoding="utf-8")
        partial.replace(self.folder.plan)

    def stopped(self, error: BaseException) -> None:
        """Say why it did not come to its end; a full disk must not hide that behind itself."""
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
        with suppress(OSError):
            self.update(
                stopped_because=why or repr(error),
                stopped_by=type(error).__name__,
                sealed=seal(self.folder.root),
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
        state.update()
        progress.live(f"{name}: starting {settings.target.name}")
        if settings.target.node.command and settings.target.database.kind == "postgres":
            # The stack would do so itself, in silence; the first time it takes a minute.
            suite_attribute("fixtures.stack.toxiproxy_build", "ensure_toxiproxy")(progress.say)
        with _stack(settings, folder) as live:
            state.update(node_urls=[node.url for node in live.nodes], versions=live.versions())
            try:
                id_bits = _conduct(experiment, scenario, live, state, progress)
            except TargetError:
                live.check(news_s=NEWS_S)  # what fell may have been under the target
                raise
        state.update(complete=True, id_bits=id_bits, sealed=seal(folder.root))
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
        experiment = dataclasses.replace(experiment, **settings.overrides)
    if settings.sessions is not None:
        experiment = dataclasses.replace(experiment, sessions=settings.sessions)
    for fault in experiment.faults:
        discovery.load("fault", fault.fault)
    # A target of one node meets the faults that were meant for the second as well.
    faults = tuple(
        dataclasses.replace(fault, node=fault.node % settings.target.node.count)
        for fault in experiment.faults
    )
    return dataclasses.replace(experiment, faults=faults)


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
) -> dict[str, Any]:
    """plan.json as it is before anything runs; keys as in docs/formats.md."""
    return {
        "experiment": name,
        "hypothesis": experiment.hypothesis,
        "scenario": experiment.scenario,
        "driver": experiment.driver,
        "inquiry": experiment.inquiry,
        "sessions": experiment.sessions or (scenario.sessions if scenario else 0),
        "nodes": experiment.nodes or (scenario.nodes if scenario else "spread"),
        "node_urls": [],
        "seed": settings.seed,
        "t0_ns": None,
        "warmup_s": experiment.warmup_s,
        "duration_s": experiment.duration_s,
        "settle_s": experiment.settle_s,
        "timeout_s": scenario.timeout_s if scenario else 10.0,
        "faults": [dataclasses.asdict(fault) for fault in experiment.faults],
        "params": dict(experiment.params),
        "id_bits": id_bits,
        "world": dataclasses.asdict(scenario.world) if scenario else None,
        "world_token": "",
        "checkers": list(scenario.checkers) if scenario else [],
        "target": suite_attribute("iceworthy.words.target_file", "spec_to_dict")(settings.target),
        "target_name": settings.target_name,
        "lie": settings.lie,
        "load_processes": settings.load_processes,
        "complete": False,
        "stopped_because": "",
    }


def _stack(settings: Settings, folder: RunFolder) -> AbstractContextManager[Any]:
    open_stack = suite_attribute("fixtures.stack.stack", "open_stack")
    return HeldAtExit(
        open_stack(settings.target, folder, lie=settings.lie, allow_hosts=settings.allow_hosts)
    )


def _conduct(
    experiment: Experiment,
    scenario: Scenario | None,
    live: Any,
    state: RunState,
    progress: Progress,
) -> int:
    """Everything between a started stack and a stopped one."""
    folder, plan = state.folder, state.plan
    id_bits = int(plan["id_bits"])
    loads: list[Any] = []

    def load_pids() -> dict[str, int]:
        return dict(loads[0].pids()) if loads else {}

    with HeldAtExit(ExitStack()) as cleanup:
        samplers = suite_attribute("fixtures.samplers.samplers", "Samplers")(
            live, folder, load_pids
        )
        samplers.start()
        cleanup.callback(samplers.stop)
        if plan["experiment"] == "survey":
            found = suite_attribute("iceworthy.contract.survey", "survey")(live, folder)
            _tell_left(found.left, progress)
            return int(found.id_bits)
        if experiment.inquiry is not None:
            inquire = suite_attribute(experiment.inquiry, "inquire")
            left = inquire(
                live,
                folder,
                seed=plan["seed"],
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
        _settle_and_audit(experiment, live, state, progress)
    return id_bits


def _build_world(scenario: Scenario, live: Any, state: RunState) -> Any:
    plan_world = suite_attribute("fixtures.world", "plan_world")
    seed = state.plan["seed"]
    # A target that ran before us may hold an earlier run's world: its names must not meet ours.
    token = f"{time.time_ns() // 1_000_000:x}" if live.spec.lives_on else ""
    state.update(world_token=token)
    world = plan_world(
        scenario.world, seed=seed, root=tuple(live.spec.catalog.root_namespace), token=token
    )
    suite_attribute("fixtures.world", "build_world")(
        world, live, state.folder, id_bits=state.plan["id_bits"]
    )
    return world


def _drop_world(world: Any, live: Any, progress: Progress) -> None:
    try:
        left = suite_attribute("fixtures.world", "drop_world")(world, live)
    except IceworthyError as error:
        left = [str(error)]
    _tell_left(left, progress)


def _tell_left(left: Sequence[str], progress: Progress) -> None:
    if left:
        progress.say(f"could not be dropped again from the target: {'; '.join(left)}")


def _drive(experiment: Experiment, live: Any, state: RunState, progress: Progress) -> None:
    """Hand the target to the experiment's driver, which steers and records by itself."""
    driver = discovery.load("driver", str(experiment.driver))
    url = live.nodes[0].url
    headers = suite_attribute("iceworthy.client.auth", "header_source")(live.spec, url)
    plan = suite_attribute("chaos.drivers", "DriverPlan")(
        wire=suite_attribute("iceworthy.client.connect", "wire_for")(live.spec, url, headers),
        headers=headers,
        seed=state.plan["seed"],
        id_bits=state.plan["id_bits"],
        timeout_s=state.plan["timeout_s"],
        params=dict(experiment.params),
        say=lambda text: progress.live(f"{state.folder.name}: {text}"),
    )
    start_ns = time.monotonic_ns()
    try:
        driver(live, plan, state.folder)
    finally:
        state.folder.append(
            "windows",
            name=str(experiment.driver),
            kind="fault",
            start_ns=start_ns,
            end_ns=time.monotonic_ns(),
            node=None,
            fault=experiment.driver,
        )


def _load_and_break(
    experiment: Experiment,
    live: Any,
    state: RunState,
    progress: Progress,
    loads: list[Any],
    cleanup: ExitStack,
) -> None:
    folder, plan = state.folder, state.plan
    progress.live(f"{folder.name}: connecting {plan['sessions']} sessions")
    load = suite_attribute("scenarios.engine.launch", "start_load")(
        folder, processes=plan["load_processes"]
    )
    loads.append(load)
    cleanup.callback(load.stop)
    t0_ns = load.wait_running(deadline_s=LOAD_READY_S)
    state.update(t0_ns=t0_ns)
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
            faults=timeline.spans(folder.lines("faults")),
        ):
            folder.append("windows", **line)


def _news(
    live: Any, load: Any, folder: RunFolder, progress: Progress, experiment: Experiment, t0_ns: int
) -> None:
    """One look at load and stack: shown to the user; an early death of either is an error."""
    live.check()
    status = load.status() or {}
    at_s = (time.monotonic_ns() - t0_ns) / 1e9
    progress.live(
        f"{folder.name}: {max(0.0, at_s):.1f} of {experiment.duration_s:.0f} s, "
        f"{status.get('connected', 0)} connected, {status.get('operations', 0)} operations, "
        f"{status.get('errors', 0)} errors"
    )
    code = load.wait(deadline_s=0)
    if code is not None and at_s < experiment.duration_s - 1:
        raise LoadLost(
            f"the load ended after {at_s:.1f} of {experiment.duration_s:.0f} s "
            f"with code {code}; see {folder.logs / 'load.log'}"
        )


def _settle_and_audit(
    experiment: Experiment, live: Any, state: RunState, progress: Progress
) -> None:
    folder = state.folder
    progress.live(f"{folder.name}: settling")
    start_ns = time.monotonic_ns()
    deadline = time.monotonic() + experiment.settle_s
    for end in folder.lines("exits"):
        if end["asked"] == "none":
            node = f"node {end['node']} ended by itself ({_how(end)})"
            progress.say(f"{folder.name}: {node}; see {folder.logs}")
    for node in live.nodes:
        left_s = max(0.5, deadline - time.monotonic())
        try:
            if live.spec.node.command and not node.is_running():
                node.start(reason="restart")
            node.wait_ready(deadline_s=left_s)
        except TargetError as error:
            # A node that does not come back is a finding: the audit's reads on it will show it.
            progress.say(f"{folder.name}: node {node.index} did not come to rest: {error}")
    settled_ns = time.monotonic_ns()
    folder.append(
        "windows",
        name="settle",
        kind="settle",
        start_ns=start_ns,
        end_ns=settled_ns,
        node=None,
        fault=None,
    )
    progress.live(f"{folder.name}: reading every table and namespace on every node")
    suite_attribute("fixtures.audit", "audit")(live, folder, seed=state.plan["seed"])
    folder.append(
        "windows",
        name="audit",
        kind="audit",
        start_ns=settled_ns,
        end_ns=time.monotonic_ns(),
        node=None,
        fault=None,
    )


def _how(end: dict[str, Any]) -> str:
    code = end["code"]
    if not isinstance(code, int) or code >= 0:
        return f"code {code}"
    return next((s.name for s in signal.Signals if s == -code), f"signal {-code}")


def _jsonable(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
