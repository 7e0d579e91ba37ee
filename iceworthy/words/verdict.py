"""Three-valued verdicts: fail > unknown > pass.

If a check found nothing to judge, its verdict is unknown, not pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from iceworthy.words.blame import Blame, Ground
from iceworthy.words.finding import Finding
from iceworthy.words.measure import Limit, Measure, figure_text, limit_text

__all__ = ["Judgement", "Verdict"]


class Judgement(StrEnum):
    """PASS, FAIL or UNKNOWN; the order of `merge` is fail > unknown > pass."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict of one checker or criterion about one run.

    name: the judge's name. reason: one sentence a user can act on. measures and limits: the
    measured numbers and the limit of each, empty where there are none. findings: the
    defects that a fail is made of, written to findings.json and not into the verdict. evidence:
    JSON-able facts (operation ids such as "load-0:17", files, figures), at most about 20 entries.
    judged: how many operations, samples or events the verdict stands on. applies: false where the
    target as it is configured has nothing to judge (no login, no S3 storage); then it is unknown.
    grounds: the kinds of evidence that a fail rests on; none: the content of answers. blame: whose
    doing a fail or an unknown is; None for a pass, and for an unknown that is nobody's doing.
    """

    name: str
    judgement: Judgement
    reason: str
    measures: tuple[Measure, ...] = ()
    limits: tuple[Limit, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[dict[str, Any], ...] = field(default=())
    judged: int = 0
    applies: bool = True
    grounds: tuple[Ground, ...] = ()
    blame: Blame | None = None

    @property
    def figure(self) -> str:
        """The measured numbers as text ("p95 3.8 ms [3.7, 3.9]"); "" where there are none."""
        return figure_text(self.measures)

    @property
    def limit(self) -> str:
        """The limits as text ("p95 < 50 ms"); "" where there are none."""
        return limit_text(self.limits)

    @property
    def passed(self) -> bool:
        """True for PASS alone."""
        return self.judgement is Judgement.PASS


def merge(judgements: Iterable[Judgement]) -> Judgement:
    """fail > unknown > pass; of nothing: unknown."""
    seen = set(judgements)
    if Judgement.FAIL in seen:
        return Judgement.FAIL
    if Judgement.UNKNOWN in seen or not seen:
        return Judgement.UNKNOWN
    return Judgement.PASS
