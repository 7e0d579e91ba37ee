"""Every case of the contract, one after the other."""

from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.contract.run import inquire as ask
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.live import LiveTarget


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    left = ask(
        live,
        folder,
        seed=plan.seed,
        token=plan.token,
        id_bits=plan.known.id_bits,
        params=plan.params,
        say=plan.say,
    )
    return Inquired(left=left)
