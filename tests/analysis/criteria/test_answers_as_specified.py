"""FR-002 from the counts of answers that were held, and from those that were wrong."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria import answers_as_specified
from iceworthy.words.verdict import Judgement
from tests.streams import append_line

PROBLEMS = ['/metadata: "table-uuid" is a required property']


def test_enough_of_both_classes_and_none_wrong_passes(synthetic: Any) -> None:
    run = synthetic("contention")
    run.held(200, 150)
    run.held(200, 150, source="audit-0")
    run.held(409, 20)
    verdict = answers_as_specified.judge(run.done())
    assert (verdict.judgement, verdict.judged) == (Judgement.PASS, 320)


@pytest.mark.parametrize(("good", "errors"), [(0, 0), (199, 20), (5000, 19)])
def test_too_few_of_either_class_is_unknown(synthetic: Any, good: int, errors: int) -> None:
    run = synthetic("contention")
    run.held(200, good)
    run.held(503, errors)
    assert answers_as_specified.judge(run.done()).judgement is Judgement.UNKNOWN


def test_a_run_that_may_be_without_errors_needs_answers_of_either_class(synthetic: Any) -> None:
    run = synthetic("steady")
    run.held(200, 20)
    assert answers_as_specified.judge(run.done(), "any").judgement is Judgement.PASS
    few = synthetic("single_node")
    few.held(200, 19)
    assert answers_as_specified.judge(few.done(), "any").judgement is Judgement.UNKNOWN


def test_one_wrong_answer_fails_with_its_request_however_few_there_were(synthetic: Any) -> None:
    run = synthetic("contention")
    run.held(200, 3, wrong=1)
    append_line(
        run.folder,
        "violations",
        t_ns=run.T0,
        source="load-0",
        node=1,
        operation="loadTable",
        status=200,
        kind="loadTable 200 /metadata",
        problems=PROBLEMS,
        request="curl …",
        answer="{}",
    )
    verdict = answers_as_specified.judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "table-uuid" in verdict.reason
    assert verdict.evidence[0]["request"] == "curl …"
    assert verdict.figure == "1 of 3 answers"
