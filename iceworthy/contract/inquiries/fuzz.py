"""Odd requests to every advertised operation."""

from iceworthy.contract.fuzz.run import inquire as ask
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.live import LiveTarget


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    left = ask(
        live,
        folder,
        seed=plan.seed,
        token=plan.token,
        known=plan.known,
        params=plan.params,
        say=plan.say,
    )
    return Inquired(left=left)
