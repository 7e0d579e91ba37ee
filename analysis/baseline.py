"""A run held against a baseline: only a failure that is not known there is a fail.

Claim: the verdict is fail where a cause is new, or something failed that no finding explains; it is
unknown where something beside the known failures is not decided; else pass. A known failure is gone
where every experiment that showed it reached its end and it was not seen.
What this does NOT show: that a failure which is gone is mended; one run did not show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.report_asked import is_about
from iceworthy.record.baseline import KnownFailure
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.finding import Finding
from iceworthy.words.verdict import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """new, still: findings of this run, not known and known; gone: known ones that did not come."""

    verdict: Judgement
    new: tuple[Finding, ...] = ()
    still: tuple[Finding, ...] = ()
    gone: tuple[KnownFailure, ...] = ()

    @property
    def line(self) -> str:
        """`PASS  against the baseline: 0 new, 3 known, 1 gone`."""
        counted = f"{len(self.new)} new, {len(self.still)} known, {len(self.gone)} gone"
        return f"{self.verdict.upper():<7}  against the baseline: {counted}"


def held_against(
    verdicts: ReviewVerdicts,
    record: ReviewRecord,
    findings: Sequence[Finding],
    known: Iterable[KnownFailure],
) -> Compared:
    """The verdict of a judged run in which only new failures count."""
    by_cause = {one.cause: one for one in known}
    own = [one for one in findings if not verdicts.asked or is_about(one, verdicts.asked)]
    new = tuple(one for one in own if one.cause.key not in by_cause)
    still = tuple(one for one in own if one.cause.key in by_cause)
    found = {one.cause.key for one in findings}
    gone = tuple(
        one
        for cause, one in by_cause.items()
        if cause not in found and _was_tried(one, verdicts, record)
    )
    return Compared(verdict=_verdict(verdicts, own, new), new=new, still=still, gone=gone)


def _verdict(verdicts: ReviewVerdicts, own: Sequence[Finding], new: Sequence[Finding]) -> Judgement:
    if verdicts.verdict is not Judgement.FAIL:
        return verdicts.verdict
    if new or _unexplained(verdicts, own):
        return Judgement.FAIL
    if verdicts.asked:
        experiments = [one.experiment for one in verdicts.asked if one.experiment]
        is_open = any(one.verdict is Judgement.UNKNOWN for one in verdicts.asked)
    else:
        experiments = list(verdicts.planned)
        rows = [one for one in verdicts.requirements if one.in_scope]
        is_open = any(one.verdict is Judgement.UNKNOWN for one in rows)
    is_open |= bool(verdicts.damage) or not all(_ended(name, verdicts) for name in experiments)
    return Judgement.UNKNOWN if is_open else Judgement.PASS


def _unexplained(verdicts: ReviewVerdicts, own: Sequence[Finding]) -> bool:
    """Whether something failed that no finding is about."""
    if verdicts.asked:
        failed = [one for one in verdicts.asked if one.verdict is Judgement.FAIL]
        return any(not any(is_about(one, (row,)) for one in own) for row in failed)
    ids = {name for one in own for name in one.requirements}
    where = {name for one in own for name in one.experiments}
    requirements = (r.id for r in verdicts.requirements if r.verdict is Judgement.FAIL)
    experiments = (n for n, e in verdicts.experiments.items() if e.verdict is Judgement.FAIL)
    return bool(set(requirements) - ids or set(experiments) - where)


def _was_tried(one: KnownFailure, verdicts: ReviewVerdicts, record: ReviewRecord) -> bool:
    """Whether this run would have shown it again: not where only some cases were asked."""
    is_part = any(row.kind == "case" for row in verdicts.asked)
    stops = "stops_at_fail" in record.overrides.get("params", "")
    if is_part or stops or verdicts.damage:
        return False
    return bool(one.experiments) and all(_ended(name, verdicts) for name in one.experiments)


def _ended(name: str, verdicts: ReviewVerdicts) -> bool:
    own = verdicts.experiments.get(name)
    return own is not None and own.complete
