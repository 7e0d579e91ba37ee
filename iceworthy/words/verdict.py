"""Three-valued verdicts: fail > unknown > pass. Nothing judged is unknown, never pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Judgement(StrEnum):
    """PASS, FAIL or UNKNOWN; the order of `merge` is fail > unknown > pass."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one checker or criterion says of one run.

    name: the judge's name. reason: one sentence a user can act on. figure and limit: measured value
    and bound with their units, as text ("12.3 ms", "50 ms"), empty where there is none. evidence:
    JSON-able facts (operation ids such as "load-0:17", files, figures), at most about 20 entries.
    judged: how many operations, samples or events the verdict stands on. applies: false where the
    target as it is configured has nothing to judge (no login, no S3 storage); then it is unknown.
    """

    name: str
    judgement: Judgement
    reason: str
    figure: str = ""
    limit: str = ""
    evidence: tuple[dict[str, Any], ...] = field(default=())
    judged: int = 0
    applies: bool = True

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
