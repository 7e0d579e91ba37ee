"""Which experiments the default and the quick review run, and in which order: as each file says.

An experiment whose file cannot be loaded has no place; whoever asks for it by name gets its error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from iceworthy import discovery
from iceworthy.words.asked import AskedFor
from iceworthy.words.errors import PlanError
from iceworthy.words.experiment import Experiment


def default_order() -> tuple[str, ...]:
    """The experiments of the default review, in the order in which they run."""
    placed = [(one.order, name) for name, one in _loaded().items() if one.order is not None]
    return tuple(name for _, name in sorted(placed))


def quick_order() -> tuple[str, ...]:
    """The experiments of the quick review, in the order in which they run."""
    return tuple(name for name in default_order() if _loaded()[name].quick is not None)


def quick_changes(name: str) -> Mapping[str, Any]:
    """The fields of an experiment's method that the quick review replaces; {} for none."""
    one = _loaded().get(name)
    return (one.quick or {}) if one is not None else {}


def known_experiments() -> tuple[str, ...]:
    """All experiments: those of the default review first, then the others by name."""
    return tuple(dict.fromkeys((*default_order(), *discovery.names("experiment"))))


def asked_by(only: Iterable[str]) -> tuple[AskedFor, ...]:
    """What --only asks for: each experiment, and each requirement by its id."""
    known = known_experiments()
    return tuple(
        AskedFor(kind="experiment", name=item, experiment=item)
        if item in known
        else AskedFor(kind="requirement", name=item.upper())
        for item in only
    )


@cache
def _loaded() -> dict[str, Experiment]:
    found: dict[str, Experiment] = {}
    for name in discovery.names("experiment"):
        with suppress(PlanError):
            found[name] = discovery.load("experiment", name)
    return found
