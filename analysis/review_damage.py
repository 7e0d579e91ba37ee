"""Finds changes to a review's folder since the review ended; a changed review does not pass.

Claim: a link or a device beside the experiments, a review.json that cannot be read or was edited,
and an experiment that it does not name are each named. Example: somebody took `cut_link` out of
review.json, so that nobody misses its verdict, and left its folder.
What this does NOT show: damage inside an experiment's folder; analysis.run names that.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from iceworthy.record.regular_file import odd_entry
from iceworthy.record.review import REVIEW_FILE, ReviewRecord, read_review
from iceworthy.record.seal import damage
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.errors import RecordError
from iceworthy.words.verdict import Judgement

EXPERIMENTS = "experiments"


def damage_of(root: Path, record: ReviewRecord, ran: tuple[str, ...]) -> str:
    """The first thing that is wrong with a review's folder, in words; "" where nothing is."""
    for folder in (root, root / EXPERIMENTS):
        if os.path.lexists(folder) and (odd := odd_entry(folder)):
            return odd
    if os.path.lexists(root / REVIEW_FILE):
        try:
            read_review(root)
        except RecordError as error:
            return str(error)
    plans = {name: mark for name, mark in record.sealed.items() if name != REVIEW_FILE}
    if changed := damage(root, plans):
        return changed
    added = [name for name in ran if record.experiments and name not in record.experiments]
    return f"{added[0]} is there, and {REVIEW_FILE} does not name it" if added else ""


def with_damage(verdicts: ReviewVerdicts, damage: str) -> ReviewVerdicts:
    """The verdicts of a damaged folder: what failed stands, what passed is unknown."""
    if not damage:
        return verdicts
    asked = tuple(replace(one, verdict=_less(one.verdict)) for one in verdicts.asked)
    return replace(verdicts, verdict=_less(verdicts.verdict), asked=asked, damage=damage)


def _less(verdict: Judgement) -> Judgement:
    return Judgement.UNKNOWN if verdict is Judgement.PASS else verdict
