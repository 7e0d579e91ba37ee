"""probes_without_database: both probes are quick without a database, or it is a fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.criteria.probes_without_database import judge
from analysis.starvation import Second, Starvation
from iceworthy.record.sample_lines import Probe
from iceworthy.words.verdict import Judgement
from tests.streams import lines_of


def broken(synthetic: Any, name: str, *, ready_ms: float, health_ms: float = 2.0) -> Any:
    run = synthetic(name)
    run.broken_link(name)
    path = run.folder.stream_file(Probe)
    took = {"ready": ready_ms, "health": health_ms}
    lines = [json_line(line, took) for line in lines_of(run.folder, "probes")]
    path.write_text("".join(lines))
    return run.done()


def json_line(line: dict[str, Any], took: dict[str, float]) -> str:
    return json.dumps({**line, "latency_ms": took.get(line["probe"], 1.0)}) + "\n"


@pytest.mark.parametrize("fault", ["cut_link", "black_hole"])
def test_quick_probes_pass(synthetic: Any, fault: str) -> None:
    quick = judge(broken(synthetic, fault, ready_ms=90.0))
    assert quick.judgement is Judgement.PASS, quick.reason


@pytest.mark.parametrize("slow", [{"ready_ms": 2000.0}, {"ready_ms": 5.0, "health_ms": 300.0}])
def test_slow_probes_fail_and_are_named(synthetic: Any, slow: dict[str, float]) -> None:
    verdict = judge(broken(synthetic, "black_hole", **slow))
    assert verdict.judgement is Judgement.FAIL
    assert "without the database" in verdict.reason


def test_without_a_broken_link_or_probes_it_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().calm().done()).judgement is Judgement.UNKNOWN
    run = synthetic("cut_link")
    run.broken_link("cut_link")
    run.folder.stream_file(Probe).write_text("")
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_two_slow_answers_are_enough_to_fail_and_one_is_not(synthetic: Any) -> None:
    for number, wanted in ((2, Judgement.FAIL), (1, Judgement.UNKNOWN)):
        run = synthetic(f"black_hole{number}")
        run.broken_link("black_hole")
        lines = [json_line(line, {"ready": 2000.0}) for line in lines_of(run.folder, "probes")]
        meanwhile = [line for line in lines if '"ready"' in line and '"status": 503' in line]
        others = [line for line in lines if line not in meanwhile]
        run.folder.stream_file(Probe).write_text("".join([*others, *meanwhile[:number]]))
        verdict = judge(run.done())
        assert verdict.judgement is wanted, (number, verdict.reason, len(meanwhile))


@pytest.mark.parametrize(("ready_ms", "stands"), [(2000.0, True), (140.0, False)])
def test_a_wait_of_less_than_the_lateness_does_not_explain_it(
    synthetic: Any, ready_ms: float, stands: bool
) -> None:
    """The target waited for 0.6 s for a CPU while its probes were late by far more, or by less."""
    run = broken(synthetic, "black_hole", ready_ms=ready_ms)
    (ground,) = judge(run).grounds
    second = Second(
        start_ns=0, end_ns=2**62, others_s=9.0, whole_s=10.0, ran_s=0.5, waited_s=0.6, busy=1.0
    )
    starvation = Starvation(seconds=(second,), has_waits=True, ends=(2**62,))
    why = starvation.during(ground.spans, excess_s=ground.excess_s)
    assert bool(why) is not stands
