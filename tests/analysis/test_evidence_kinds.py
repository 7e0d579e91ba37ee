"""Each failed sample has one kind, and samples of one kind and second are one ground."""

from __future__ import annotations

import pytest

from analysis.evidence_kinds import by_second, kind_of_answer
from iceworthy.words.blame import EvidenceKind as Kind


@pytest.mark.parametrize(
    ("status", "error", "facts", "kind"),
    [
        (0, "timeout", {}, Kind.SILENCE),
        (0, "refused", {}, Kind.SILENCE),
        (0, "closed", {}, Kind.SILENCE),
        (0, "torn", {}, Kind.TORN),
        (200, "torn", {"torn": True}, Kind.TORN),
        (200, "timeout", {"torn": True}, Kind.SILENCE),
        (503, "", {}, Kind.BUSY),
        (429, "", {}, Kind.BUSY),
        (500, "", {"mutation": True}, Kind.BUSY),
        (500, "", {}, Kind.STATUS),
        (501, "", {}, Kind.STATUS),
        (404, "", {}, Kind.STATUS),
        (200, "", {}, Kind.SHAPE),
    ],
)
def test_the_kind_of_one_answer(
    status: int, error: str, facts: dict[str, bool], kind: Kind
) -> None:
    assert kind_of_answer(status, error, **facts) is kind


def test_samples_are_put_together_by_kind_and_second() -> None:
    s = 1_000_000_000
    grounds = by_second(
        [
            (Kind.BUSY, 1, s + 1, 0),
            (Kind.BUSY, 0, s + 9, 0),
            (Kind.BUSY, s, 5 * s, 0),
            (Kind.BUSY, s, 5 * s, 1),
            (Kind.TORN, 2, s, None),
        ]
    )
    assert [(one.kind, one.count, one.spans, one.node) for one in grounds] == [
        (Kind.BUSY, 2, ((0, s + 9),), 0),
        (Kind.BUSY, 1, ((s, 5 * s),), 0),
        (Kind.BUSY, 1, ((s, 5 * s),), 1),
        (Kind.TORN, 1, ((2, s),), None),
    ]
