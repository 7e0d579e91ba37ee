"""metrics_follow_answers: a counter rises by about the number of answered requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.criteria.metrics_follow_answers import judge
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.verdict import Judgement
from tests.streams import append_line

SECONDS = 20
EACH_S = 40.0
"""Answers a second of each of the two nodes."""
TYPES = {"hits_total": "counter", "h": "histogram", "bytes_total": "counter"}


def scrape(
    run: Any, second: float, samples: Mapping[str, float], node: int = 0, pid: int | None = 1
) -> None:
    append_line(
        run.folder,
        "metrics",
        t_ns=run.T0 + int(second * 1e9),
        node=node,
        pid=pid,
        samples=samples,
        types=TYPES,
    )


def loaded(synthetic: Any, series: str, each_s: float, **more: float) -> Any:
    """A run in which a counter of both nodes rises by so much a second."""
    run = synthetic()
    run.reads(0.0, SECONDS, per_s=2 * EACH_S)
    for second in range(SECONDS + 1):
        for node in range(2):
            scrape(run, second, {series: 7 + each_s * second, **more}, node)
    return run


@pytest.mark.parametrize(
    "series",
    ["hits_total", 'hits_total{a="b"}', "h_count", 'h_count{le="1"}', "other_requests_total"],
)
def test_a_counter_that_follows_passes(synthetic: Any, series: str) -> None:
    verdict = judge(loaded(synthetic, series, EACH_S).done())
    assert verdict.judgement is Judgement.PASS, verdict.reason
    assert f"{series.partition('{')[0]} rose by 1,600" in verdict.reason


def test_a_counter_may_count_probes_too_and_be_late(synthetic: Any) -> None:
    run = synthetic()
    run.reads(0.0, SECONDS, per_s=2 * EACH_S)
    for second in range(SECONDS + 1):
        for node in range(2):
            scrape(run, second, {"hits_total": (EACH_S + 5) * max(0, second - 4)}, node)
    assert judge(run.done()).judgement is Judgement.PASS


def test_the_labels_of_a_family_are_summed_and_those_that_appear_begin_at_zero(
    synthetic: Any,
) -> None:
    run = synthetic()
    run.reads(0.0, SECONDS, per_s=2 * EACH_S)
    for node in range(2):
        scrape(run, 0, {'hits_total{status="200"}': 10.0}, node)
        half = EACH_S * SECONDS / 2
        late = {'hits_total{status="200"}': 10.0 + half, 'hits_total{status="404"}': half}
        scrape(run, SECONDS, late, node)
    assert judge(run.done()).judgement is Judgement.PASS


@pytest.mark.parametrize(
    ("series", "each_s", "kind"),
    [
        ("hits_total", 0.0, EvidenceKind.CONTENT),
        ("hits_total", 5.0, EvidenceKind.LATENESS),
        ("bytes_total", 90_000.0, EvidenceKind.LATENESS),
    ],
)
def test_metrics_that_do_not_follow_fail(
    synthetic: Any, series: str, each_s: float, kind: EvidenceKind
) -> None:
    """A starved machine explains a count that is late, and not one that never moves."""
    verdict = judge(loaded(synthetic, series, each_s).done())
    assert verdict.judgement is Judgement.FAIL
    assert {one.kind for one in verdict.grounds} == {kind}


@pytest.mark.parametrize("series", ["in_flight", "h_sum", 'h_bucket{le="1"}'])
def test_a_gauge_or_a_sum_is_no_count(synthetic: Any, series: str) -> None:
    assert judge(loaded(synthetic, series, EACH_S).done()).judgement is Judgement.FAIL


def test_each_process_counts_from_its_own_first_scrape(synthetic: Any) -> None:
    run = synthetic()
    run.reads(0.0, SECONDS, per_s=2 * EACH_S)
    for pid, start in ((1, 0), (2, SECONDS // 2)):
        for second in (0, SECONDS // 2 - 1):
            for node in range(2):
                scrape(run, start + second, {"hits_total": EACH_S * second}, node, pid)
    assert judge(run.done()).judgement is Judgement.PASS


def test_few_answers_or_one_scrape_are_unknown(synthetic: Any) -> None:
    run = synthetic()
    run.reads(0.0, 1.0, per_s=50)
    for second in (0, 20):
        scrape(run, second, {"hits_total": 0.0})
    assert judge(run.done()).judgement is Judgement.UNKNOWN


@pytest.mark.parametrize(
    ("offset", "judgement"), [(0.0, Judgement.FAIL), (500.0, Judgement.UNKNOWN)]
)
def test_behind_one_address_nobody_knows_whose_counters_are_shown(
    synthetic: Any, offset: float, judgement: Judgement
) -> None:
    run = synthetic()
    run.reads(0.0, SECONDS, per_s=2 * EACH_S)
    for second in range(SECONDS + 1):
        shown = {"hits_total": 7 + second + offset * (second % 2)}
        scrape(run, second, shown, pid=None)
    verdict = judge(run.done())
    assert verdict.judgement is judgement, verdict.reason
