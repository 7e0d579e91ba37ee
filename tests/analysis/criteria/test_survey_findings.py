"""survey_findings and hierarchical_namespaces: one broken thing fails its own requirement."""

from __future__ import annotations

from typing import Any

from analysis.criteria import hierarchical_namespaces
from analysis.criteria.survey_findings import judge
from iceworthy.words.verdict import Judgement


def test_findings_are_judged_by_requirement(synthetic: Any) -> None:
    run = synthetic("survey", scenario=None)
    run.finding("FR-001", True)
    run.finding("FR-001", False, "rename")
    run.finding("FR-003", True)
    run.finding("FR-004", None, "assert-default-sort-order-id")
    run = run.done()
    broken = judge(run, "FR-001")
    assert broken.judgement is Judgement.FAIL
    assert broken.name == "survey_findings[FR-001]"
    assert "rename" in broken.reason
    assert judge(run).judgement is Judgement.FAIL
    assert judge(run, "FR-004").judgement is Judgement.UNKNOWN
    assert judge(run, "FR-002").judgement is Judgement.UNKNOWN
    assert hierarchical_namespaces.judge(run).judgement is Judgement.PASS
