"""metrics_count: operational families are counted, the runtime's are not."""

from __future__ import annotations

from typing import Any

from analysis.criteria.metrics_count import family, judge, operational
from iceworthy.words.verdict import Judgement
from tests.streams import append_line


def test_ten_operational_metrics_pass(synthetic: Any) -> None:
    run = synthetic()
    run.samples(0.0, 3.0)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.figure == "10 metrics"


def test_nine_fail_whatever_the_runtime_adds(synthetic: Any) -> None:
    run = synthetic()
    run.samples(0.0, 3.0, metrics=(*run.METRICS[:9], "go_goroutines", "process_open_fds"))
    assert judge(run.done()).judgement is Judgement.FAIL


def test_metrics_that_are_never_answered_fail(synthetic: Any) -> None:
    run = synthetic()
    append_line(run.folder, "probes", t_ns=1, node=0, probe="metrics", status=404, latency_ms=1.0)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_metrics_in_the_body_of_an_error_do_not_count(synthetic: Any) -> None:
    run = synthetic()
    types = {"a": "counter", "b": "counter"}
    append_line(run.folder, "metrics", t_ns=1, node=0, samples={"a": 1.0, "b": 1.0}, types=types)
    append_line(run.folder, "probes", t_ns=1, node=0, probe="metrics", status=500, latency_ms=1.0)
    verdict = judge(run.done())
    assert (verdict.judgement, verdict.figure) == (Judgement.FAIL, "0 metrics")


def test_no_scrape_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().done()).judgement is Judgement.UNKNOWN


def test_the_parts_of_a_histogram_are_one_family() -> None:
    types = {"wait_seconds": "histogram", "sent_total": "counter", "got": "counter"}
    samples = ['wait_seconds_bucket{le="1"}', "wait_seconds_sum", "wait_seconds_count"]
    assert {family(name, types) for name in samples} == {"wait_seconds"}
    assert family("sent_total", types) == "sent_total"
    assert family("got_total", types) == "got"
    assert family("bare_count", {}) == "bare"
    assert operational({"up", "upstreams", "x_created", "python_info", "jobs"}) == [
        "jobs",
        "upstreams",
    ]
