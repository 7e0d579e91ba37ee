"""Locust without the suite: a small data set on the given hosts, and a folder for the history.

Claim: `locust -f locustfile.py --host URL` works on any running catalog.
Method: the data set of an earlier run is used if it is still there; else fixtures.world builds a
new one, as the suite does.
What it does NOT show: a verdict; `iceworthy judge` makes one of the folder. Nothing is audited, so
verdicts that need an audit are unknown there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fixtures.world import build_world, plan_world
from iceworthy import __version__
from iceworthy.client.auth import header_source
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.connect import wire_for
from iceworthy.record.plan import Plan, plan_to_object, with_own_seal
from iceworthy.record.review import ReviewRecord, write_review
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadSecond, Window
from iceworthy.record.seal import seal
from iceworthy.words.asked import AskedFor
from iceworthy.words.errors import TargetError
from iceworthy.words.foreign import shell_line
from iceworthy.words.target import TargetSpec
from scenarios.engine.load_plan import (
    ALONE,
    LoadPlan,
    load_plan_of,
    new_folder_alone,
    plan_alone,
)
from scenarios.engine.locust_options import Bare
from scenarios.engine.schedule import SECOND_NS

WARMUP_S_MOST = 3.0


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
    warehouse_folder: None = None
    warehouse_bucket: None = None


def prepare_alone(bare: Bare) -> tuple[dict[str, Any], str]:
    """(plan.json's object, run folder) of a load on these hosts, after its data set was built."""
    plan = plan_alone(bare)
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
    _write_record(plan, folder)
    return plan_to_object(plan), str(folder.root)


def finish_alone(folder: RunFolder, end_ns: int) -> None:
    """Write what judging needs of a run that has ended: its windows, and that it is complete."""
    plan = folder.read_plan()
    began = [line.t0_ns for line in folder.read(LoadSecond) if line.t0_ns]
    if not began or plan.complete:
        return
    t0_ns = min(began)
    if plan.duration_s is not None:
        end_ns = min(end_ns, t0_ns + int(plan.duration_s * SECOND_NS))
    lasted_s = (end_ns - t0_ns) / SECOND_NS
    warmup_s = min(WARMUP_S_MOST, lasted_s / 4)
    warm_ns = t0_ns + int(warmup_s * SECOND_NS)
    for name, kind, start, end in (
        ("warmup", "warmup", t0_ns, warm_ns),
        ("steady-1", "steady", warm_ns, end_ns),
    ):
        folder.append(
            Window(name=name, kind=kind, start_ns=start, end_ns=end, node=None, fault=None)  # type: ignore[arg-type]
        )
    whole = replace(plan, t0_ns=t0_ns, duration_s=lasted_s, warmup_s=warmup_s, complete=True)
    folder.write_plan(with_own_seal(whole, seal(folder.root)))


def _write_record(plan: Plan, folder: RunFolder) -> None:
    """review.json, so that the scenario is what `iceworthy judge` answers."""
    declared = () if plan.declared is None else (plan.declared,)
    record = ReviewRecord(
        iceworthy=__version__,
        target=plan.target.name if plan.target else "",
        target_name=plan.target_name,
        seed=plan.seed,
        experiments=(ALONE,),
        declared=declared,
        asked=(AskedFor(kind="scenario", name=plan.scenario or "", experiment=ALONE),),
        command=shell_line("locust", *sys.argv[1:]),
        started=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
    )
    write_review(folder.root.parent.parent, record)


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
