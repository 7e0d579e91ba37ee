"""migrations_at_start: nodes that start together on an empty database all become ready."""

from __future__ import annotations

from typing import Any

from analysis.criteria.migrations_at_start import judge
from iceworthy.words.target import DatabaseSpec, NodeSpec, TargetSpec
from iceworthy.words.verdict import Judgement


def started(synthetic: Any, second: dict[str, Any], **plan: Any) -> Any:
    run = synthetic(**plan)
    run.start(0, -6.0)
    run.start(1, **{"at_s": -6.0, **second})
    run.op("createTable", 1.0)
    return run


def test_nodes_that_start_together_and_restart_pass(synthetic: Any) -> None:
    run = started(synthetic, {})
    run.start(0, 8.0, reason="restart")
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure == "2 together, 1 again"


def test_a_node_that_never_became_ready_fails(synthetic: Any) -> None:
    assert judge(started(synthetic, {"took_s": None}).done()).judgement is Judgement.FAIL


def test_nodes_that_started_one_after_the_other_show_nothing(synthetic: Any) -> None:
    assert judge(started(synthetic, {"at_s": -2.0}).done()).judgement is Judgement.UNKNOWN


ONE_BY_ONE = TargetSpec(name="t", summary="s", node=NodeSpec(start="one by one"))


def test_where_the_file_says_one_by_one_that_is_judged_and_said(synthetic: Any) -> None:
    verdict = judge(started(synthetic, {"at_s": -2.0}, target=ONE_BY_ONE).done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure == "2 one by one, 0 again"
    assert "a start together was not tried" in verdict.reason


def test_one_by_one_a_node_that_never_became_ready_fails(synthetic: Any) -> None:
    run = started(synthetic, {"at_s": -2.0, "took_s": None}, target=ONE_BY_ONE)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_one_by_one_a_node_that_was_not_started_shows_nothing(synthetic: Any) -> None:
    run = synthetic(target=ONE_BY_ONE)
    run.start(0, -6.0)
    run.op("createTable", 1.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_nothing_created_shows_no_schema(synthetic: Any) -> None:
    run = synthetic()
    run.start(0, -6.0)
    run.start(1, -6.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_a_target_of_one_node_is_judged_alone(synthetic: Any) -> None:
    run = synthetic(node_count=1)
    run.start(0, -6.0)
    run.op("createTable", 1.0)
    assert judge(run.done()).judgement is Judgement.PASS


def test_a_target_that_ran_before_us_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().done()).judgement is Judgement.UNKNOWN


def test_a_hidden_database_was_not_seen_to_be_empty(synthetic: Any) -> None:
    run = started(
        synthetic,
        {},
        target=TargetSpec(name="t", summary="s", database=DatabaseSpec(kind="hidden")),
    )
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "hides its database" in verdict.reason
