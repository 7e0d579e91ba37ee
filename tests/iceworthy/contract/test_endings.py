"""A break that a wait may have caused says of what kind its evidence is; any other says nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.contract.endings import Broken, Needs, all_busy, hindered
from iceworthy.words.blame import EvidenceKind as Kind


def replies(*statuses: int) -> list[Any]:
    """Answers with these statuses; 0: none came."""
    return [SimpleNamespace(status=status) if status else None for status in statuses]


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [((0, 503), Kind.SILENCE), ((200, 429), Kind.BUSY), ((409, 500), None), ((), None)],
)
def test_too_few_effects_may_be_a_matter_of_waiting(
    statuses: tuple[int, ...], kind: Kind | None
) -> None:
    assert hindered(replies(*statuses)) is kind


@pytest.mark.parametrize(
    ("statuses", "kind"), [((503,), Kind.BUSY), ((503, 500), None), ((404,), None)]
)
def test_wrong_answers_are_busy_only_if_all_of_them_are(
    statuses: tuple[int, ...], kind: Kind | None
) -> None:
    assert all_busy(replies(*statuses)) is kind


def test_a_step_that_was_busy_leaves_its_case_undecided_by_that() -> None:
    assert Needs("why", "createTable", 503).evidence is Kind.BUSY
    assert Needs("why", "createTable", 400).evidence is None
    assert Broken("a", "b", None).evidence is None
