"""hierarchical_namespaces: the survey's findings for FR-003, named after itself."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.hierarchical_namespaces import judge
from iceworthy.words.verdict import Judgement


@pytest.mark.parametrize(
    ("works", "judgement"),
    [(True, Judgement.PASS), (False, Judgement.FAIL), (None, Judgement.UNKNOWN)],
)
def test_the_finding_decides(synthetic: Any, works: bool | None, judgement: Judgement) -> None:
    run = synthetic("survey", scenario=None)
    run.finding("FR-003", works)
    verdict = judge(run.done())
    assert verdict.judgement is judgement
    assert verdict.name == "hierarchical_namespaces"
