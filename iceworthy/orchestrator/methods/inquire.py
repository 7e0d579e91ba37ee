"""Ask a quiet target: no load, no fault, one question after the other."""

from __future__ import annotations

from iceworthy import discovery
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.orchestrator.stage import Stage
from iceworthy.words.experiment import Inquire


def conduct(method: Inquire, stage: Stage) -> None:
    inquire = discovery.load("inquiry", method.inquiry)
    plan = InquiryPlan(
        seed=stage.plan.seed,
        token=stage.plan.world_token,
        known=stage.plan.known,
        params=method.params,
        say=stage.show,
    )
    found: Inquired = inquire(stage.live, plan, stage.folder)
    stage.tell_left(found.left)
    if found.known is not None:
        stage.learn(found.known)
