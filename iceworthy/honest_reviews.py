"""python -m iceworthy.honest_reviews: reviews of the honest reference, all night.

Claim: none of them fails, whatever else the machine does; pass or unknown is right. Method: one
review a seed, one after the other: of three seeds the first runs alone, the second beside BURNERS
processes that burn CPU, the third at nice 19. Each is a process of its own, ended after LIMIT_S.
Exit code 0: no review failed; 1: some did, or did not end; 64: wrong arguments.
What it does NOT show: that a defect would be found; `iceworthy selftest` shows that.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from iceworthy.terminal import tell
from iceworthy.words.errors import EXIT_FAIL, EXIT_PASS, EXIT_UNKNOWN, EXIT_USAGE

Beside = Literal["alone", "busy", "nice 19"]
BESIDE: tuple[Beside, ...] = ("alone", "busy", "nice 19")
BURNERS = 2
LIMIT_S = 1800.0
END_S = 60.0
"""How long a review that was interrupted may take to remove everything before it is killed."""
NICENESS = 19
RIGHT = {EXIT_PASS: "pass", EXIT_UNKNOWN: "unknown"}
BURN = """
import os, sys, time
parent, ends = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
while os.getppid() == parent and time.monotonic() < ends:
    sum(range(100_000))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestReview:
    """How the review of one seed ended. code: its exit code; None if it was ended at LIMIT_S."""

    seed: int
    beside: Beside
    code: int | None
    seconds: float

    @property
    def right(self) -> bool:
        return self.code in RIGHT

    @property
    def line(self) -> str:
        """One line for the terminal."""
        if self.code is None:
            ended = f"no end within {LIMIT_S:.0f} s"
        else:
            ended = RIGHT.get(self.code, f"exit code {self.code}")
        mark = "✓" if self.right else "✕"
        return f"{mark} seed {self.seed:>3}  {self.beside:<8} {ended:<12} {self.seconds:>6.0f} s"


def beside_of(seed: int) -> Beside:
    """What runs beside the review of this seed: a third each."""
    return BESIDE[seed % len(BESIDE)]


@contextlib.contextmanager
def burning(processes: int, limit_s: float = LIMIT_S) -> Iterator[None]:
    """Processes that burn CPU; they end with this one, and after limit_s."""
    argv = [sys.executable, "-c", BURN, str(os.getpid()), str(limit_s)]
    burners = [subprocess.Popen(argv) for _ in range(processes)]
    try:
        yield
    finally:
        for one in burners:
            one.kill()
            one.wait()


def one_review(
    command: Sequence[str], seed: int, log: Path, *, limit_s: float = LIMIT_S
) -> HonestReview:
    """Run the command with this seed; its output goes to `log`."""
    beside = beside_of(seed)
    prefix = ["nice", "-n", str(NICENESS)] if beside == "nice 19" else []
    started = time.monotonic()
    with burning(BURNERS if beside == "busy" else 0, limit_s), open(log, "wb") as output:
        child = subprocess.Popen(
            [*prefix, *command, "--seed", str(seed)], stdout=output, stderr=subprocess.STDOUT
        )
        code: int | None = None
        try:
            code = child.wait(limit_s)
        except subprocess.TimeoutExpired:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(END_S)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    return HonestReview(
        seed=seed, beside=beside, code=code, seconds=round(time.monotonic() - started, 1)
    )


def run_reviews(
    command: Sequence[str], seeds: Sequence[int], results: Path, *, limit_s: float = LIMIT_S
) -> list[HonestReview]:
    """One review for each seed; a line on stdout when one ends."""
    results.mkdir(parents=True, exist_ok=True)
    done = []
    for seed in seeds:
        one = one_review(command, seed, results / f"seed-{seed}.log", limit_s=limit_s)
        tell(one.line)
        done.append(one)
    return done


def seeds_of(text: str) -> tuple[int, ...]:
    """The seeds in "1-30" or "4"; ArgumentTypeError for anything else."""
    first, dash, last = text.partition("-")
    digits = [part for part in (first, last if dash else first) if part.isascii()]
    if len(digits) != 2 or not all(part.isdigit() and len(part) < 7 for part in digits):
        raise argparse.ArgumentTypeError(f"expected seeds as 1-30 or 4, got {text!r}")
    low, high = int(digits[0]), int(digits[1])
    if low > high:
        raise argparse.ArgumentTypeError(f"expected seeds as 1-30, the lower first, got {text!r}")
    return tuple(range(low, high + 1))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m iceworthy.honest_reviews",
        description="Reviews of the honest reference: a third alone, a third beside processes that "
        "burn CPU, a third at nice 19. None may fail.",
    )
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("1-30"), help="default 1-30")
    parser.add_argument("--quick", action="store_true", help="the quick review")
    parser.add_argument("--results", type=Path, default=Path("results/honest"))
    try:
        options = parser.parse_args(arguments)
    except SystemExit as error:
        return EXIT_USAGE if error.code else EXIT_PASS
    review = [sys.executable, "-m", "iceworthy", "review", "--results", str(options.results)]
    command = [*review, "--quick"] if options.quick else review
    done = run_reviews(command, options.seeds, options.results)
    wrong = [one for one in done if not one.right]
    tell(f"{len(done) - len(wrong)} of {len(done)} did not fail")
    return EXIT_FAIL if wrong else EXIT_PASS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
