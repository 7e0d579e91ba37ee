"""Random sequences of operations, on the target and on a reference beside it."""

from iceworthy.contract.differential.inquiry import inquire as ask
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.live import LiveTarget


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    left = ask(
        live,
        folder,
        seed=plan.seed,
        token=plan.token,
        params=plan.params,
        say=plan.say,
    )
    return Inquired(left=left)
