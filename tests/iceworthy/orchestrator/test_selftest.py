"""A lie is right when its own check catches it, the honest catalog when nothing does."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from iceworthy.cli import main
from iceworthy.discovery import names
from iceworthy.orchestrator import selftest
from iceworthy.orchestrator.selftest import HONEST, Row, as_json, chosen_lies, table
from iceworthy.words.errors import PlanError


def row(lie: str, *caught_by: str, own: str = "phantom", problem: str = "", **facts: Any) -> Row:
    return Row(
        lie=lie,
        own_check=own,
        caught_by=caught_by,
        seconds=1.5,
        operations=20,
        problem=problem,
        **facts,
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


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ([row("a", "phantom")], 0, "1 of 1 right;"),
        ([row("a", "phantom"), row("b", undecided=True)], 2, "1 of 2 right, 1 undecided: try"),
        ([row("a"), row("b", undecided=True)], 1, "0 of 2 right, 1 undecided: try"),
        ([row("a", "phantom", undecided=True)], 0, "1 of 1 right;"),
    ],
)
def test_a_lie_that_a_starved_machine_hid_is_undecided(
    rows: list[Row],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(selftest, "run_selftest", lambda *_, **__: (tmp_path, rows))
    assert main(["selftest"]) == code
    shown = capsys.readouterr().out
    assert said in shown
    assert ("? undecided b" in shown) == any(one.undecided and not one.right for one in rows)


@pytest.mark.parametrize("ended", [KeyboardInterrupt, SystemExit])
def test_a_run_that_is_ended_leaves_the_rows_that_it_has(
    ended: type[BaseException], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "rows.json"
    seen: list[list[str]] = []

    def one(name: str, *_: object) -> Row:
        if kept.exists():
            seen.append([found["lie"] for found in json.loads(kept.read_text())])
        if name == "late_get":
            raise ended
        return row(name, "phantom")

    monkeypatch.setattr(selftest, "_one", one)
    words = ["selftest", "stale_read", "slow_exit", "late_get", "--json", str(kept)]
    with contextlib.suppress(SystemExit):
        main([*words, "--results", str(tmp_path)])
    assert seen == [["stale_read"], ["stale_read", "slow_exit"]]
    assert [found["lie"] for found in json.loads(kept.read_text())] == ["stale_read", "slow_exit"]
