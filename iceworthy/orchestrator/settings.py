"""The settings of one review or run, resolved once from the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from iceworthy.discovery import nearest
from iceworthy.words.asked import AskedFor
from iceworthy.words.errors import PlanError
from iceworthy.words.target import TargetSpec

Runtime = Literal["processes", "docker"]
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)
"""How the nodes and what they stand on can be run."""
EXPERIMENTS = "experiments"
PATH_MOST = 4096
LATEST = "latest"
"""The name in the results folder that stands for the newest review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """seed: every random choice follows from it. sessions: None leaves each experiment's own.

    target_name: as the user gave it. only: requirements and experiments asked for, () for all;
    experiments: exactly these, () for those of the profile. overrides: fields of the Experiment
    replaced in this run. load_processes: of Locust. asked: what the verdict answers, () for the
    review as a whole; command: the line that repeats it. stops_at_fail: run nothing after the first
    fail. keep_s: so long the stack stays up at the end or at a fail; None: it does not.
    """

    target: TargetSpec
    target_name: str
    seed: int
    results: Path
    sessions: int | None = None
    quick: bool = False
    only: tuple[str, ...] = ()
    lie: str | None = None
    runtime: Runtime = "processes"
    allow_hosts: frozenset[str] = frozenset()
    load_processes: int = 1
    experiments: tuple[str, ...] = ()
    overrides: dict[str, Any] = field(default_factory=dict)
    asked: tuple[AskedFor, ...] = ()
    command: str = ""
    stops_at_fail: bool = False
    keep_s: float | None = None


def saved_run(given: str, results: Path) -> Path:
    """The results folder that the user means: a path, a name under results/, or "latest"."""
    try:
        known = [path.name for path in results.glob("*") if (path / EXPERIMENTS).exists()]
        for candidate in (Path(given), results / given):
            if candidate.name == LATEST and candidate.is_file():  # where links are not to be had
                candidate = candidate.parent / _first_line(candidate)
            if (candidate / EXPERIMENTS).is_dir():
                return candidate.resolve()
    except (OSError, ValueError) as error:
        raise PlanError(
            f"{given[:200]}: expected a results folder; it cannot be looked at ({error})"[:600]
        ) from error
    raise PlanError(
        f"{given}: no results folder (one that holds experiments/) there or under {results}"
        + (nearest(given, known) if known else "; make one with: iceworthy review")
    )


def _first_line(path: Path) -> str:
    with open(path, encoding="utf-8") as file:
        return file.readline(PATH_MOST).strip()
