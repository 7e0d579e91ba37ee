"""Odd requests get a truthful 2xx, or a 4xx with the specification's error body: findings.jsonl.

Method: one finding for each operation and kind of problem (a 5xx, an answer that breaks its schema,
a forbidden body that was accepted and is visible afterwards), with the smallest request; one
positive finding for each operation without problems.
What it does NOT show: requests that this seed did not generate.
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
