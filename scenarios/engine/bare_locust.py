"""Locust without the suite: a small data set on the given hosts, and a folder for the history.

Claim: `locust -f locustfile.py --host URL` works on any running catalog.
Method: the data set of an earlier run is used if it is still there; else fixtures.world builds a
new one, as the suite does.
What it does NOT show: a verdict; nothing is audited or judged. The folder holds the history only.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fixtures.world import build_world, plan_world
from iceworthy.client.auth import header_source
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.connect import wire_for
from iceworthy.record.plan import plan_to_object
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import TargetError
from iceworthy.words.target import TargetSpec
from scenarios.engine.load_plan import LoadPlan, load_plan_of, new_folder_alone, plan_alone


@dataclass(frozen=True, slots=True)
class _Address:
    """The part of iceworthy.words.live.Node that building a data set needs."""

    index: int
    url: str


@dataclass(frozen=True, slots=True)
class _Running:
    """The part of iceworthy.words.live.LiveTarget that building a data set needs."""

    spec: TargetSpec
    nodes: Sequence[_Address]
    folder: RunFolder
    links: Sequence[Any] = ()
    database: None = None


def prepare_alone(host: str) -> tuple[dict[str, Any], str]:
    """(plan.json's object, run folder) of a load on these hosts, after its data set was built."""
    plan = plan_alone(host)
    folder = new_folder_alone()
    if not _stands(load_plan_of(plan, folder)):
        try:
            _build(load_plan_of(plan, folder))
        except TargetError:
            # A part of an earlier data set may be left, so the new one has other names.
            token = f"{plan.world_token}{time.time_ns() // 1_000_000:x}"
            plan = replace(plan, world_token=token)
            _build(load_plan_of(plan, folder))
    folder.write_plan(plan)
    return plan_to_object(plan), str(folder.root)


def _world(plan: LoadPlan) -> Any:
    return plan_world(
        plan.world,
        seed=plan.world_seed,
        root=plan.spec.catalog.root_namespace,
        token=plan.world_token,
    )


def _build(plan: LoadPlan) -> None:
    nodes = tuple(_Address(index, url) for index, url in enumerate(plan.node_urls))
    running: Any = _Running(plan.spec, nodes, plan.folder)
    build_world(_world(plan), running, plan.folder, id_bits=plan.id_bits)


def _stands(plan: LoadPlan) -> bool:
    url = plan.node_urls[0]
    headers = header_source(plan.spec, url)
    wire = wire_for(plan.spec, url, headers)
    world = _world(plan)
    with CatalogClient(url, node=0, headers=headers) as client:
        return all(
            client.ask(wire.load_table(place.namespace, place.name)).ok
            for place in (*world.hot, *world.tables)
        )
