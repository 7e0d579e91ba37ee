"""A lie is right when its own check catches it, the honest catalog when nothing does."""

import pytest

from iceworthy.discovery import names
from iceworthy.orchestrator.selftest import HONEST, Row, as_json, chosen_lies, table
from iceworthy.words.errors import PlanError


def row(lie: str, *caught_by: str, own: str = "phantom", problem: str = "") -> Row:
    return Row(
        lie=lie, own_check=own, caught_by=caught_by, seconds=1.5, operations=20, problem=problem
    )


def test_a_lie_must_be_caught_by_its_own_check() -> None:
    assert row("x", "phantom").right
    assert row("x", "real_time", "phantom").right
    assert not row("x", "real_time").right
    assert not row("x").right
    assert not row("x", "phantom", problem="it did not run").right


def test_the_honest_catalog_must_be_caught_by_nothing() -> None:
    assert row(HONEST + "steady", own="").right
    assert not row(HONEST + "steady", "phantom", own="").right
    assert not row(HONEST + "steady", own="", problem="it did not run").right


def test_no_name_means_all_lies_and_an_unknown_one_is_refused() -> None:
    assert chosen_lies([]) == [*names("lie")]
    assert chosen_lies(["late_get"]) == ["late_get"]
    with pytest.raises(PlanError, match="did you mean 'late_get'"):
        chosen_lies(["late_gte"])


def test_the_table_is_aligned_and_says_what_is_wrong() -> None:
    lines = table([row("a", "phantom"), row("longer", problem="(phantom: unknown: why)")])
    first, second, problem = lines.splitlines()
    assert first.index("phantom") == second.index("-  ")
    assert "✕ WRONG longer" in second
    assert problem.strip() == "(phantom: unknown: why)"
    assert table([]) == ""


def test_json_holds_the_agreed_keys() -> None:
    (made,) = as_json([row("a", "phantom")])
    assert set(made) == {"lie", "own_check", "caught_by", "seconds", "operations"}
