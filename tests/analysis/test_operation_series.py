"""Figures of each operation: counted and ranked by hand here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.operation_series import figures, interesting_span, offered_over_time, points
from iceworthy.record.history import FLAG_AUDIT


def test_each_operation_has_its_own_figures(synthetic: Any) -> None:
    run = synthetic("steady", duration_s=10.0)
    run.window("steady", 0.0, 10.0)
    for i in range(100):
        run.op("loadTable", i / 20, took_ms=float(i + 1))
    for status in (200, 404, 409, 503, 0):
        run.op("updateTable", 6.0, status=status, took_ms=8.0)
    run.op("loadTable", 7.0, took_ms=9_999.0, flags=FLAG_AUDIT)  # the audit is no load
    reads, commits = figures(run.done())
    assert (reads.operation, reads.count, reads.errors) == ("loadTable", 100, 0)
    assert reads.per_s == 10.0
    assert [reads.p50_ms, reads.p95_ms, reads.p99_ms, reads.max_ms] == [50.0, 95.0, 99.0, 100.0]
    assert (commits.count, commits.not_found, commits.conflicts) == (5, 1, 1)
    assert commits.errors >= 2  # 503 and no answer


def test_offered_load_shows_that_a_stalled_sender_sends_later(synthetic: Any) -> None:
    run = synthetic("steady", duration_s=4.0)
    for i in range(40):
        late_ms = 1000.0 if 10 <= i < 20 else 0.0  # all of the second second
        run.op("loadTable", i / 10, took_ms=1.0, lag_ms=late_ms)
    found = offered_over_time(run.done())
    assert found.lines["intended"].tolist() == [10, 10, 10, 10]
    assert found.lines["sent"].tolist() == [10, 0, 20, 10]


@pytest.mark.parametrize(
    ("duration_s", "fault_s", "span"),
    [
        (26.0, 5.0, (0.0, 26.0)),
        (300.0, None, (240.0, 300.0)),
        (300.0, 100.0, (90.0, 150.0)),
        (300.0, 299.0, (240.0, 300.0)),
    ],
)
def test_the_interesting_minute_is_around_the_first_fault(
    synthetic: Any, duration_s: float, fault_s: float | None, span: tuple[float, float]
) -> None:
    run = synthetic("steady", duration_s=duration_s).done()
    assert interesting_span(run, fault_s) == span


def test_every_operation_of_the_span_is_a_point(synthetic: Any) -> None:
    run = synthetic("steady", duration_s=10.0)
    run.reads(0.0, 10.0, per_s=20.0)
    run.op("updateTable", 4.0, status=409, took_ms=3.0)
    found = points(run.done(), (2.0, 6.0))
    assert len(found.at_s) == 20 * 4 + 1 + 1  # both ends count
    assert np.count_nonzero(found.kind == 2) == 1


def test_without_load_there_is_nothing(synthetic: Any) -> None:
    run = synthetic("steady").done()
    assert figures(run) == []
    assert len(offered_over_time(run).xs) == 0
    assert len(points(run, (0.0, 1.0)).at_s) == 0
