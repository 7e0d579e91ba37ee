"""Namespaces have levels: created below a parent, listed under it, read back (FR-003).

Method: the survey's findings for FR-003.
What it does NOT show: deep hierarchies under concurrent load; a parent dropped before its children.
"""

from __future__ import annotations

from analysis.criteria.survey_findings import judge_findings
from analysis.run import Run
from iceworthy.words.verdict import Verdict

NAME = "hierarchical_namespaces"
REQUIREMENT = "FR-003"


def judge(run: Run) -> Verdict:
    """As the findings of FR-003."""
    return judge_findings(run, NAME, REQUIREMENT)
