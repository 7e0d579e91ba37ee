"""both_nodes_commit: contended tables take commits through several nodes in turn."""

from __future__ import annotations

from typing import Any

from analysis.criteria.both_nodes_commit import judge
from iceworthy.words.verdict import Judgement


def test_commits_through_both_nodes_pass(synthetic: Any) -> None:
    run = synthetic("contention")
    run.race(0.5, 10.0)
    assert judge(run.done()).judgement is Judgement.PASS


def test_a_node_that_is_shut_out_fails(synthetic: Any) -> None:
    run = synthetic("contention")
    for i in range(60):
        run.op("updateTable", i / 10, node=0, value=i)
        run.op("updateTable", i / 10, node=1, value=1000 + i, status=409)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "node 1" in verdict.reason


def test_one_node_alone_is_unknown(synthetic: Any) -> None:
    run = synthetic("contention", node_count=1)
    run.race(0.5, 10.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_few_commits_or_few_turns_are_unknown(synthetic: Any) -> None:
    few = synthetic("contention")
    few.race(0.5, 0.7)
    assert judge(few.done()).judgement is Judgement.UNKNOWN
    blocks = synthetic("steady")
    for i in range(60):
        blocks.op("updateTable", i / 10, node=i // 30, value=i)
    assert judge(blocks.done()).judgement is Judgement.UNKNOWN
