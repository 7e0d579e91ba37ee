"""no_errors_when_calm: what counts as an error, and what the load itself may cause."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.no_errors_when_calm import judge
from iceworthy.record.history import FLAG_TORN
from iceworthy.words.verdict import Judgement


def test_a_run_without_errors_passes(synthetic: Any) -> None:
    assert judge(synthetic().calm().done()).judgement is Judgement.PASS


def test_no_operations_are_unknown(synthetic: Any) -> None:
    assert judge(synthetic().done()).judgement is Judgement.UNKNOWN


@pytest.mark.parametrize(
    "facts",
    [
        {"status": 500},
        {"status": 503},
        {"status": 0, "error": "reset"},
        {"status": 400},
        {"status": 429},
        {"status": 200, "flags": FLAG_TORN},
        {"status": 404},
        {"status": 200, "error": "nonsense"},
    ],
)
def test_one_error_in_a_steady_window_fails(synthetic: Any, facts: dict[str, Any]) -> None:
    run = synthetic().calm()
    run.op("loadTable", 10.0, **facts)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert verdict.figure == "1 errors"
    assert verdict.evidence[0]["count"] == 1


def test_an_error_outside_of_steady_windows_does_not_count(synthetic: Any) -> None:
    run = synthetic().calm()
    run.op("loadTable", 1.0, status=500)
    assert judge(run.done()).judgement is Judgement.PASS


@pytest.mark.parametrize(("took_ms", "judgement"), [(2_500.0, "pass"), (1_500.0, "fail")])
def test_an_operation_that_a_fault_met_is_the_faults_however_early_it_was_meant_to_start(
    synthetic: Any, took_ms: float, judgement: str
) -> None:
    run = synthetic("cut_link").broken_link()
    run.op("loadTable", 4.0, status=503, took_ms=took_ms)
    assert judge(run.done()).judgement == judgement


def test_an_operation_that_lasts_beyond_the_end_of_the_load_still_counts(synthetic: Any) -> None:
    run = synthetic().calm()
    run.op("loadTable", 19.0, status=503, took_ms=5_000.0)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_a_lost_race_and_what_the_load_dropped_are_no_errors(synthetic: Any) -> None:
    run = synthetic().calm()
    run.op("updateTable", 10.0, status=409)
    run.op("dropNamespace", 10.0, key="held", status=400)
    run.op("createTable", 10.0, key="sales/mine")
    run.op("dropTable", 11.0, key="sales/mine", status=204)
    run.op("loadTable", 12.0, key="sales/mine", status=404)
    run.op("loadTable", 12.0, key="sales/never", status=404)
    run.op("createNamespace", 10.0, key="mine")
    run.op("createTable", 10.5, key="mine/t")
    run.op("dropNamespace", 11.0, key="mine", status=204)
    run.op("loadTable", 12.0, key="mine/t", status=404)
    assert judge(run.done()).judgement is Judgement.PASS


@pytest.mark.parametrize(("asked_s", "judgement"), [(10.0, "pass"), (12.0, "fail")])
def test_a_404_is_an_error_once_the_creation_was_acknowledged(
    synthetic: Any, asked_s: float, judgement: str
) -> None:
    run = synthetic().calm()
    run.op("createTable", 11.0, key="sales/late")
    run.op("loadTable", asked_s, key="sales/late", status=404)
    assert judge(run.done()).judgement == judgement


@pytest.mark.parametrize(
    ("operation", "also", "expected"),
    [
        ("updateProperties", (), Judgement.PASS),
        ("renameTable", (), Judgement.PASS),
        ("updateProperties", (200,), Judgement.FAIL),
        ("loadTable", (), Judgement.FAIL),
        ("updateTable", (), Judgement.FAIL),
    ],
)
def test_406_is_no_error_of_an_optional_operation_that_is_never_done(
    synthetic: Any, operation: str, also: tuple[int, ...], expected: Judgement
) -> None:
    run = synthetic().calm()
    for status in (406, *also):
        run.op(operation, 10.0, status=status)
    assert judge(run.done()).judgement is expected
