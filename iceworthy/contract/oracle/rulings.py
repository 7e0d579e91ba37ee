"""What a difference means: the target's fault, allowed, or decided by nobody.

Method: the first entry of words.py that fits rules. What no entry fits is "undecided": it is
listed, and is no fail.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from iceworthy.contract.oracle.ruling_table import RULINGS, Ruling
from iceworthy.contract.oracle.run import Shown

UNDECIDED = Ruling(verdict="undecided", words="no entry of the table decides it")


def ruling_of(shown: Shown) -> Ruling:
    """The first entry that fits."""
    return next((ruling for ruling in RULINGS if fits(ruling, shown)), UNDECIDED)


def fits(ruling: Ruling, shown: Shown) -> bool:
    """Whether an entry is about this difference."""
    signature, differs = shown.signature, shown.differs
    pairs = (
        (signature.operation, ruling.operation),
        (signature.shown_by, ruling.shown_by),
        (signature.kind, ruling.kind),
        (differs.path, ruling.path),
        (differs.ours, ruling.ours),
        (differs.theirs, ruling.theirs),
    )
    traits = shown.step.traits
    return all(fnmatchcase(value, pattern) for value, pattern in pairs) and (
        not ruling.trait or any(fnmatchcase(trait, ruling.trait) for trait in traits)
    )
