"""What of the target works, and how wide the snapshot ids are that it keeps exactly."""

from dataclasses import replace

from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.contract.survey import survey
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.live import LiveTarget


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    found = survey(live, folder, seed=plan.seed, token=plan.token)
    known = replace(plan.known, id_bits=found.id_bits)
    return Inquired(left=found.left, known=known)
