"""recovery: bounded and true answers while the link is broken, and service after it."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.recovery import judge
from iceworthy.record.history import FLAG_AUDIT
from iceworthy.words.verdict import Judgement


@pytest.mark.parametrize("fault", ["cut_link", "black_hole"])
def test_errors_meanwhile_and_service_afterwards_pass(synthetic: Any, fault: str) -> None:
    verdict = judge(synthetic(fault).broken_link(fault).done())
    assert verdict.judgement is Judgement.PASS, verdict.reason
    assert verdict.figure == "0.0 s"


def test_an_acknowledged_write_without_a_database_fails(synthetic: Any) -> None:
    run = synthetic("cut_link").broken_link()
    run.op("updateTable", 8.0, node=0)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "updateTable: 200" in verdict.reason


@pytest.mark.parametrize(("mending_s", "judgement"), [(8.5, Judgement.PASS), (9.5, Judgement.FAIL)])
def test_a_write_that_was_answered_while_the_proxy_mended_is_no_lie(
    synthetic: Any, mending_s: float, judgement: Judgement
) -> None:
    run = synthetic("cut_link").broken_link(mending_s=mending_s)
    run.op("updateTable", 9.0, node=0)
    assert judge(run.done()).judgement is judgement


def test_a_write_that_the_heal_let_through_is_no_lie(synthetic: Any) -> None:
    run = synthetic("cut_link").broken_link()
    run.op("updateTable", 8.0, node=0, took_ms=3_100.0)
    assert judge(run.done()).judgement is Judgement.PASS


def test_an_operation_without_an_answer_until_its_timeout_fails(synthetic: Any) -> None:
    run = synthetic("black_hole").broken_link("black_hole")
    run.op("loadTable", 7.0, node=0, took_ms=10_000.0, status=0, error="timeout")
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "no answer until their timeout" in verdict.reason


def test_errors_that_go_on_too_long_fail(synthetic: Any) -> None:
    run = synthetic("cut_link", settle_s=4.0).broken_link()
    run.op("loadTable", 16.5, node=0, status=503)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "5.5 s" in verdict.reason


def test_a_node_that_fails_its_audit_fails(synthetic: Any) -> None:
    run = synthetic("cut_link").broken_link()
    run.op("loadTable", 23.0, node=0, status=503, flags=FLAG_AUDIT)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_without_a_break_or_without_load_on_it_it_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().calm().done()).judgement is Judgement.UNKNOWN
    run = synthetic("cut_link")
    run.fault("cut_link", 6.0, 11.0)
    run.reads(0.0, 6.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_no_operation_after_the_heal_is_unknown(synthetic: Any) -> None:
    run = synthetic("cut_link")
    run.fault("cut_link", 6.0, 11.0)
    run.reads(0.0, 11.0, status=503)
    assert judge(run.done()).judgement is Judgement.UNKNOWN
