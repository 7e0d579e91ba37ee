"""Ask a quiet target: no load, no fault, one question after the other."""

from __future__ import annotations

from dataclasses import replace

from iceworthy import discovery
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.orchestrator.stage import Stage
from iceworthy.words.experiment import Inquire


def conduct(method: Inquire, stage: Stage) -> None:
    inquire = discovery.load("inquiry", method.inquiry)
    plan = InquiryPlan(
        seed=stage.plan.seed,
        token=stage.plan.world_token,
        id_bits=stage.plan.id_bits,
        params=method.params,
        say=stage.show,
    )
    found: Inquired = inquire(stage.live, plan, stage.folder)
    stage.tell_left(found.left)
    if found.id_bits is not None:
        stage.state.update(replace(stage.plan, id_bits=found.id_bits))
