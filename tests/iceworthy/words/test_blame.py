"""Who is to blame is a word of a fixed list, and evidence is counted by its kind."""

from __future__ import annotations

from iceworthy.words.blame import Blame, EvidenceKind, Ground, counted_kinds


def test_everybody_to_blame_has_words_for_a_sentence() -> None:
    assert [one.words for one in Blame] == [
        "the catalog",
        "the target file",
        "the machine",
        "somebody outside",
        "the suite",
    ]


def test_grounds_of_one_kind_are_counted_together_most_first() -> None:
    grounds = [
        Ground(kind=EvidenceKind.SILENCE, count=2),
        Ground(kind=EvidenceKind.SHAPE, count=40),
        Ground(kind=EvidenceKind.SHAPE, count=5),
    ]
    assert list(counted_kinds(grounds).items()) == [("shape", 45), ("no answer", 2)]
