"""The task of a load process: from plan.json under the suite, from the environment without it.

Claim: both ways give the same LoadPlan.
Method: under the suite, ICEWORTHY_RUN names the run folder. Alone, `locust -f locustfile.py --host
URL[,URL]` has options of its own (locust_options.py).
What it does NOT show: whether the nodes answer.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from iceworthy import discovery
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import PlanError, RecordError
from iceworthy.words.experiment import Declared
from iceworthy.words.scenario import Scenario, World
from iceworthy.words.target import DatabaseSpec, TargetSpec
from iceworthy.words.target_file import load_target
from scenarios.engine.locust_options import Bare

RUN_VARIABLE = "ICEWORTHY_RUN"
HOSTS_VARIABLE = "ICEWORTHY_ALLOW_HOSTS"
WAREHOUSE_VARIABLE = "ICEWORTHY_WAREHOUSE"
ALONE = "locust"
ALONE_TOKEN = "locust"
ALONE_WORLD = World(namespaces=4, tables_per_namespace=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """One load. duration_s None: until it is stopped. longest_s: it ends when load_end.jsonl says,
    then at the latest; None: after duration_s. alone: not under the suite."""

    folder: RunFolder
    scenario: Scenario
    node_urls: tuple[str, ...]
    spread: bool
    seed: int
    duration_s: float | None
    longest_s: float | None
    timeout_s: float
    id_bits: int
    spec: TargetSpec
    world: World
    world_seed: int
    world_token: str
    alone: bool

    @property
    def location(self) -> str:
        """Base URI under which table locations are asked for; "" for none."""
        return self.spec.catalog.location


def suite_folder() -> Path | None:
    """The run folder that the suite named; None when this process runs alone."""
    named = os.environ.get(RUN_VARIABLE, "")
    return Path(named) if named else None


def warehouse_folder() -> Path | None:
    """The folder of the tables' files that the suite named; None where it is not on this disk."""
    named = os.environ.get(WAREHOUSE_VARIABLE, "") if suite_folder() is not None else ""
    return Path(named) if named else None


def admitted_hosts(also: Iterable[str] = ()) -> frozenset[str]:
    """The hosts that this process may connect to beside this machine: those that the suite was
    allowed (ICEWORTHY_ALLOW_HOSTS, joined by spaces), and alone those of --allow-host.
    """
    allowed = frozenset(os.environ.get(HOSTS_VARIABLE, "").split())
    return allowed if suite_folder() is not None else allowed | frozenset(also)


def read_load_plan(root: Path) -> LoadPlan:
    """The LoadPlan of a run folder; PlanError when its plan.json cannot be had."""
    folder = RunFolder(root)
    try:
        plan = folder.read_plan()
    except RecordError as error:
        raise PlanError(f"{RUN_VARIABLE}: {error}; or unset it to run locust alone") from error
    return load_plan_of(plan, folder)


def load_plan_of(plan: Plan, folder: RunFolder) -> LoadPlan:
    """The LoadPlan of an experiment's plan; PlanError names what the load lacks in it."""
    if plan.scenario is None or plan.target is None or plan.world is None or not plan.node_urls:
        raise PlanError(
            f"{folder.plan_file}: expected scenario, target, world and node_urls; one of them is "
            "empty, so there is no load to run (docs/formats.md has all fields)"
        )
    scenario: Scenario = discovery.load("scenario", plan.scenario)
    return LoadPlan(
        folder=folder,
        scenario=replace(scenario, roles=plan.roles) if plan.roles else scenario,
        node_urls=plan.node_urls,
        spread=plan.nodes == "spread",
        seed=plan.seed,
        duration_s=plan.duration_s,
        longest_s=plan.longest_s,
        timeout_s=plan.timeout_s,
        id_bits=plan.known.id_bits,
        spec=plan.target,
        world=plan.world,
        world_seed=plan.seed if plan.world_seed is None else plan.world_seed,
        world_token=plan.world_token,
        alone=plan.alone,
    )


def plan_alone(bare: Bare) -> Plan:
    """The plan of a run of locust alone."""
    scenario: Scenario = discovery.load("scenario", bare.scenario)
    spec = load_target(bare.target)
    node = replace(spec.node, command=(), urls=bare.hosts, count=len(bare.hosts))
    # Snapshot ids come from the seed: a second run on the same tables must not repeat them.
    seed = time.time_ns() % 1_000_000_007 if bare.seed is None else bare.seed
    return Plan(
        experiment=ALONE,
        hypothesis="what a load with Locust alone shows",
        declared=Declared(experiment=ALONE, scenario=bare.scenario),
        scenario=bare.scenario,
        sessions=bare.users,
        node_urls=bare.hosts,
        seed=seed,
        duration_s=bare.seconds,
        timeout_s=scenario.timeout_s,
        target=replace(spec, node=node, database=DatabaseSpec(kind="hidden")),
        target_name=bare.target,
        world=replace(ALONE_WORLD, hot_tables=scenario.world.hot_tables),
        world_seed=0,
        world_token=ALONE_TOKEN,
        roles=bare.roles,
        checkers=scenario.checkers,
        alone=True,
    )


def new_folder_alone() -> RunFolder:
    """A fresh results/locust-<UTC time>/experiments/locust/ below the working folder, so that
    `iceworthy judge` takes it."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for number in range(100):
        root = Path("results") / (f"locust-{stamp}" + (f"-{number}" if number else ""))
        try:
            root.mkdir(parents=True)
        except FileExistsError:
            continue
        folder = RunFolder(root.resolve() / "experiments" / ALONE)
        folder.logs.mkdir(parents=True)
        return folder
    raise PlanError(f"results/locust-{stamp} and a hundred beside it exist already; wait a second")
