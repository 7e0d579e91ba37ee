"""The case about counters: one that rises with the requests, late or not, and one that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from iceworthy.client.connect import Config
from iceworthy.contract.case import Case, cases_of
from iceworthy.contract.cases import nodes
from iceworthy.contract.desk import Desk
from iceworthy.contract.run import run_case
from iceworthy.words.target import EndpointSpec
from tests.iceworthy.contract.conftest import Server


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(nodes, "LATE_S", 0.5)
    monkeypatch.setattr(nodes, "AGAIN_S", 0.01)
    return next(one for one in cases_of("nodes") if one.name == "a_counter_rises_with_the_requests")


@pytest.fixture
def desk(desk_on: Callable[..., Desk], server: Server) -> Desk:
    server.answers["GET", "/v1/config"] = 200, b"{}"
    return desk_on(Config(), endpoints=EndpointSpec(metrics="/metrics"))


def test_metrics_that_stand_still_are_broken(case: Case, desk: Desk, server: Server) -> None:
    server.answers["GET", "/metrics"] = 200, b"# TYPE hits_total counter\nhits_total 7\n"
    found = run_case(desk, case)
    assert (found.ended, found.got) == (
        "broken",
        "of 1 counters the highest: hits_total rose by 0",
    )


@pytest.mark.parametrize("status", [404, 500])
def test_metrics_that_are_not_there_are_left_to_the_case_that_reads_them(
    case: Case, desk: Desk, server: Server, status: int
) -> None:
    server.answers["GET", "/metrics"] = status, b"no"
    found = run_case(desk, case)
    assert (found.ended, found.got) == ("skipped", f"/metrics is answered {status}")
    assert found.left_to in {one.full_name for one in cases_of("nodes")}


@pytest.mark.parametrize(
    ("later", "ended"), [(32.0, "holds"), (7.0 + 60, "broken"), (7.0 + 24, "broken")]
)
def test_the_rise_must_be_about_the_number_of_requests(
    case: Case, desk: Desk, monkeypatch: pytest.MonkeyPatch, later: float, ended: str
) -> None:
    monkeypatch.setattr(nodes, "PROBES_A_SECOND", 0)
    shown = _shown({"hits_total": 7.0}, {"hits_total": later})
    monkeypatch.setattr(nodes, "_counters", lambda *_: next(shown))
    assert run_case(desk, case).ended == ended


def test_a_count_may_be_late(case: Case, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    still = {"hits_total": 7.0}
    shown = _shown(still, still, still, {"hits_total": 33.0})
    monkeypatch.setattr(nodes, "LATE_S", 60.0)  # it ends when the count is seen
    monkeypatch.setattr(nodes, "_counters", lambda *_: next(shown))
    assert run_case(desk, case).ended == "holds"


def test_behind_one_address_counters_fall_and_the_case_does_not_apply(
    case: Case, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = _shown({"hits_total": 900.0}, {"hits_total": 40.0})
    monkeypatch.setattr(nodes, "_counters", lambda *_: next(shown))
    found = run_case(desk, case)
    assert (found.ended, "several processes" in found.got) == ("skipped", True)


def test_the_series_of_a_family_are_summed(desk: Desk, server: Server) -> None:
    server.answers["GET", "/metrics"] = 200, b'h_count{a="1"} 2\nh_count{a="2"} 3\nload 9\n'
    counted = {'h_count{a="1"}': 2.0, 'h_count{a="2"}': 3.0, "h_count": 5.0}
    assert nodes._counters(desk, 0, "/metrics") == counted


def _shown(*steps: dict[str, float]) -> Iterator[dict[str, float]]:
    """Each of these in turn, the last one for ever."""
    yield from steps
    while True:
        yield steps[-1]
