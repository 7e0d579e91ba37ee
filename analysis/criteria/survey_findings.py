"""The cases of the contract that the survey asks hold: cases.jsonl, by requirement.

Method: as contract_cases. Runs older than version 1.0 wrote the survey's attempts to
findings.jsonl: there a line with works = false fails its requirement and is named with its request,
a line with works = null (could not be tried) makes the verdict unknown, and if all are true, it
passes.
What it does NOT show: behaviour that no early case tries, or that appears only under load.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._cases import as_text
from analysis.criteria._ruling import failed, passed, unknown
from analysis.criteria.contract_cases import judge_cases
from analysis.evidence_kinds import grounds_of_tried
from analysis.findings_of_requests import of_tried
from analysis.run import Run
from iceworthy.record.contract_lines import CaseResult, TriedThing
from iceworthy.record.line import chosen
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "survey_findings"
LIMITS = (Limit(name="broken", relation="<=", value=0, shown="{value} broken"),)
FACTS = ("requirement", "what", "expected", "got", "request", "works")


def judge(run: Run, requirement: str = "") -> Verdict:
    """The cases of one requirement ("" for all of them); the verdict is named after it."""
    name = f"{NAME}[{requirement}]" if requirement else NAME
    return judge_survey(run, name, requirement)


def judge_survey(run: Run, name: str, requirement: str) -> Verdict:
    """The verdict of judge `name` over what a survey asked about one requirement."""
    if run.read(CaseResult):
        return judge_cases(run, name, requirement)
    return judge_findings(run, name, requirement)


def judge_findings(run: Run, name: str, requirement: str) -> Verdict:
    """The verdict of judge `name` over the findings of one requirement."""
    found = [f for f in run.read(TriedThing) if requirement in ("", f.requirement)]
    if not found:
        return unknown(name, "no finding of the survey is about it", limits=LIMITS)
    broken = [f for f in found if f.works is False]
    untried = [f for f in found if f.works is None]
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="broken",
                value=len(broken),
                unit="checks",
                of=len(found),
                shown="{value} of {of} broken",
            ),
        ),
        "limits": LIMITS,
        "judged": len(found),
        "evidence": [chosen(f, *FACTS) for f in (*broken, *untried)],
    }
    if broken:
        shown = "; ".join(as_text(f.what, f.expected, f.got) for f in broken[:3]) + (
            "; …" if len(broken) > 3 else ""
        )
        grounds = grounds_of_tried(broken)
        return failed(name, shown, findings=map(of_tried, broken), grounds=grounds, **facts)
    if untried:
        shown = "; ".join(f.what for f in untried[:3])
        return unknown(name, f"could not be tried: {shown}", **facts)
    return passed(name, f"{len(found)} things tried, all work", **facts)
