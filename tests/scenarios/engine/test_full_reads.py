"""Which answers are written in full: the first, then one in FULL_EVERY, sooner after commits."""

from __future__ import annotations

from iceworthy.record.history import FULL_EVERY
from scenarios.engine.full_reads import FullReads


def test_the_first_answer_is_full_and_then_one_in_full_every() -> None:
    reads, full = FullReads(), []
    for number in range(3 * FULL_EVERY):
        if not reads.take_brief():
            full.append(number)
            reads.written()
    assert full == [0, FULL_EVERY, 2 * FULL_EVERY]


def test_commits_bring_the_next_full_read_nearer() -> None:
    reads = FullReads()
    reads.written()
    for _ in range(FULL_EVERY - 2):
        reads.committed()
        assert not reads.is_due
    reads.committed()
    assert reads.is_due
    assert not reads.take_brief()
