"""`--runs N`: the same review or run with one seed after the other, until one of them fails.

Claim: each run is a results folder with a seed of its own, `--seed S`, S + 1, …; the walk ends at
the first fail, whose verdict and `again` line are printed. Exit code: 1 for a fail, 2 if no run
failed and one is unknown, else 0. Example: `iceworthy run contention --runs 20 --seed 1`.
What this does NOT show: how often a failure is seen; `iceworthy reproduce RUN ID` gives its rate.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from iceworthy.conclude import command_of, conclude
from iceworthy.orchestrator import review
from iceworthy.orchestrator.interrupt import was_asked
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.terminal import tell
from iceworthy.words.errors import EXIT_FAIL, EXIT_PASS, EXIT_SUITE_BUG, EXIT_UNKNOWN

VALUED = frozenset({"--runs", "--seed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRun:
    """How the run of one seed ended."""

    seed: int
    verdict: str
    root: Path


def run_seeds(settings: Settings, progress: Progress, options: argparse.Namespace) -> int:
    """Run once, or once for each seed as long as none fails; returns the exit code."""
    if options.runs == 1:
        return conclude(review.run_review(settings, progress), progress, options)
    done: list[SeedRun] = []
    broken = False
    for seed in range(settings.seed, settings.seed + options.runs):
        words = [*_without_values(options.words), "--seed", str(seed)]
        own = replace(settings, seed=seed, command=command_of(words, seed, seed))
        reviewed = review.run_review(own, progress)
        broken = broken or reviewed.is_broken
        done.append(SeedRun(seed=seed, verdict=str(reviewed.verdicts.verdict), root=reviewed.root))
        progress.say(f"run {len(done)} of {options.runs}, seed {seed}: {done[-1].verdict}")
        is_last = done[-1].verdict == "fail" or len(done) == options.runs or was_asked()
        if is_last:
            code = conclude(reviewed, progress, options)
            break
    if not options.json:
        tell(summary(done, options.runs))
    if code == EXIT_FAIL:
        return code
    if broken:
        return EXIT_SUITE_BUG
    return EXIT_PASS if {one.verdict for one in done} == {"pass"} else EXIT_UNKNOWN


def summary(done: Sequence[SeedRun], planned: int) -> str:
    """One line. Example: `4 of 20 runs: 3 pass, 1 fail (seed 4)`."""
    counts = Counter(one.verdict for one in done)
    parts = []
    for verdict, count in counts.most_common():
        seeds = ", ".join(str(one.seed) for one in done if one.verdict == verdict)
        parts.append(f"{count} {verdict}" + ("" if verdict == "pass" else f" (seed {seeds})"))
    return f"{len(done)} of {planned} runs: {', '.join(parts)}"


def _without_values(words: Sequence[str]) -> list[str]:
    """The words of a command without --runs and --seed, in both spellings of a value."""
    kept, skips = [], False
    for word in words:
        if skips:
            skips = False
        elif word in VALUED:
            skips = True
        elif word.partition("=")[0] not in VALUED:
            kept.append(word)
    return kept
