"""The headline of a requirement that several judges refute is the fail that does most harm."""

from __future__ import annotations

from dataclasses import replace

from analysis.headline import largest, weight
from iceworthy.words.finding import Cause, Finding, Harm
from iceworthy.words.measure import Measure
from iceworthy.words.verdict import Judgement, Verdict


def fail(*findings: tuple[str, Harm, int], has_figure: bool = True) -> Verdict:
    measures = (Measure(name="failed", value=1, unit=""),) if has_figure else ()
    found = tuple(
        Finding(cause=Cause(rule=rule), title=rule, harm=harm, count=count)
        for rule, harm, count in findings
    )
    fails = Judgement.FAIL
    return Verdict(name="j", judgement=fails, reason="r", findings=found, measures=measures)


def test_harm_comes_before_the_number_of_failures() -> None:
    lost = fail(("lost", Harm.LOST, 158))
    assert weight(lost) > weight(fail(("missing", Harm.CLIENTS, 320)))
    assert weight(fail(("shape", Harm.SHAPE, 9), ("lost", Harm.LOST, 159))) > weight(lost)


def test_of_the_same_harm_more_causes_come_first_then_more_failures_then_a_figure() -> None:
    one = fail(("a", Harm.LOST, 9))
    several = fail(("a", Harm.LOST, 1), ("b", Harm.LOST, 1))
    assert weight(several) > weight(one) > weight(fail(("a", Harm.LOST, 5), ("a", Harm.LOST, 3)))
    assert weight(one) > weight(fail(("a", Harm.LOST, 9), has_figure=False))
    assert weight(fail()) < weight(fail(("a", Harm.LOST, 1)))
    assert weight(fail(("a", Harm.LOST, 1), ("s", Harm.SHAPE, 9))) > weight(
        fail(("a", Harm.LOST, 1))
    )


def test_of_equal_fails_the_one_that_stands_on_more_is_shown() -> None:
    few, many = (replace(fail(("a", Harm.CLIENTS, 1)), judged=judged) for judged in (1, 46))
    assert weight(many) > weight(few)


def holds(of: int | None, *, has_figure: bool = True, unit: str = "cases") -> Verdict:
    measures = (Measure(name="n", value=0, unit=unit, of=of),) if has_figure else ()
    return Verdict(name="j", judgement=Judgement.PASS, reason="r", measures=measures)


def test_where_all_hold_the_largest_share_is_shown() -> None:
    assert largest([holds(92), holds(None), holds(761), holds(26)]) == 2
    assert largest([holds(5, has_figure=False), holds(92), holds(92)]) == 1


def test_a_figure_that_counts_no_cases_stays_where_it_comes_first() -> None:
    assert largest([holds(None, unit="s"), holds(5_000)]) == 0
    assert largest([holds(45, unit="requests"), holds(906, unit="snapshots")]) == 0


def test_answers_and_events_outweigh_cases_and_steps_do_not() -> None:
    assert largest([holds(5), holds(906, unit="changes")]) == 1
    assert largest([holds(92), holds(761), holds(2_008, unit="differences")]) == 1
    assert largest([holds(1, has_figure=False), holds(1, has_figure=False)]) == 0
