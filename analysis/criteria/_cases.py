"""The lines of the contract's cases, as every criterion that counts them reads them.

Claim: a case that was skipped because another case answers its question counts as not applicable
only where that other case shows the reason: it is broken, or a remark. Else nobody asked, and the
case is unknown. Example: 35 cases about expired tokens skip because "the token never expires", and
the case about expiry holds: 1 of 36 was tried, which is no pass.
What this does NOT show: whether a case that applies to few targets should apply to this one.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.run import Run
from iceworthy.record.contract_lines import CaseResult

ANSWERS = frozenset({"broken", "remark"})
TEXT_MOST = 240


def results_of_cases(run: Run) -> tuple[CaseResult, ...]:
    """All lines of cases.jsonl; a skip that nothing confirms is unknown there."""
    found = run.read(CaseResult)
    ended = {one.case: one.ended for one in found}
    return tuple(_confirmed(one, ended.get(one.left_to, "")) for one in found)


def as_text(name: str, expected: str, got: str) -> str:
    """One line about a broken case or attempt, cut to TEXT_MOST characters."""
    text = f"{name}: expected {expected}, got {got}"
    return text if len(text) <= TEXT_MOST else text[: TEXT_MOST - 1] + "…"


def _confirmed(one: CaseResult, other: str) -> CaseResult:
    if one.ended != "skipped" or not one.left_to or other in ANSWERS:
        return one
    ending = f"that ended as {other}" if other else "that was not asked"
    why = f"not tried: {one.got}; it is left to {one.left_to}, {ending}"
    return replace(one, ended="unknown", got=why)
