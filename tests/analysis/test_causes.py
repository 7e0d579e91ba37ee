"""A lost write is one finding, whether the contract, its loss or a second winner shows it."""

from __future__ import annotations

from analysis.causes import LOST_COMMIT, LOST_PROPERTY, UNDONE, by_common_cause
from iceworthy.words.finding import Cause, Finding, Harm, grouped

TORN = Finding(
    cause=Cause(rule="cas_exclusivity"),
    title="two winners",
    harm=Harm.TORN,
    experiments=("steady",),
    writes=("commitTransaction",),
    count=6,
)
LOST = Finding(
    cause=LOST_COMMIT,
    title="lost",
    harm=Harm.LOST,
    experiments=("steady",),
    writes=("commitTransaction",),
    count=3,
)
DOES_NOTHING = Finding(
    cause=Cause(rule=UNDONE, operation="commitTransaction"),
    title="does nothing",
    harm=Harm.LOST,
    experiments=("contract",),
)


def causes(*findings: Finding) -> list[Cause]:
    return [one.cause for one in by_common_cause(findings)]


def test_what_the_load_lost_belongs_to_the_operation_that_does_nothing() -> None:
    (one,) = grouped(by_common_cause([DOES_NOTHING, LOST, TORN]))
    assert (one.title, one.count, one.experiments) == ("does nothing", 10, ("contract", "steady"))


def test_lost_writes_of_another_operation_are_a_finding_of_their_own() -> None:
    other = Finding(cause=LOST_PROPERTY, title="p", harm=Harm.LOST, writes=("updateProperties",))
    both = Finding(cause=LOST_COMMIT, title="b", harm=Harm.LOST, writes=("a", "commitTransaction"))
    assert causes(DOES_NOTHING, other, both)[1:] == [LOST_PROPERTY, LOST_COMMIT]


def test_two_winners_of_which_one_is_lost_are_the_lost_commit_where_that_was_seen() -> None:
    assert causes(LOST, TORN) == [LOST_COMMIT, LOST_COMMIT]
    elsewhere = Finding(cause=LOST_COMMIT, title="e", harm=Harm.LOST, experiments=("contention",))
    assert causes(elsewhere, TORN) == [LOST_COMMIT, TORN.cause]
    assert causes(TORN) == [TORN.cause]


def test_two_winners_that_both_stay_are_torn() -> None:
    stay = Finding(cause=TORN.cause, title="t", harm=Harm.TORN, experiments=("steady",))
    assert causes(LOST, stay) == [LOST_COMMIT, TORN.cause]
