"""The meaning of a difference: the target's fault, allowed, or undecided.

Method: the first entry of ruling_table.py that matches decides. A difference that matches no entry
is "undecided": it is listed, and is not a fail.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from iceworthy.contract.differential.ruling_table import RULINGS, Ruling
from iceworthy.contract.differential.run import Shown

UNDECIDED = Ruling(verdict="undecided", words="no entry of the ruling table matches")


def ruling_of(shown: Shown) -> Ruling:
    """The first entry that matches."""
    return next((ruling for ruling in RULINGS if fits(ruling, shown)), UNDECIDED)


def fits(ruling: Ruling, shown: Shown) -> bool:
    """Whether an entry applies to this difference."""
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
