"""Causes that contract and history share: an acknowledged write whose effect is not there.

Claim: one defect is one finding, whichever judge met it. Example: a catalog answers 204 to
commitTransaction and applies nothing. Its contract cases, the snapshots that the load lost and the
updates that asserted the same parent as a lost snapshot are then one finding.
What it does NOT show: that a write of another operation was lost by the same line of code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from iceworthy.words.finding import Cause, Finding, Harm

UNDONE = "acknowledged and not done"
NOT_THERE = "acknowledged and not there"
LOST_COMMIT = Cause(rule="lost_acknowledgement", detail="missing from the final chain")
LOST_PROPERTY = Cause(rule="properties", detail="an acknowledged property is not shown")


def by_common_cause(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each with the cause that explains it: commits that exclude each other and of
    which the others are lost in the same experiment have the cause of the lost commits; lost writes
    that are all of an operation that does nothing have the cause of that operation."""
    every = list(findings)
    undone = {one.cause.operation: one.cause for one in every if one.cause.rule == UNDONE}
    lost_in = {name for one in every if one.cause == LOST_COMMIT for name in one.experiments}
    return [replace(one, cause=_explains(one, undone, lost_in)) for one in every]


def _explains(one: Finding, undone: Mapping[str, Cause], lost_in: set[str]) -> Cause:
    if len(one.writes) == 1 and one.writes[0] in undone:
        return undone[one.writes[0]]
    is_torn_by_loss = one.writes and one.harm is Harm.TORN
    return LOST_COMMIT if is_torn_by_loss and lost_in.issuperset(one.experiments) else one.cause
