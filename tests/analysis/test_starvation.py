"""What the target was denied is measured; it withholds only what came about while it was denied."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.judge_experiment import judge_one
from analysis.run import Run
from analysis.starvation import starvation_of
from iceworthy.record.history import FLAG_TORN
from iceworthy.words.blame import Blame
from iceworthy.words.verdict import Judgement, Verdict
from tests.analysis.conftest import at
from tests.streams import append_line

PASS, FAIL, UNKNOWN = Judgement.PASS, Judgement.FAIL, Judgement.UNKNOWN


def ruled(run: Run) -> dict[str, Verdict]:
    return {ruling.verdict.name: ruling.verdict for ruling in judge_one(run)}


def denied(synthetic: Any, *, waited: float = 1.0, others: float = 0.7, **facts: Any) -> Any:
    """A whole good run whose nodes waited for a CPU, as a busy machine makes them."""
    run = synthetic(**facts).calm()
    run.samples(0.0, 20.0, waited=waited, others=others)
    return run


@pytest.mark.parametrize(
    ("waited", "others", "starved"),
    [
        (1.0, 0.7, True),
        (0.02, 0.7, False),  # it got what it needed
        (0.06, 0.02, False),  # others took too little to starve it
        (1.0, 0.02, False),  # its own threads, more than there are CPUs, kept it waiting
        (0.0, 0.0, False),
    ],
)
def test_a_target_is_starved_when_it_waited_while_others_ran(
    synthetic: Any, waited: float, others: float, starved: bool
) -> None:
    run = synthetic()
    run.samples(0.0, 10.0, waited=waited, others=others)
    assert bool(starvation_of(run.done()).during([(at(3.0), at(6.0))])) is starved


def test_only_the_seconds_in_question_count(synthetic: Any) -> None:
    run = synthetic()
    for start_s, waited in ((0.0, 0.0), (30.0, 1.0)):
        run.samples(start_s, start_s + 10.0, waited=waited, others=0.7)
    found = starvation_of(run.done())
    assert not found.during([(at(2.0), at(5.0))])
    assert "waited" in found.during([(at(34.0), at(36.0))])
    assert not found.during([(at(200.0), at(201.0))])


def test_a_denial_of_fewer_seconds_than_were_missed_explains_nothing(synthetic: Any) -> None:
    run = synthetic(node_count=1)
    run.samples(0.0, 30.0, waited=0.4, others=0.7)
    found = starvation_of(run.done())
    assert found.during([(at(5.0), at(15.0))], excess_s=0.1)
    assert not found.during([(at(5.0), at(15.0))], excess_s=20.0)


def test_processes_that_hardly_ran_and_waited_less_had_a_free_machine(synthetic: Any) -> None:
    """Half of next to nothing is next to nothing: 0.002 s of waiting in each second."""
    run = synthetic(node_count=1)
    run.samples(0.0, 30.0, waited=0.002, node_cpu=0.002, others=0.7)
    assert not starvation_of(run.done()).during([(at(5.0), at(15.0))])


def test_pressure_stands_in_where_no_waits_are_counted(synthetic: Any) -> None:
    run = synthetic()
    run.samples(0.0, 10.0, pressure=0.9, others=0.7)
    assert "some process waited" in starvation_of(run.done()).during([(at(3.0), at(6.0))])
    calm = synthetic("other")
    calm.samples(0.0, 10.0, pressure=0.1, others=0.7)
    assert not starvation_of(calm.done()).during([(at(3.0), at(6.0))])


def test_it_is_worked_out_once_for_a_run(synthetic: Any) -> None:
    run = synthetic()
    run.samples(0.0, 10.0, waited=1.0, others=0.7)
    done = run.done()
    assert starvation_of(done).measured
    assert starvation_of(done) is starvation_of(done)


def test_a_run_of_an_older_version_has_no_such_measure(synthetic: Any) -> None:
    assert not starvation_of(synthetic().calm().done()).measured


def test_busy_answers_of_a_starved_target_are_unknown_for_every_judge(synthetic: Any) -> None:
    run = denied(synthetic, name="contention")
    run.race(3.0, 18.0)
    for i in range(49):
        run.op("updateTable", 4.0 + i / 4, status=503)
    found = ruled(run.done())
    for judge in ("conflict_status", "no_errors_when_calm"):
        if judge in found:
            assert found[judge].judgement is UNKNOWN, judge
            assert found[judge].blame is Blame.MACHINE
            assert "503" in found[judge].reason
    assert "conflict_status" in found


def test_the_same_answers_of_a_target_that_got_its_cpu_fail(synthetic: Any) -> None:
    run = denied(synthetic, waited=0.01, name="contention")
    run.race(3.0, 18.0)
    run.op("updateTable", 4.0, status=503)
    assert ruled(run.done())["conflict_status"].judgement is FAIL


@pytest.mark.parametrize(
    ("facts", "judgement"),
    [
        ({"status": 503}, UNKNOWN),
        ({"status": 0, "error": "timeout"}, UNKNOWN),
        ({"status": 200, "flags": FLAG_TORN, "error": "timeout"}, UNKNOWN),
        ({"status": 200, "flags": FLAG_TORN, "error": "torn"}, FAIL),
        ({"status": 200, "error": "nonsense"}, FAIL),
        ({"status": 500}, FAIL),
        ({"status": 400}, FAIL),
    ],
)
def test_waiting_explains_silence_and_busy_answers_but_no_shape(
    synthetic: Any, facts: dict[str, Any], judgement: Judgement
) -> None:
    run = denied(synthetic)
    run.op("loadTable", 10.0, **facts)
    assert ruled(run.done())["no_errors_when_calm"].judgement is judgement


@pytest.mark.parametrize(
    ("facts", "judgement", "word"),
    [
        ({"status": 500, "error": ""}, FAIL, "45 × status 500"),
        ({"status": 0, "error": "torn"}, FAIL, "a torn body"),
        ({"status": 0, "error": "timeout"}, UNKNOWN, "timeout"),
        ({"status": 503, "error": ""}, UNKNOWN, "status 503"),
    ],
)
def test_scrapes_fail_for_their_shape_on_a_starved_machine_too(
    synthetic: Any, facts: dict[str, Any], judgement: Judgement, word: str
) -> None:
    run = denied(synthetic, name="steady")
    for i in range(45):
        append_line(
            run.folder,
            "probes",
            t_ns=at(3.0 + i / 3),
            node=0,
            probe="metrics",
            latency_ms=40.0,
            body="",
            **facts,
        )
    found = ruled(run.done())["metrics_answer"]
    assert found.judgement is judgement
    assert word in found.reason


@pytest.mark.parametrize(
    ("took_s", "waited", "judgement"),
    [(10.1, 0.8, UNKNOWN), (40.0, 0.8, UNKNOWN), (60.0, 0.2, FAIL), (10.1, 0.0, FAIL)],
)
def test_a_slow_start_where_nothing_is_loaded_is_judged_by_what_it_was_denied(
    synthetic: Any, took_s: float, waited: float, judgement: Judgement
) -> None:
    run = synthetic("survey", scenario=None)
    run.start(0, 0.0, took_s=took_s)
    run.samples(0.0, took_s + 2, waited=waited, others=0.39, node_cpu=0.1)
    found = ruled(run.done())["start_time"]
    assert found.judgement is judgement, found.reason


def test_a_percentile_of_a_starved_run_is_unknown_and_its_verdict_says_who(synthetic: Any) -> None:
    run = synthetic("steady").calm(took_ms=80.0)
    run.samples(0.0, 20.0, waited=1.0, others=0.7)
    found = ruled(run.done())["read_latency"]
    assert (found.judgement, found.blame) == (UNKNOWN, Blame.MACHINE)
    assert "waited" in found.reason


def test_a_pass_on_a_starved_machine_stays_a_pass(synthetic: Any) -> None:
    found = ruled(denied(synthetic, name="steady").done())
    assert found["read_latency"].judgement is PASS
    assert found["read_latency"].blame is None
