"""Hand the target to a driver, which steers it step by step and records; then read everything."""

from __future__ import annotations

import time

from chaos.drivers import DriverPlan
from iceworthy import discovery
from iceworthy.client.auth import header_source
from iceworthy.client.connect import wire_for
from iceworthy.orchestrator.settling import settle_and_audit
from iceworthy.orchestrator.stage import Stage
from iceworthy.record.run_lines import Window
from iceworthy.words.experiment import Drive


def conduct(method: Drive, stage: Stage) -> None:
    live = stage.live
    driver = discovery.load("driver", method.driver)
    url = live.nodes[0].url
    headers = header_source(live.spec, url)
    plan = DriverPlan(
        wire=wire_for(live.spec, url, headers),
        headers=headers,
        seed=stage.plan.seed,
        id_bits=stage.plan.known.id_bits,
        timeout_s=stage.plan.timeout_s,
        params=dict(method.params),
        say=stage.show,
    )
    start_ns = time.monotonic_ns()
    try:
        driver(live, plan, stage.folder)
    finally:
        stage.folder.append(
            Window(
                name=method.driver,
                kind="fault",
                start_ns=start_ns,
                end_ns=time.monotonic_ns(),
                node=None,
                fault=method.driver,
            )
        )
    settle_and_audit(live, stage.folder, method.settle_s, stage.plan.seed, stage.progress)
