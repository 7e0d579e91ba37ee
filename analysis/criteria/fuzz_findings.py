"""Odd requests came to a truthful 2xx or to a 4xx with the specification's body: findings.jsonl.

Method: one finding an operation and kind of problem (a 5xx, an answer that is not as its schema
says, a forbidden body that was taken and shows), with the smallest request; one for each operation
without. What it does NOT show: requests that the seed did not come to.
"""

from __future__ import annotations

from analysis.criteria.survey_findings import judge_findings
from analysis.run import Run
from iceworthy.words.verdict import Verdict

NAME = "fuzz_findings"


def judge(run: Run, requirement: str = "") -> Verdict:
    """The findings of one requirement ("" for all of them)."""
    name = f"{NAME}[{requirement}]" if requirement else NAME
    return judge_findings(run, name, requirement)
