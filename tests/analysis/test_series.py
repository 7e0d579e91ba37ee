"""Series: every operation of the load is in one bin, and nothing else is."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.series import (
    CLASSES,
    bands,
    latency_over_time,
    load_end_s,
    outcomes_over_time,
    percentile_curves,
    resources,
)
from iceworthy.record.history import FLAG_AUDIT, FLAG_TORN


def test_latencies_are_binned_by_the_intended_start(synthetic: Any) -> None:
    run = synthetic()
    for i in range(100):
        run.op("loadTable", 1.0 + i / 200, took_ms=float(i + 1))
    run.op("loadTable", 4.2, took_ms=7.0)
    run.op("loadTable", -1.0, took_ms=999.0)  # set-up
    run.op("loadTable", 5.0, took_ms=999.0, flags=FLAG_AUDIT)
    found = latency_over_time(run.done())
    assert found.xs.tolist() == [1.5, 2.5, 3.5, 4.5]
    assert found.lines["p50"][0] == 50.0
    assert found.lines["p99"][0] == 99.0
    assert found.lines["max"][0] == 100.0
    assert np.isnan(found.lines["p50"][1:3]).all()
    assert found.lines["max"][3] == 7.0


def test_answers_a_second_add_up_to_all_operations(synthetic: Any) -> None:
    run = synthetic()
    for i, status in enumerate((200, 404, 409, 400, 503, 0)):
        run.op("updateTable", 1.0 + i, status=status)
    run.op("loadTable", 3.0, flags=FLAG_TORN)
    found = outcomes_over_time(run.done())
    assert [found.lines[name].sum() for name in CLASSES] == [1, 1, 1, 1, 1, 2]


def test_a_long_run_is_drawn_in_a_bounded_number_of_bins(synthetic: Any) -> None:
    run = synthetic()
    for second in range(0, 1000, 5):
        run.op("loadTable", float(second))
    assert len(latency_over_time(run.done()).xs) <= 181


def test_percentile_curves_end_at_the_slowest(synthetic: Any) -> None:
    curves = percentile_curves(synthetic().calm().done())
    beyond, values = curves["reads"]
    assert (np.diff(values) >= 0).all()
    assert beyond[0] == 1.0
    assert "writes" not in curves


def test_cpu_is_the_rise_of_one_process(synthetic: Any) -> None:
    run = synthetic()
    run.samples(0.0, 5.0, node_cpu=0.25)
    found = resources(run.done())
    cpu = found["cpu"].lines["node-0"]
    assert np.allclose(cpu[np.isfinite(cpu)], 25.0)
    assert list(found["cpu"].lines)[:2] == ["node-0", "node-1"]
    assert set(found["connections"].lines) == {"node-0", "node-1"}


def test_nothing_recorded_gives_nothing_to_draw(synthetic: Any) -> None:
    run = synthetic().done()
    assert len(latency_over_time(run).xs) == 0
    assert len(outcomes_over_time(run).xs) == 0
    assert percentile_curves(run) == {}
    assert bands(run) == []


def test_the_end_of_the_load_is_not_drawn_as_an_event(synthetic: Any) -> None:
    run = synthetic("steady", duration_s=10.5)
    run.reads(0.0, 10.5, per_s=40.0, took_ms=1.0)
    run.samples(0.0, 10.0)
    run.samples(11.0, 14.0, connections=0)  # the sessions have closed
    found = run.done()
    assert load_end_s(found) == 10.5
    held = resources(found)["connections"]
    assert held.xs.max() <= 10.5
    assert np.nanmin(held.lines["node-0"]) == 500
    rates = outcomes_over_time(found).lines["2xx"]
    assert np.allclose(rates, 40.0, atol=2.1)  # also in the last half second


def test_a_load_that_was_stopped_ends_with_its_last_operation(synthetic: Any) -> None:
    run = synthetic("steady", duration_s=20.0, complete=False, stopped_because="Ctrl-C")
    run.reads(0.0, 4.0)
    assert 3.9 < load_end_s(run.done()) < 4.0
