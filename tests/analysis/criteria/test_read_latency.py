"""read_latency: p95 from the intended start, and whose lateness it was."""

from __future__ import annotations

from typing import Any

from analysis.criteria.read_latency import judge
from iceworthy.words.verdict import Judgement


def test_fast_reads_pass(synthetic: Any) -> None:
    verdict = judge(synthetic().calm().done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure.startswith("p95 ")
    assert verdict.limit == "p95 < 50 ms"


def test_slow_reads_fail(synthetic: Any) -> None:
    assert judge(synthetic().calm(took_ms=60.0).done()).judgement is Judgement.FAIL


def test_one_read_in_fourteen_that_is_late_fails(synthetic: Any) -> None:
    run = synthetic().calm(per_s=400.0)
    for i in range(560):
        run.op("loadTable", 2.0 + i / 32, took_ms=85.0)
        run.op("loadNamespaceMetadata", 2.0 + i / 32, took_ms=85.0, key=run.SPACE)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_slow_namespaces_alone_fail_and_are_named(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 20.0)
    for i in range(1000):
        run.op("loadTable", i / 50, took_ms=5.0)
        run.op("loadNamespaceMetadata", i / 50, took_ms=70.0)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert verdict.reason.startswith("loadNamespaceMetadata")


def test_too_few_reads_are_unknown(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 20.0)
    run.reads(0.0, 1.0, per_s=100.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_lateness_of_the_generator_alone_is_unknown_not_fail(synthetic: Any) -> None:
    verdict = judge(synthetic().calm(lag_ms=80.0).done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "generator" in verdict.reason


def test_waiting_behind_the_sessions_own_slow_operation_counts(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 20.0)
    # Each session: one read of 900 ms, then one that was due in the middle of it and had to wait.
    for i in range(400):
        for operation in ("loadTable", "loadNamespaceMetadata"):
            session = 10_000 + 2 * i + (operation == "loadTable")
            run.op(operation, i / 25, took_ms=900.0, session=session)
            run.op(operation, i / 25 + 0.5, lag_ms=400.0, took_ms=5.0, session=session)
    assert judge(run.done()).judgement is Judgement.FAIL
