"""What one review or run was asked to do, resolved once from the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iceworthy.words.target import TargetSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """seed: every random choice follows from it. sessions: None leaves each experiment's own.

    target_name: as the user gave it. only: requirements and experiments asked for, () for all;
    experiments: exactly these, () for those of the profile. overrides: fields of the Experiment
    replaced in this run. load_processes: of Locust.
    """

    target: TargetSpec
    target_name: str
    seed: int
    results: Path
    sessions: int | None = None
    quick: bool = False
    only: tuple[str, ...] = ()
    lie: str | None = None
    allow_hosts: frozenset[str] = frozenset()
    load_processes: int = 1
    experiments: tuple[str, ...] = ()
    overrides: dict[str, Any] = field(default_factory=dict)
