"""Build the scenario's world, load it, break and heal by the clock; then read everything.

The load of an experiment with faults ends when its last fault is healed and the target had time to
come to rest, and no earlier than planned. Example: a node that needs 12 s for its drain moves the
next fault, and the load's end with it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from fixtures.samplers.event_listeners import EventListeners
from fixtures.world import WorldPlan, build_world, drop_world, plan_world
from iceworthy import discovery
from iceworthy.orchestrator import timeline
from iceworthy.orchestrator.settling import settle_and_audit
from iceworthy.orchestrator.stage import Stage
from iceworthy.orchestrator.timed_faults import TimedFaults
from iceworthy.record.fault_spans import FaultSpan, fault_spans
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEvent, LoadEnd
from iceworthy.words.errors import IceworthyError, StackError, StoppedBy
from iceworthy.words.experiment import Load
from iceworthy.words.scenario import Scenario
from scenarios.engine.launch import LoadProcess, start_load

LOAD_READY_S = 60.0
LOAD_END_S = 30.0


class LoadLost(StackError):
    """The load ended early or with an error: operations that it had not written yet are lost."""

    stopped_by = StoppedBy.LOAD


@dataclass(slots=True, kw_only=True)
class LoadLength:
    """How long a load lasts, in seconds after t0: until its end is set, longest_s at most.
    errors_before: as many were seen before the first fault. faults: those of the stream when it
    had faults_bytes, so that a look reads it only after it has grown."""

    planned_s: float
    longest_s: float | None = None
    errors_before: int = 0
    faults: tuple[FaultSpan, ...] = ()
    faults_bytes: int = 0

    @property
    def s(self) -> float:
        """Until when it may go on, as far as is known."""
        return self.planned_s if self.longest_s is None else self.longest_s

    def set_end(self, end_s: float) -> None:
        """From now on its end is known."""
        self.planned_s = self.longest_s = min(end_s, self.s)


def conduct(method: Load, stage: Stage) -> None:
    scenario: Scenario = discovery.load("scenario", method.scenario)
    stage.show("building the world")
    world = _build_world(scenario, stage)
    if stage.live.spec.lives_on:  # the catalog is the user's own: leave it as it was
        stage.cleanup.callback(_drop_world, world, stage)
    listeners = EventListeners(stage.live, stage.folder)
    stage.cleanup.callback(listeners.stop)
    if method.events:
        listeners.start()
    _run_load(method, stage)
    listeners.load_ended()
    settle_and_audit(stage.live, stage.folder, method.settle_s, stage.plan.seed, stage.progress)
    listeners.stop()


def _build_world(scenario: Scenario, stage: Stage) -> WorldPlan:
    world = plan_world(
        scenario.world,
        seed=stage.plan.seed,
        root=tuple(stage.live.spec.catalog.root_namespace),
        token=stage.plan.world_token,
    )
    build_world(world, stage.live, stage.folder, id_bits=stage.plan.known.id_bits)
    return world


def _drop_world(world: WorldPlan, stage: Stage) -> None:
    try:
        left = drop_world(world, stage.live)
    except IceworthyError as error:
        left = [str(error)]
    stage.tell_left(left)


def _run_load(method: Load, stage: Stage) -> None:
    folder, plan, live = stage.folder, stage.plan, stage.live
    stage.show(f"connecting {plan.sessions} sessions")
    faults = TimedFaults(method.faults, live, folder)
    length = LoadLength(planned_s=method.duration_s)
    if method.faults:
        length.longest_s = faults.longest_s(method.duration_s)
        plan = replace(plan, longest_s=length.longest_s)
        stage.state.update(plan)
    load = start_load(
        folder,
        processes=plan.load_processes,
        keyring=live.spec.keyring,
        warehouse=live.warehouse_folder,
    )
    stage.pids = load.pids
    stage.cleanup.callback(load.stop)
    t0_ns = load.wait_running(deadline_s=LOAD_READY_S)
    stage.state.update(replace(plan, t0_ns=t0_ns))

    def ends(end_ns: int) -> None:
        if method.faults:
            length.set_end((end_ns - t0_ns) / 1e9)
            folder.append(LoadEnd(t_ns=end_ns))
            stage.state.update(replace(stage.plan, duration_s=length.s))

    try:
        faults.run(t0_ns, method.duration_s, lambda: _news(length, stage, load, t0_ns), ends)
        code = load.wait(deadline_s=LOAD_END_S)
        if code != 0:
            raise LoadLost(
                f"expected the load to end by itself with code 0, got code {code}; "
                f"see {folder.logs / 'load.log'}"
            )
    finally:
        end_ns = min(time.monotonic_ns(), t0_ns + int(length.s * 1e9))
        for line in timeline.windows(
            t0_ns=t0_ns,
            end_ns=end_ns,
            warmup_s=method.warmup_s,
            faults=fault_spans(folder.read(FaultEvent)),
        ):
            folder.append(line)


def _news(length: LoadLength, stage: Stage, load: LoadProcess, t0_ns: int) -> None:
    """One look at load and stack: shown to the user; an early death of either is an error."""
    stage.live.check()
    status = load.status()
    at_s = (time.monotonic_ns() - t0_ns) / 1e9
    stage.show(
        f"{max(0.0, at_s):.1f} of {length.planned_s:.0f} s, "
        f"{status.connected} connected, {status.operations} operations, "
        f"{_told_errors(length, stage, status.errors)}"
    )
    code = load.wait(deadline_s=0)
    if code is not None and at_s < length.s - 1:
        raise LoadLost(
            f"the load ended after {at_s:.1f} of {length.s:.0f} s "
            f"with code {code}; see {stage.folder.logs / 'load.log'}"
        )


def _faults_so_far(length: LoadLength, folder: RunFolder) -> tuple[FaultSpan, ...]:
    """The faults of the stream, which is read only where it has grown since the last look."""
    file = folder.stream_file(FaultEvent)
    size = file.stat().st_size if file.exists() else 0
    if size != length.faults_bytes:
        length.faults = fault_spans(folder.read(FaultEvent))
        length.faults_bytes = size
    return length.faults


def _told_errors(length: LoadLength, stage: Stage, errors: int) -> str:
    """The errors so far; those since the first fault are named as expected of it."""
    spans = _faults_so_far(length, stage.folder) if stage.plan.faults else ()
    if not spans:
        length.errors_before = errors
        return f"{errors} errors"
    now = [span.fault for span in spans if span.heal_ns is None]
    what = f"during {', '.join(now)}" if now else f"after {spans[-1].fault}"
    more = errors - length.errors_before
    return f"{length.errors_before} errors" + (f" and {more} expected {what}" if more else "")
