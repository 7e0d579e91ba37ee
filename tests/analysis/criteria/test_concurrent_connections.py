"""concurrent_connections: counted on the target's side, at one moment, without errors."""

from __future__ import annotations

from typing import Any

from analysis.criteria.concurrent_connections import judge
from iceworthy.words.verdict import Judgement
from tests.streams import append_line


def held(synthetic: Any, connections: int, **plan: Any) -> Any:
    run = synthetic(**plan)
    run.window("steady", 2.0, 20.0)
    run.reads(2.0, 20.0)
    run.samples(0.0, 20.0, connections=connections)
    return run


def test_a_thousand_over_both_nodes_pass(synthetic: Any) -> None:
    verdict = judge(held(synthetic, 500).done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure == "1,000 connections"


def test_fewer_than_the_load_held_open_fail(synthetic: Any) -> None:
    assert judge(held(synthetic, 499).done()).judgement is Judgement.FAIL


def test_an_error_meanwhile_fails(synthetic: Any) -> None:
    run = held(synthetic, 500)
    run.op("loadTable", 10.0, status=500)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_fewer_sessions_than_asked_for_are_unknown(synthetic: Any) -> None:
    verdict = judge(held(synthetic, 150, sessions=300).done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "300 sessions" in verdict.reason


def test_no_view_of_the_connections_is_unknown(synthetic: Any) -> None:
    assert judge(held(synthetic, -1).done()).judgement is Judgement.UNKNOWN


def test_counts_of_different_moments_are_not_added(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 20.0)
    run.reads(2.0, 20.0)
    for node, second in ((0, 5), (1, 15)):
        t_ns = run.T0 + second * 1_000_000_000
        append_line(run.folder, "resources", t_ns=t_ns, process=f"node-{node}", connections=600)
    append_line(run.folder, "load", t_ns=run.T0, worker="load-0", connected=1000)
    assert judge(run.done()).judgement is Judgement.FAIL
