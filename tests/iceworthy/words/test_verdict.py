"""fail > unknown > pass, and nothing judged is unknown."""

from itertools import permutations

from iceworthy.words.verdict import Judgement, merge


def test_the_worst_wins_in_every_order() -> None:
    for order in permutations(Judgement):
        assert merge(order) is Judgement.FAIL
    assert merge([Judgement.PASS, Judgement.UNKNOWN]) is Judgement.UNKNOWN
    assert merge([Judgement.PASS]) is Judgement.PASS


def test_nothing_judged_is_unknown() -> None:
    assert merge([]) is Judgement.UNKNOWN
