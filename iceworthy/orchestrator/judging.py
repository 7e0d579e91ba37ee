"""Judges a results folder from its files alone and writes its report; all of `iceworthy judge`.

A disk that is full or read-only is reported as a StackError that names the folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.judge import judge_review
from analysis.report import render
from iceworthy.orchestrator.progress import Progress
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.errors import StackError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The result of a review. is_broken: the suite itself failed somewhere in it."""

    root: Path
    verdicts: ReviewVerdicts
    is_broken: bool = False


def judge_and_report(root: Path, progress: Progress) -> ReviewVerdicts:
    """Judge a results folder from its files alone, write verdicts and report into it."""
    try:
        progress.live("judging")
        verdicts = judge_review(root)
        progress.live("drawing the report")
        render(root)
    except OSError as error:
        raise results_error(error, root) from error
    return verdicts


def results_error(error: OSError, root: Path) -> StackError:
    """What to do when the results folder cannot be written."""
    return StackError(
        f"results cannot be written to {root}: {error}; "
        "free space there, or name another folder with --results"
    )
