"""One experiment, from an empty stack to a whole results folder.

Order: stack, samplers, world, load, faults by the clock (or a driver), heal, settle, audit.
Whatever goes wrong or is interrupted, every fault is healed, the load is ended, and what was
recorded stays, with plan.json saying how far it came. Judging is not done here.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from iceworthy import discovery, timeline
from iceworthy.discovery import suite_attribute
from iceworthy.errors import FaultError, IceworthyError, StackError, TargetError
from iceworthy.live import Evidence, LiveTarget
from iceworthy.plan import Experiment, FaultAt, Scenario
from iceworthy.progress import Progress
from iceworthy.run_folder import RunFolder
from iceworthy.settings import Settings

LOAD_READY_S = 60.0
LOAD_END_S = 30.0
NEWS_S = 0.25


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


def run_experiment(
    name: str, settings: Settings, folder: RunFolder, progress: Progress, *, id_bits: int
) -> int:
    """Run one experiment into `folder`; returns the id_bits that later experiments should use.

    Raises IceworthyError when it could not come to its end; the folder then says why.
    """
    folder.root.mkdir(parents=True)
    folder.logs.mkdir()
    experiment = resolve(name, settings)
    scenario = load_scenario(experiment)
    state = RunState(folder, first_plan(name, experiment, scenario, settings, id_bits))
    state.update()
    try:
        with _stack(settings, folder) as live:
            state.update(node_urls=[node.url for node in live.nodes], versions=live.versions())
            id_bits = _conduct(experiment, scenario, live, state, progress)
        state.update(complete=True, id_bits=id_bits)
    except KeyboardInterrupt:
        state.update(stopped_because="interrupted")
        raise
    except IceworthyError as error:
        state.update(stopped_because=str(error))
        raise
    except OSError as error:
        state.update(stopped_because=repr(error))
        raise StackError(
            f"{name}: the machine refused: {error}; what was recorded is kept in {folder.root}"
        ) from error
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
    return experiment


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
        "target": suite_attribute("iceworthy.target_file", "spec_to_dict")(settings.target),
        "target_name": settings.target_name,
        "lie": settings.lie,
        "load_processes": settings.load_processes,
        "complete": False,
        "stopped_because": "",
    }


@contextmanager
def _stack(settings: Settings, folder: RunFolder) -> Iterator[Any]:
    open_stack = suite_attribute("fixtures.stack", "open_stack")
    with open_stack(
        settings.target, folder, lie=settings.lie, allow_hosts=settings.allow_hosts
    ) as live:
        yield live


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

    with ExitStack() as cleanup:
        samplers = suite_attribute("fixtures.samplers", "Samplers")(live, folder, load_pids)
        samplers.start()
        cleanup.callback(samplers.stop)
        if plan["experiment"] == "survey":
            return int(suite_attribute("fixtures.survey", "survey")(live, folder).id_bits)
        if scenario is not None:
            progress.live(f"{folder.name}: building the world")
            world = _build_world(scenario, live, state)
            if not live.spec.node.command:  # the catalog is the user's own: leave it as it was
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
    token = "" if live.spec.node.command else f"{time.time_ns() // 1_000_000:x}"
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
    if left:
        progress.say(f"could not be dropped again from the target: {'; '.join(left)}")


def _drive(experiment: Experiment, live: Any, state: RunState, progress: Progress) -> None:
    """Hand the target to the experiment's driver, which steers and records by itself."""
    driver = discovery.load("driver", str(experiment.driver))
    url = live.nodes[0].url
    headers = suite_attribute("fixtures.auth", "header_source")(live.spec, url)
    plan = suite_attribute("chaos.drivers", "DriverPlan")(
        wire=suite_attribute("fixtures.connect", "wire_for")(live.spec, url, headers),
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
            "windows", name=str(experiment.driver), kind="fault", start_ns=start_ns,
            end_ns=time.monotonic_ns(), node=None, fault=experiment.driver,
        )  # fmt: skip


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
    load = suite_attribute("scenarios._launch", "start_load")(
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
            raise StackError(
                f"{folder.name}: the load should end by itself with code 0 and came to {code}; "
                f"see {folder.logs / 'load.log'}"
            )
    finally:
        end_ns = min(time.monotonic_ns(), t0_ns + int(experiment.duration_s * 1e9))
        for line in timeline.windows(
            t0_ns=t0_ns, end_ns=end_ns, warmup_s=experiment.warmup_s,
            faults=timeline.spans(folder.lines("faults")),
        ):  # fmt: skip
            folder.append("windows", **line)


def _news(
    live: Any, load: Any, folder: RunFolder, progress: Progress, experiment: Experiment, t0_ns: int
) -> None:
    """One look at load and stack: shown to the user; an early death of either is an error."""
    live.check()
    status = load.status() or {}
    at_s = (time.monotonic_ns() - t0_ns) / 1e9
    progress.live(
        f"{folder.name}: {at_s:5.1f} of {experiment.duration_s:.0f} s, "
        f"{status.get('connected', 0)} connected, {status.get('operations', 0)} operations, "
        f"{status.get('errors', 0)} errors"
    )
    code = load.wait(deadline_s=0)
    if code is not None and at_s < experiment.duration_s - 1:
        raise StackError(
            f"{folder.name}: the load ended after {at_s:.1f} of {experiment.duration_s:.0f} s "
            f"with code {code}; see {folder.logs / 'load.log'}"
        )


class TimedFaults:
    """Injects and heals each fault when it falls due; whatever happens, every fault is healed."""

    def __init__(self, faults: tuple[FaultAt, ...], live: LiveTarget, folder: RunFolder) -> None:
        self._planned = faults
        self._live = live
        self._folder = folder
        self._faults = [discovery.load("fault", f.fault)(dict(f.params)) for f in faults]
        self._open: set[int] = set()

    def run(self, t0_ns: int, duration_s: float, news: Callable[[], None]) -> None:
        """Walk the timeline until duration_s after t0; a failed heal is raised at its end."""
        failed: list[str] = []
        try:
            for step in timeline.steps(self._planned):
                _wait_until(t0_ns + int(step.at_s * 1e9), news)
                if step.heal:
                    failed += self._heal(step.index)
                else:
                    self._inject(step.index)
            _wait_until(t0_ns + int(duration_s * 1e9), news)
        finally:
            for index in sorted(self._open):
                failed += self._heal(index)
        if failed:
            raise FaultError("; ".join(failed))

    def _inject(self, index: int) -> None:
        fault = self._planned[index]
        self._open.add(index)
        self._line(index, "inject", time.monotonic_ns(), {})
        try:
            evidence: Evidence = self._faults[index].inject(self._live, fault.node)
        except (FaultError, TargetError, StackError) as error:
            self._line(index, "failed", time.monotonic_ns(), {"reason": str(error)})
            return
        self._line(index, "bit", evidence.t_ns, dict(evidence.facts))

    def _heal(self, index: int) -> list[str]:
        if index not in self._open:
            return []
        self._open.discard(index)
        try:
            self._faults[index].heal(self._live, self._planned[index].node)
        except IceworthyError as error:
            self._line(index, "failed", time.monotonic_ns(), {"reason": f"not healed: {error}"})
            return [
                f"{self._planned[index].fault} on node {self._planned[index].node} was not healed: {error}"
            ]  # noqa: E501
        self._line(index, "heal", time.monotonic_ns(), {})
        return []

    def _line(self, index: int, event: str, t_ns: int, facts: dict[str, Any]) -> None:
        fault = self._planned[index]
        self._folder.append(
            "faults", fault=fault.fault, event=event, t_ns=t_ns, node=fault.node, facts=facts
        )


def _wait_until(due_ns: int, news: Callable[[], None]) -> None:
    while (left_s := (due_ns - time.monotonic_ns()) / 1e9) > 0:
        time.sleep(min(left_s, NEWS_S))
        news()


def _settle_and_audit(
    experiment: Experiment, live: Any, state: RunState, progress: Progress
) -> None:
    folder = state.folder
    progress.live(f"{folder.name}: settling")
    start_ns = time.monotonic_ns()
    deadline = time.monotonic() + experiment.settle_s
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
    folder.append("windows", name="settle", kind="settle", start_ns=start_ns, end_ns=settled_ns,
                  node=None, fault=None)  # fmt: skip
    progress.live(f"{folder.name}: reading every table and namespace on every node")
    suite_attribute("fixtures.audit", "audit")(live, folder, seed=state.plan["seed"])
    folder.append("windows", name="audit", kind="audit", start_ns=settled_ns,
                  end_ns=time.monotonic_ns(), node=None, fault=None)  # fmt: skip


def _jsonable(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
