"""Every case of the contract that counts for a requirement holds: cases.jsonl.

Method: a broken case fails its requirement; it is shown with its request, the answer, and the words
of the specification. A case that could not be decided makes the verdict unknown. Cases that do not
apply to the target are counted apart, and so are remarks (not as usual, but lawful by another
reading of the words), which turn nothing red; if neither is left, the verdict is unknown. A case
may touch other requirements: where it is broken, it fails those too. Cases that were not tried
because they stand on a broken one are counted together, and name it. A case that was skipped since
another case answers its question is not decided, unless that case shows the reason (_cases.py).
What it does NOT show: behaviour that no case tries, or that appears only under load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from analysis.criteria._cases import as_text, results_of_cases
from analysis.criteria._ruling import failed, inapplicable, passed, unknown
from analysis.evidence_kinds import grounds_of_cases
from analysis.findings_of_cases import of_cases
from analysis.run import Run
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.line import chosen
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "contract_cases"
LIMITS = (Limit(name="hold", relation="all", shown="all must hold"),)
FACTS = ("case", "about", "says", "expected", "got", "request", "ended")


def judge(run: Run, requirement: str = "") -> Verdict:
    """The cases of one requirement ("" for all of them)."""
    return judge_cases(run, f"{NAME}[{requirement}]" if requirement else NAME, requirement)


def judge_cases(run: Run, name: str, requirement: str) -> Verdict:
    """The verdict of judge `name` over the cases of one requirement."""
    every = results_of_cases(run)
    return judge_lines([one for one in every if _counts(one, requirement)], every, name)


def judge_lines(found: Sequence[CaseResult], every: Sequence[CaseResult], name: str) -> Verdict:
    """The verdict of judge `name` over these cases. every: all of the run."""
    ended = Counter(one.ended for one in found)
    tried = [one for one in found if one.ended not in ("skipped", "remark")]
    if not found:
        return unknown(name, "no case of the contract was tried for it", limits=LIMITS)
    if not tried and ended["remark"]:
        return unknown(name, f"{ended['remark']} remarks and nothing else", limits=LIMITS)
    if not tried:
        return inapplicable(name, _why_none(found), limits=LIMITS)
    broken = [one for one in tried if one.ended == "broken"]
    open_ones = [one for one in tried if one.ended not in ("broken", "holds")]
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="hold",
                value=ended["holds"],
                unit="cases",
                of=len(tried),
                shown="{value} of {of} {unit} hold",
            ),
        ),
        "limits": LIMITS,
        "judged": len(tried),
        "evidence": [chosen(one, *FACTS) for one in (*broken, *open_ones)],
    }
    if broken:
        more = f"; and {len(broken) - 2} more" if len(broken) > 2 else ""
        findings = of_cases(broken, every)
        reason = "; ".join(as_text(one.case, one.expected, one.got) for one in broken[:2]) + more
        return failed(name, reason, findings=findings, grounds=grounds_of_cases(broken), **facts)
    if open_ones:
        return unknown(name, _why_open(open_ones), grounds=grounds_of_cases(open_ones), **facts)
    skipped = f", {ended['skipped']} do not apply" if ended["skipped"] else ""
    remarks = f", {ended['remark']} remarks" if ended["remark"] else ""
    return passed(name, f"{len(tried)} cases tried, all hold{skipped}{remarks}", **facts)


def _counts(one: CaseResult, requirement: str) -> bool:
    """Whether a case counts for a requirement: it is about it, or is broken and touches it."""
    touches = one.ended == "broken" and requirement in one.touches
    return requirement in ("", one.requirement) or touches


def _why_open(open_ones: list[CaseResult]) -> str:
    """Why cases are not decided; one reason for all that stand on one broken case."""
    stand_on = Counter(one.stands_on for one in open_ones if one.stands_on)
    reasons = [
        f"{number} cases not tried, since {case} is broken"
        for case, number in stand_on.most_common()
    ]
    left_to = Counter(one.left_to for one in open_ones if one.left_to)
    reasons += [
        f"{number} cases not tried: they are left to {case}, which does not show why"
        for case, number in left_to.most_common(2)
    ]
    others = [one for one in open_ones if not one.stands_on and not one.left_to]
    if others:
        words = "; ".join(f"{one.case}: {one.got}"[:160] for one in others[:2])
        reasons.append(f"{len(others)} cases not decided: {words}")
    return "; ".join(reasons)


def _why_none(found: Sequence[CaseResult]) -> str:
    reasons = Counter(one.got for one in found)
    most_frequent = "; ".join(f"{why} ({n})" for why, n in reasons.most_common(3))
    return f"none of its {len(found)} cases applies to this target: {most_frequent}"
