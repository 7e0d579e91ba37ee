"""The task of a load process: from plan.json under the suite, from the environment without it.

Claim: both ways give the same LoadPlan.
Method: under the suite, ICEWORTHY_RUN names the run folder. Alone, `locust -f locustfile.py --host
URL[,URL]` reads ICEWORTHY_SCENARIO (default mix), ICEWORTHY_TARGET (the target file with prefix and
authentication; default reference) and ICEWORTHY_SEED.
What it does NOT show: whether the nodes answer.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from iceworthy import discovery
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import PlanError, RecordError
from iceworthy.words.scenario import Scenario, World
from iceworthy.words.target import DatabaseSpec, TargetSpec
from iceworthy.words.target_file import load_target

RUN_VARIABLE = "ICEWORTHY_RUN"
HOSTS_VARIABLE = "ICEWORTHY_ALLOW_HOSTS"
SCENARIO_VARIABLE = "ICEWORTHY_SCENARIO"
TARGET_VARIABLE = "ICEWORTHY_TARGET"
SEED_VARIABLE = "ICEWORTHY_SEED"
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


def admitted_hosts(host: str) -> frozenset[str]:
    """The hosts that this process may connect to beside this machine: those that the suite was
    allowed (ICEWORTHY_ALLOW_HOSTS, joined by spaces), and those of Locust's --host when it runs
    alone.
    """
    allowed = frozenset(os.environ.get(HOSTS_VARIABLE, "").split())
    if suite_folder() is not None:
        return allowed
    named = (urlsplit(url.strip()).hostname for url in host.split(","))
    return allowed | {one for one in named if one}


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
            f"{folder.plan_file}: wanted scenario, target, world and node_urls; one of them is "
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


def plan_alone(host: str) -> Plan:
    """The plan of a run of locust alone against these hosts."""
    urls = tuple(url.strip() for url in host.split(",") if url.strip())
    if not urls:
        raise PlanError("no host: give --host http://HOST:PORT, or several joined by commas")
    name = os.environ.get(SCENARIO_VARIABLE, "mix")
    scenario: Scenario = discovery.load("scenario", name)
    spec = load_target(os.environ.get(TARGET_VARIABLE, "reference"))
    node = replace(spec.node, command=(), urls=urls, count=len(urls))
    return Plan(
        experiment="locust",
        scenario=name,
        node_urls=urls,
        seed=_seed(),
        timeout_s=scenario.timeout_s,
        target=replace(spec, node=node, database=DatabaseSpec(kind="hidden")),
        world=replace(ALONE_WORLD, hot_tables=scenario.world.hot_tables),
        world_seed=0,
        world_token=ALONE_TOKEN,
        alone=True,
    )


def new_folder_alone() -> RunFolder:
    """A fresh results/locust-<UTC time>/ below the working folder."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for number in range(100):
        root = Path("results") / (f"locust-{stamp}" + (f"-{number}" if number else ""))
        try:
            root.mkdir(parents=True)
        except FileExistsError:
            continue
        folder = RunFolder(root.resolve())
        folder.logs.mkdir()
        return folder
    raise PlanError(f"results/locust-{stamp} and a hundred beside it exist already; wait a second")


def _seed() -> int:
    text = os.environ.get(SEED_VARIABLE, "")
    # Snapshot ids come from the seed: a second run on the same tables must not repeat them.
    return int(text) if text.isdigit() else time.time_ns() % 1_000_000_007
