"""survey_findings and hierarchical_namespaces: one broken case fails its own requirement."""

from __future__ import annotations

from typing import Any

from analysis.criteria import hierarchical_namespaces
from analysis.criteria.survey_findings import judge
from iceworthy.words.verdict import Judgement


def test_cases_are_judged_by_requirement(synthetic: Any) -> None:
    run = synthetic("survey", scenario=None)
    run.case("holds")
    run.case("broken", requirement="FR-003", name="a_child")
    run.case("unknown", requirement="FR-004")
    run = run.done()
    assert judge(run, "FR-001").judgement is Judgement.PASS
    assert judge(run, "FR-001").name == "survey_findings[FR-001]"
    assert judge(run, "FR-004").judgement is Judgement.UNKNOWN
    broken = hierarchical_namespaces.judge(run)
    assert (broken.name, broken.judgement) == ("hierarchical_namespaces", Judgement.FAIL)
    assert "a_child" in broken.reason


def test_findings_of_older_runs_are_judged_by_requirement(synthetic: Any) -> None:
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
