"""Each failed sample has one kind, and samples of one kind and second are one ground."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.evidence_kinds import (
    by_second,
    grounds_of_cases,
    grounds_of_differences,
    grounds_of_tried,
    kind_of_answer,
)
from iceworthy.record.contract_lines import CaseResult, Difference, SentRequest, TriedThing
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


POST, GET = (SentRequest(method=method, path="/v1/x") for method in ("POST", "GET"))


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"given": 503, "expected_statuses": (200,)}, Kind.BUSY),
        ({"given": 429, "expected_statuses": (404,)}, Kind.BUSY),
        ({"given": 503, "expected_statuses": (200, 503)}, Kind.CONTENT),
        ({"given": 503, "expected_statuses": ()}, Kind.CONTENT),
        ({"given": 500, "expected_statuses": (200,), "sent": POST}, Kind.BUSY),
        ({"given": 500, "expected_statuses": (409,), "sent": POST}, Kind.BUSY),
        ({"given": 500, "expected_statuses": (400,), "sent": POST}, Kind.STATUS),
        ({"given": 500, "expected_statuses": (200,), "sent": GET}, Kind.STATUS),
        ({"given": 200, "expected_statuses": (404,)}, Kind.STATUS),
        ({"given": 200, "evidence": Kind.LATENESS}, Kind.LATENESS),
        ({"given": None}, Kind.CONTENT),
    ],
)
def test_the_kind_of_a_broken_case(facts: dict[str, Any], kind: Kind) -> None:
    case = CaseResult(case="a.b", ended="broken", seconds=2.0, t_ns=9_000_000_000, **facts)
    (ground,) = grounds_of_cases([case])
    assert (ground.kind, ground.spans) == (kind, ((7_000_000_000, 9_000_000_000),))


def test_an_undecided_case_has_evidence_only_where_a_wait_may_have_left_it_undecided() -> None:
    silent = CaseResult(case="a.b", ended="unknown", evidence=Kind.SILENCE, t_ns=1)
    other = CaseResult(case="a.c", ended="unknown", t_ns=1)
    assert [one.kind for one in grounds_of_cases([silent, other])] == [Kind.SILENCE]


def test_a_fuzzed_problem_is_told_by_the_seconds_in_which_it_was_met() -> None:
    s = 1_000_000_000
    line = TriedThing(
        requirement="SC-001", what="w", expected="", got="", works=False, given=503, times=5,
        seen_ns=(s, s + 1, 3 * s),
    )  # fmt: skip
    grounds = grounds_of_tried([line])
    assert [(one.kind, one.count, one.spans) for one in grounds] == [
        (Kind.BUSY, 2, ((s, s + 1),)),
        (Kind.BUSY, 1, ((3 * s, 3 * s),)),
        (Kind.BUSY, 2, ((3 * s, 3 * s),)),
    ]


def test_a_difference_is_content_where_both_sides_answered_for_good() -> None:
    one = Difference(what="w", ruling="wrong")
    busy = Difference(what="w", ruling="wrong", evidence=Kind.BUSY, seen_ns=4)
    found = grounds_of_differences([one, busy])
    assert [(ground.kind, ground.spans) for ground in found] == [
        (Kind.CONTENT, ()),
        (Kind.BUSY, ((4, 4),)),
    ]
