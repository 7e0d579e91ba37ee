"""A lie: a deliberate defect of the reference catalog, and the check that must turn red for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BRIEF", "Lie", "lie_of_cases"]

BRIEF: Mapping[str, Any] = {"warmup_s": 1.0, "duration_s": 7.0}
"""overrides for a lie that a few seconds of load show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """own_check: name of the checker or criterion that must fail. experiment: the shortest
    experiment that should show it. overrides: fields of that Experiment that the selftest replaces
    (sessions, duration_s, warmup_s, faults, ...). install: called once in each node's process,
    before it serves, with the reference catalog's seams; it replaces one of them. target: the
    shipped target on which the lie can be seen.
    """

    own_check: str
    experiment: str
    install: Callable[[Any], None]
    overrides: Mapping[str, Any] = field(default_factory=dict)
    target: str = "reference"


def lie_of_cases(
    requirement: str, cases: str, install: Callable[[Any], None], *, target: str = "reference"
) -> Lie:
    """A lie that breaks cases of the contract. requirement: of the verdict over them that must
    fail. cases: the pattern of those that are asked (example: "events.*")."""
    return Lie(
        own_check=f"contract_cases[{requirement}]",
        experiment="contract",
        install=install,
        overrides={"params": {"cases": [cases]}},
        target=target,
    )
