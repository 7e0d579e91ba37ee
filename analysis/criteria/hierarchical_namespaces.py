"""Namespaces have levels: created below a parent, listed under it, read back (FR-003).

Method: the survey's cases for FR-003, as survey_findings judges them.
What it does NOT show: deep hierarchies under concurrent load; a parent dropped before its children.
"""

from __future__ import annotations

from analysis.criteria.survey_findings import judge_survey
from analysis.run import Run
from iceworthy.words.verdict import Verdict

NAME = "hierarchical_namespaces"
REQUIREMENT = "FR-003"


def judge(run: Run) -> Verdict:
    """As survey_findings of FR-003."""
    return judge_survey(run, NAME, REQUIREMENT)
