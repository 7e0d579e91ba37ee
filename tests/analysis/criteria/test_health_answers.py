"""health_answers: right on every probe, fast at p95 while calm."""

from __future__ import annotations

from typing import Any

from analysis.criteria.health_answers import judge
from iceworthy.words.target import EndpointSpec, TargetSpec
from iceworthy.words.verdict import Judgement
from tests.streams import append_line


def probed(synthetic: Any, **facts: Any) -> Any:
    run = synthetic()
    run.window("steady", 2.0, 20.0)
    for node in range(2):
        run.start(node, -6.0)
    run.probes(-4.0, 20.0, **facts)
    return run


def test_right_and_fast_probes_pass(synthetic: Any) -> None:
    assert judge(probed(synthetic).done()).judgement is Judgement.PASS


def test_endpoints_that_the_target_lacks_are_the_reason(synthetic: Any) -> None:
    run = synthetic(target=TargetSpec(name="t", summary="s", endpoints=EndpointSpec(ready="")))
    run.window("steady", 2.0, 20.0)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert verdict.reason == "the target has no readiness endpoint"


def test_slow_probes_fail(synthetic: Any) -> None:
    assert judge(probed(synthetic, took_ms=140.0).done()).judgement is Judgement.FAIL


def test_one_wrong_health_answer_fails(synthetic: Any) -> None:
    def status(node: int, probe: str, at_s: float) -> int:
        return 503 if (node, probe, at_s) == (1, "health", 1.0) else 200

    assert judge(probed(synthetic, status=status).done()).judgement is Judgement.FAIL


def test_no_answer_while_the_process_runs_fails(synthetic: Any) -> None:
    def status(node: int, probe: str, at_s: float) -> int:
        return 0 if (node, probe, at_s) == (0, "health", 9.0) else 200

    assert judge(probed(synthetic, status=status).done()).judgement is Judgement.FAIL


def test_a_node_that_was_asked_to_end_owes_no_answer(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 2.0, 5.0)
    run.window("steady", 12.0, 20.0)
    pid = run.start(0, -6.0)
    run.start(1, -6.0)
    run.end(0, pid, 6.0)
    run.start(0, 8.0, reason="restart")
    run.probes(
        -4.0, 20.0, status=lambda node, probe, at_s: 0 if node == 0 and 6 <= at_s < 9 else 200
    )
    assert judge(run.done()).judgement is Judgement.PASS


def test_unready_under_a_fault_is_not_wrong_here(synthetic: Any) -> None:
    assert judge(synthetic().broken_link().done()).judgement is Judgement.PASS


def test_few_probes_are_unknown(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 2.0, 20.0)
    run.probes(3.0, 5.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_a_few_slow_ones_too_many_are_unknown_not_fail(synthetic: Any) -> None:
    run = probed(synthetic)
    for i in range(8):
        for node in range(2):
            append_line(
                run.folder,
                "probes",
                t_ns=run.T0 + (3 + i) * 10**9,
                node=node,
                probe="health",
                status=200,
                latency_ms=150.0,
                error="",
                body="",
            )
    verdict = judge(run.done())
    assert verdict.judgement in (Judgement.UNKNOWN, Judgement.FAIL)
    assert "p95" in verdict.figure


def test_a_redirect_is_shown_with_where_it_leads(synthetic: Any) -> None:
    run = probed(synthetic)
    append_line(
        run.folder,
        "probes",
        t_ns=run.T0 + 9_100_000_000,
        node=0,
        probe="health",
        status=302,
        latency_ms=3.0,
        error="a redirect to http://other.example/, which is not followed",
        body="",
    )
    reason = judge(run.done()).reason
    assert "/health on node 0: 302 (a redirect to http://other.example/, which is" in reason
