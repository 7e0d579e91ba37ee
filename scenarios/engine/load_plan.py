"""What a load process is to do: from plan.json under the suite, from the environment alone.

Claim: both ways give the same LoadPlan. Method: under the suite the run folder is named by
ICEWORTHY_RUN; alone, `locust -f locustfile.py --host URL[,URL]` takes ICEWORTHY_SCENARIO (mix),
ICEWORTHY_TARGET (the target file that says prefix and authentication; reference) and
ICEWORTHY_SEED.
What it does NOT show: whether the nodes answer.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iceworthy import discovery
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import PlanError
from iceworthy.words.scenario import Role, Scenario, World
from iceworthy.words.target import DatabaseSpec, TargetSpec
from iceworthy.words.target_file import load_target, spec_from_dict, spec_to_dict

RUN_VARIABLE = "ICEWORTHY_RUN"
SCENARIO_VARIABLE = "ICEWORTHY_SCENARIO"
TARGET_VARIABLE = "ICEWORTHY_TARGET"
SEED_VARIABLE = "ICEWORTHY_SEED"
ALONE_TOKEN = "locust"
ALONE_WORLD = World(namespaces=4, tables_per_namespace=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """One load. duration_s None: until it is stopped. alone: not under the suite."""

    folder: RunFolder
    scenario: Scenario
    node_urls: tuple[str, ...]
    spread: bool
    seed: int
    duration_s: float | None
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


def read_plan(root: Path) -> LoadPlan:
    """The LoadPlan of a run folder; PlanError when its plan.json cannot be had."""
    folder = RunFolder(root)
    try:
        facts: dict[str, Any] = json.loads(folder.plan.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(
            f"{RUN_VARIABLE} names {root}, whose plan.json cannot be read ({error}); "
            "unset it to run locust alone"
        ) from error
    return plan_of(facts, folder)


def plan_of(facts: Mapping[str, Any], folder: RunFolder) -> LoadPlan:
    """The LoadPlan of plan.json's object; PlanError names a key that is missing."""
    try:
        scenario: Scenario = discovery.load("scenario", facts["scenario"])
        if facts.get("roles"):
            roles = tuple(Role(**role) for role in facts["roles"])
            scenario = dataclasses.replace(scenario, roles=roles)
        return LoadPlan(
            folder=folder,
            scenario=scenario,
            node_urls=tuple(facts["node_urls"]),
            spread=facts["nodes"] == "spread",
            seed=int(facts["seed"]),
            duration_s=facts["duration_s"],
            timeout_s=float(facts["timeout_s"]),
            id_bits=int(facts["id_bits"]),
            spec=spec_from_dict(facts["target"]),
            world=World(**facts["world"]),
            world_seed=int(facts.get("world_seed", facts["seed"])),
            world_token=str(facts.get("world_token", "")),
            alone=bool(facts.get("alone", False)),
        )
    except KeyError as error:
        raise PlanError(f"{folder.plan} lacks the key {error}; see docs/formats.md") from error


def facts_alone(host: str) -> dict[str, Any]:
    """plan.json's object for a run of locust alone against these hosts."""
    urls = [url.strip() for url in host.split(",") if url.strip()]
    if not urls:
        raise PlanError("no host: give --host http://HOST:PORT, or several joined by commas")
    name = os.environ.get(SCENARIO_VARIABLE, "mix")
    scenario: Scenario = discovery.load("scenario", name)
    spec = load_target(os.environ.get(TARGET_VARIABLE, "reference"))
    node = dataclasses.replace(spec.node, command=(), urls=tuple(urls), count=len(urls))
    return {
        "experiment": "locust",
        "scenario": name,
        "sessions": 0,
        "nodes": "spread",
        "node_urls": urls,
        "seed": _seed(),
        "t0_ns": None,
        "warmup_s": 0.0,
        "duration_s": None,
        "settle_s": 0.0,
        "timeout_s": scenario.timeout_s,
        "faults": [],
        "id_bits": 62,
        "target": spec_to_dict(
            dataclasses.replace(spec, node=node, database=DatabaseSpec(kind="hidden"))
        ),
        "world": dataclasses.asdict(
            dataclasses.replace(ALONE_WORLD, hot_tables=scenario.world.hot_tables)
        ),
        "world_seed": 0,
        "world_token": ALONE_TOKEN,
        "complete": False,
        "stopped_because": "",
        "alone": True,
    }


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
