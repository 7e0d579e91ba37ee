"""Own lag: what the generator added, told apart from waiting for the session's earlier answer."""

from __future__ import annotations

from typing import Any

from analysis.generator_lag import calm_lag_ms, free, own_lag_ns, queued
from iceworthy.record.history import FLAG_AUDIT


def test_lag_counts_from_when_the_session_was_free(synthetic: Any) -> None:
    run = synthetic()
    run.op("loadTable", 1.0, session=1, took_ms=900.0, lag_ms=3.0)
    run.op("loadTable", 1.5, session=1, lag_ms=410.0)  # free at 1.903, left at 1.910
    run.op("loadTable", 3.0, session=1, lag_ms=2.0)
    run.op("loadTable", 3.0, session=2, lag_ms=5.0)
    run.op("loadTable", 3.0, session=3, flags=FLAG_AUDIT)
    found = run.done()
    lag = own_lag_ns(found)
    by_session = found.history.ops["session"]
    assert sorted((lag[by_session == 1] / 1e6).round().tolist()) == [2, 3, 7]
    assert (lag[by_session == 2] / 1e6).round().tolist() == [5]
    assert lag[by_session == 3].tolist() == [-1]
    assert queued(found, lag).sum() == 1
    assert (lag[free(found)] / 1e6).round().tolist() == [3, 2, 5]


def test_lag_of_calm_operations_leaves_those_out_that_a_fault_met(synthetic: Any) -> None:
    run = synthetic()
    run.op("loadTable", 1.0, session=1, lag_ms=3.0)
    run.op("loadTable", 6.0, session=1, lag_ms=9.0)
    run.window("steady", 0.0, 5.0)
    run.window("fault", 5.0, 9.0)
    assert calm_lag_ms(run.done()).round().tolist() == [3]


def test_no_operations_have_no_lag(synthetic: Any) -> None:
    assert len(own_lag_ns(synthetic().done())) == 0
