"""--runs N: one run for each seed, until one fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iceworthy import cli
from iceworthy.orchestrator import review
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.walking import SeedRun, summary
from iceworthy.words.verdict import Judgement


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs that end as the given words say; the seeds and commands that were run."""

    def prepare(*endings: str, broken: bool = False) -> list[tuple[int, str]]:
        seen: list[tuple[int, str]] = []

        def run(settings: Any, _: Any) -> Reviewed:
            seen.append((settings.seed, settings.command))
            verdicts = ReviewVerdicts(verdict=Judgement(endings[len(seen) - 1]))
            root = tmp_path / str(len(seen))
            root.mkdir()
            return Reviewed(root=root, verdicts=verdicts, is_broken=broken)

        monkeypatch.setattr(review, "run_review", run)
        monkeypatch.chdir(tmp_path)
        return seen

    return prepare


@pytest.mark.parametrize(
    ("endings", "code", "says"),
    [
        (("pass", "pass", "pass"), 0, "3 of 3 runs: 3 pass"),
        (("pass", "unknown", "pass"), 2, "3 of 3 runs: 2 pass, 1 unknown (seed 8)"),
        (("unknown", "fail"), 1, "2 of 3 runs: 1 unknown (seed 7), 1 fail (seed 8)"),
        (("pass", "pass", "fail"), 1, "3 of 3 runs: 2 pass, 1 fail (seed 9)"),
    ],
)
def test_it_ends_at_the_first_fail(
    walk: Any, capsys: pytest.CaptureFixture[str], endings: tuple[str, ...], code: int, says: str
) -> None:
    seen = walk(*endings)
    assert cli.main(["run", "contention", "--runs", "3", "--seed", "7"]) == code
    assert [seed for seed, _ in seen] == [7, 8, 9][: len(endings)]
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == says
    assert f"run 1 of 3, seed 7: {endings[0]}" in err


@pytest.mark.parametrize("words", [["--runs", "2", "--seed", "7"], ["--seed=7", "--runs=2"]])
def test_each_run_is_repeated_by_its_seed_alone(walk: Any, words: list[str]) -> None:
    seen = walk("pass", "pass")
    assert cli.main(["review", "--quick", *words]) == 0
    assert [command for _, command in seen] == [
        "iceworthy review --quick --seed 7",
        "iceworthy review --quick --seed 8",
    ]


def test_a_broken_suite_is_70_unless_a_run_failed(walk: Any) -> None:
    walk("pass", "pass", broken=True)
    assert cli.main(["run", "contention", "--runs", "2", "--seed", "1"]) == 70


@pytest.mark.parametrize("words", [["--last-failed"], ["--keep"], ["--keep-for", "3"]])
def test_an_option_about_one_run_is_64(
    walk: Any, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    seen = walk()
    assert cli.main(["review", "--runs", "2", *words]) == 64
    assert "--runs 2 makes several runs" in capsys.readouterr().err
    assert seen == []


def test_the_summary_names_the_seeds_that_did_not_pass() -> None:
    done = [
        SeedRun(seed=seed, verdict=verdict, root=Path("x"))
        for seed, verdict in ((1, "pass"), (2, "unknown"), (3, "unknown"))
    ]
    assert summary(done, 9) == "3 of 9 runs: 2 unknown (seed 2, 3), 1 pass"
