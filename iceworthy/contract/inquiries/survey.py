"""The cases of the contract on which later experiments depend, and the facts that they learn."""

from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.contract.run import inquire as ask
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.live import LiveTarget


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    return ask(live, folder, plan, early=True)
