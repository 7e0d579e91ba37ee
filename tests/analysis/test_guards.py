"""Guards: what a run cannot carry is unknown, and a checker's fail stands."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Any

import pytest

from analysis.guards import guards, starved
from analysis.judge_experiment import judge_one
from analysis.outside_deaths import OutsideDeath
from iceworthy.words.blame import Blame, EvidenceKind, Ground
from iceworthy.words.finding import Cause, Finding
from iceworthy.words.verdict import Judgement, Verdict
from tests.analysis.conftest import T0


def verdict(judgement: Judgement, *kinds: EvidenceKind) -> Verdict:
    grounds = tuple(Ground(kind=kind) for kind in kinds)
    return Verdict(name="x", judgement=judgement, reason="because", grounds=grounds)


BOTH = ("schedule",)
SLOW = verdict(Judgement.FAIL, EvidenceKind.LATENCY)
PASS, FAIL, UNKNOWN = (verdict(j) for j in (Judgement.PASS, Judgement.FAIL, Judgement.UNKNOWN))


def test_a_good_run_lets_every_verdict_through(synthetic: Any) -> None:
    found = guards(synthetic("cut_link").broken_link().done())
    assert [v.judgement for v in found.verdicts] == [Judgement.PASS, Judgement.PASS]
    for one in (PASS, FAIL, UNKNOWN):
        assert found.apply(one, guarded_by=BOTH, checker=False) is one


def test_a_late_generator_makes_guarded_verdicts_unknown(synthetic: Any) -> None:
    found = guards(synthetic().calm(lag_ms=200.0).done())
    assert found.apply(PASS, guarded_by=BOTH, checker=False).judgement is Judgement.UNKNOWN
    withheld = found.apply(SLOW, guarded_by=BOTH, checker=False)
    assert withheld.judgement is Judgement.UNKNOWN
    assert "left late" in withheld.reason
    assert "because" in withheld.reason
    assert withheld.blame is Blame.SUITE
    assert found.apply(FAIL, guarded_by=BOTH, checker=False) is FAIL
    assert found.apply(SLOW, guarded_by=(), checker=False) is SLOW


def test_a_starved_machine_withholds_fails_only(synthetic: Any) -> None:
    run = synthetic().calm(lag_ms=8.0)
    run.samples(2.0, 20.0, others=0.9)
    found = guards(run.done())
    assert "8.0 ms late" in found.starved
    assert found.apply(PASS, guarded_by=BOTH, checker=False) is PASS
    assert found.apply(FAIL, guarded_by=BOTH, checker=False) is FAIL
    withheld = found.apply(SLOW, guarded_by=(), checker=True)
    assert (withheld.judgement, withheld.blame) == (Judgement.UNKNOWN, Blame.MACHINE)


@pytest.mark.parametrize("kind", list(EvidenceKind))
def test_a_starved_machine_explains_what_waiting_brings_forth_and_nothing_else(
    synthetic: Any, kind: EvidenceKind
) -> None:
    run = synthetic().calm(lag_ms=8.0)
    run.samples(2.0, 20.0, others=0.9)
    ruled = guards(run.done()).apply(verdict(Judgement.FAIL, kind), guarded_by=(), checker=False)
    waiting = kind in (
        EvidenceKind.SILENCE,
        EvidenceKind.LATENCY,
        EvidenceKind.LATENESS,
        EvidenceKind.BUSY,
    )
    assert (ruled.blame is Blame.MACHINE) is waiting
    by_the_file = kind is EvidenceKind.ABSENT
    assert (ruled.judgement is Judgement.UNKNOWN) is (waiting or by_the_file)


def test_what_a_guard_does_not_explain_stands_and_the_rest_is_told_apart(synthetic: Any) -> None:
    run = synthetic().calm(lag_ms=8.0)
    run.samples(2.0, 20.0, others=0.9)
    both = verdict(Judgement.FAIL, EvidenceKind.SILENCE, EvidenceKind.SHAPE)
    ruled = guards(run.done()).apply(both, guarded_by=(), checker=False)
    assert ruled.judgement is Judgement.FAIL
    assert "1 of these 2 may have another cause" in ruled.reason


def test_a_finding_that_a_guard_explains_is_none_of_the_catalog(synthetic: Any) -> None:
    run = synthetic().calm(lag_ms=8.0)
    run.samples(2.0, 20.0, others=0.9)
    kinds = (EvidenceKind.SILENCE, EvidenceKind.SHAPE, None)
    found = tuple(
        Finding(cause=Cause(rule=str(kind)), title=str(kind), rests_on=kind) for kind in kinds
    )
    both = replace(
        verdict(Judgement.FAIL, EvidenceKind.SILENCE, EvidenceKind.SHAPE), findings=found
    )
    ruled = guards(run.done()).apply(both, guarded_by=(), checker=False)
    assert ruled.judgement is Judgement.FAIL
    assert [one.rests_on for one in ruled.findings] == [EvidenceKind.SHAPE, None]


def test_a_finding_of_another_time_than_the_death_that_explains_some_stays(
    synthetic: Any,
) -> None:
    run = synthetic().calm()
    barriers = guards(run.done())
    death = OutsideDeath(node=0, number=signal.SIGKILL, t_ns=5 * 10**9, back_ns=6 * 10**9)
    spans = ((5 * 10**9, 5 * 10**9 + 1), (50 * 10**9, 50 * 10**9 + 1))
    grounds = tuple(Ground(kind=EvidenceKind.SILENCE, spans=(span,), node=0) for span in spans)
    found = tuple(
        Finding(
            cause=Cause(rule=str(first)),
            title="silence",
            first_ns=first,
            last_ns=last,
            rests_on=EvidenceKind.SILENCE,
        )
        for first, last in spans
    )
    one = replace(verdict(Judgement.FAIL), grounds=grounds, findings=found)
    ruled = replace(barriers, deaths=(death,)).apply(one, guarded_by=(), checker=True)
    assert ruled.judgement is Judgement.FAIL
    assert [left.first_ns for left in ruled.findings] == [spans[1][0]]


def test_time_stolen_by_the_hypervisor_starves_too(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 10.0)
    run.samples(0.0, 10.0, steal=0.2)
    assert "other machines" in starved(run.done())


def test_an_unproven_fault_withholds_passes_and_criteria_but_no_lost_write(synthetic: Any) -> None:
    found = guards(synthetic("cut_link").broken_link(facts={}).done())
    assert found.apply(PASS, guarded_by=(), checker=True).judgement is Judgement.UNKNOWN
    assert found.apply(FAIL, guarded_by=(), checker=False).judgement is Judgement.UNKNOWN
    assert found.apply(FAIL, guarded_by=(), checker=True) is FAIL


def test_a_fact_that_needs_no_load_stands_whatever_the_fault_met(synthetic: Any) -> None:
    found = guards(synthetic("drain_node").broken_link(facts={}).done())
    for one in (PASS, FAIL):
        assert found.apply(one, guarded_by=(), checker=False, needs_no_load=True) is one


def test_a_node_that_needs_forty_seconds_to_end_fails_though_no_operation_met_the_fault(
    synthetic: Any,
) -> None:
    run = synthetic("drain_node")
    pid = run.start(0, -6.0)
    run.fault("drain_node", 4.0, 48.0)
    run.end(0, pid, 4.0, took_s=40.0, code=-9)
    rulings = {ruling.verdict.name: ruling.verdict for ruling in judge_one(run.done())}
    assert rulings["fault_bit"].judgement is Judgement.UNKNOWN
    assert rulings["shutdown_time"].judgement is Judgement.FAIL


def test_each_fault_is_judged_by_itself(synthetic: Any) -> None:
    run = synthetic("cut_link").broken_link()
    run.fault("cut_link", 30.0, 32.0)  # nothing was sent any more
    found = guards(run.done())
    assert found.unproven

    def failed(at_s: float) -> Verdict:
        span = (T0 + int(at_s * 10**9),) * 2
        ground = Ground(kind=EvidenceKind.SILENCE, spans=(span,))
        return Verdict(name="x", judgement=Judgement.FAIL, reason="because", grounds=(ground,))

    first, second = failed(8.0), failed(31.0)
    assert found.apply(first, guarded_by=(), checker=False) is first
    assert found.apply(second, guarded_by=(), checker=False).judgement is Judgement.UNKNOWN


def test_others_work_that_does_not_show_starves_nobody(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 10.0)
    run.reads(0.0, 10.0)
    run.samples(0.0, 10.0, others=0.9, node_cpu=0.2)
    assert starved(run.done()) == ""


def test_a_target_that_needs_much_of_a_core_is_starved_by_others(synthetic: Any) -> None:
    run = synthetic()
    run.window("steady", 0.0, 10.0)
    run.reads(0.0, 10.0)
    run.samples(0.0, 10.0, others=0.5, node_cpu=0.6)
    assert "node-0 asked for 60%" in starved(run.done())


@pytest.mark.parametrize(
    ("status", "judgement"),
    [(400, Judgement.FAIL), (500, Judgement.FAIL), (503, Judgement.UNKNOWN)],
)
def test_starvation_excuses_no_answer_that_waiting_does_not_explain(
    synthetic: Any, status: int, judgement: Judgement
) -> None:
    run = synthetic().calm(lag_ms=8.0)
    run.samples(2.0, 20.0, others=0.9)
    run.op("loadTable", 10.0, status=status)
    rulings = {ruling.verdict.name: ruling.verdict for ruling in judge_one(run.done())}
    assert rulings["no_errors_when_calm"].judgement is judgement
