"""Each seed is one review, under one of three conditions; only pass and unknown are right."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import psutil
import pytest

from iceworthy.honest_reviews import (
    BESIDE,
    beside_of,
    burning,
    main,
    one_review,
    run_reviews,
    seeds_of,
)

SAYS = "import sys, os; print(os.nice(0), *sys.argv[1:]); sys.exit({code})"


def command(code: int) -> list[str]:
    return [sys.executable, "-c", SAYS.format(code=code)]


def test_a_third_of_the_seeds_runs_under_each_condition() -> None:
    counts = [sum(beside_of(seed) == one for seed in range(1, 31)) for one in BESIDE]
    assert counts == [10, 10, 10]


@pytest.mark.parametrize(("code", "right"), [(0, True), (2, True), (1, False), (70, False)])
def test_pass_and_unknown_are_right(tmp_path: Path, code: int, right: bool) -> None:
    (one,) = run_reviews(command(code), [3], tmp_path / "r")
    assert (one.code, one.right, one.beside) == (code, right, "alone")
    assert "--seed 3" in (tmp_path / "r" / "seed-3.log").read_text()


def test_a_third_is_nice(tmp_path: Path) -> None:
    one = one_review(command(0), 5, tmp_path / "log")
    assert one.beside == "nice 19"
    assert (tmp_path / "log").read_text().split()[0] == "19"


def test_burners_burn_and_end() -> None:
    before = {one.pid for one in psutil.Process().children()}
    with burning(2):
        burners = [one for one in psutil.Process().children() if one.pid not in before]
        assert len(burners) == 2
    assert not any(one.is_running() for one in burners)


def test_a_review_without_end_is_ended(tmp_path: Path) -> None:
    endless = [sys.executable, "-c", "import time\nwhile True: time.sleep(1)"]
    one = one_review(endless, 3, tmp_path / "log", limit_s=0.5)
    assert (one.code, one.right) == (None, False)
    assert "no end" in one.line


def test_seeds_are_a_number_or_a_range() -> None:
    assert seeds_of("4") == (4,)
    assert seeds_of("2-4") == (2, 3, 4)
    for wrong in ("", "a", "4-2", "1-", "-3", "1-2-3", "²"):
        with pytest.raises(argparse.ArgumentTypeError):
            seeds_of(wrong)
    assert main(["--seeds", "x"]) == 64
