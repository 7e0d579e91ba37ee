"""metrics_monotonic: counters only rise within one process."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from analysis.criteria.metrics_monotonic import counters_of, judge
from iceworthy.words.verdict import Judgement
from tests.streams import append_line


def scrape(
    run: Any,
    second: float,
    value: float,
    pid: int | None = 1,
    kind: str = "counter",
    also: Mapping[str, float] = MappingProxyType({}),
) -> None:
    append_line(
        run.folder,
        "metrics",
        t_ns=run.T0 + int(second * 1e9),
        node=0,
        pid=pid,
        samples={'hits_total{a="b"}': value, **also},
        types={"hits_total": kind},
    )


def test_rising_counters_pass(synthetic: Any) -> None:
    run = synthetic()
    for i in range(4):
        scrape(run, i, i * 5.0)
    assert judge(run.done()).judgement is Judgement.PASS


def test_one_step_back_fails_and_is_named(synthetic: Any) -> None:
    run = synthetic()
    for i, value in enumerate((1.0, 9.0, 8.0, 20.0)):
        scrape(run, i, value)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "from 9 to 8" in verdict.reason


def test_a_new_process_may_begin_at_zero(synthetic: Any) -> None:
    run = synthetic()
    for i, (value, pid) in enumerate(((5.0, 1), (9.0, 1), (0.0, 2), (3.0, 2))):
        scrape(run, i, value, pid)
    assert judge(run.done()).judgement is Judgement.PASS


def test_a_step_back_past_a_scrape_without_the_sample_is_seen(synthetic: Any) -> None:
    run = synthetic()
    scrape(run, 0, 9.0)
    append_line(run.folder, "metrics", t_ns=run.T0 + 500, node=0, pid=1, samples={}, types={})
    scrape(run, 1, 12.0)
    scrape(run, 2, 4.0)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_gauges_may_fall_and_nothing_that_rises_is_unknown(synthetic: Any) -> None:
    run = synthetic()
    for i, value in enumerate((5.0, 3.0)):
        scrape(run, i, value, kind="gauge")
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_buckets_count_and_sum_of_a_histogram_must_rise_too() -> None:
    names = ('h_bucket{le="1"}', "h_count", "h_sum", "h_other", "g")
    samples = dict.fromkeys(names, 1.0)
    assert set(counters_of(samples, {"h": "histogram", "g": "gauge"})) == set(names[:3])


def test_behind_one_address_a_step_back_may_be_another_process(synthetic: Any) -> None:
    run = synthetic()
    for i, value in enumerate((5.0, 105.0, 6.0, 106.0)):
        scrape(run, i, value, pid=None)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "process_start_time_seconds" in verdict.reason


def test_the_start_time_tells_processes_behind_one_address_apart(synthetic: Any) -> None:
    def judged(name: str, *values: tuple[float, float]) -> Judgement:
        run = synthetic(name)
        for i, (started, value) in enumerate(values):
            times = {"process_start_time_seconds": started}
            scrape(run, i, value, pid=None, also=times)
        return judge(run.done()).judgement

    assert judged("a", (1.0, 5.0), (2.0, 105.0), (1.0, 6.0), (2.0, 106.0)) is Judgement.PASS
    assert judged("b", (1.0, 5.0), (2.0, 105.0), (1.0, 4.0)) is Judgement.FAIL
