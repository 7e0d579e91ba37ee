"""The limits that a user can set in place of those of the requirements, as data.

Claim: each has the requirement's value as its default, so that a target without [limits] is judged
by the requirements. Example: LimitsSpec(read_p95_ms=20.0) makes SC-003 fail for a p95 of 21 ms.
What this does NOT show: which values are taken; iceworthy/words/user_limits.py refuses the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

HOUR_S = 3600.0


def _limit(default: float | None, most: float, requirement: str, what: str) -> Any:
    return field(default=default, metadata={"most": most, "requirement": requirement, "what": what})


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSpec:
    """[limits]: each with the requirement's value as its default. recovery_s: None leaves what the
    experiment says."""

    read_p95_ms: float = _limit(
        50.0, HOUR_S * 1000, "SC-003", "p95 of GET namespace and of GET table, each, while calm, ms"
    )
    start_s: float = _limit(10.0, HOUR_S, "SC-004", "from a node's start to its readiness, s")
    shutdown_s: float = _limit(35.0, HOUR_S, "SC-005", "from SIGTERM to the node's end, s")
    metrics_least: int = _limit(10, 10_000, "SC-006", "operational metrics of each node, at least")
    probe_ms: float = _limit(
        100.0,
        HOUR_S * 1000,
        "SC-007",
        "p95 of /health and of /ready while calm, and their median without a database, ms",
    )
    recovery_s: float | None = _limit(
        None, HOUR_S, "EC-1", "from the heal of a database link to the last error, s"
    )


NAMES = tuple(one.name for one in fields(LimitsSpec))
FACTS: Mapping[str, Mapping[str, Any]] = {one.name: one.metadata for one in fields(LimitsSpec)}
"""Name -> most, requirement, what."""
DEFAULTS: Mapping[str, Any] = {one.name: one.default for one in fields(LimitsSpec)}


def default_text(name: str) -> str:
    """The limit of the requirement: "50", or "the experiment's"."""
    value = DEFAULTS[name]
    return "the experiment's" if value is None else f"{value:g}"


def described(name: str, limits: LimitsSpec) -> str:
    """A limit in one line: its value, what it bounds, and the requirement's value."""
    value = getattr(limits, name)
    now = default_text(name) if value is None else f"{value:g}"
    own = f"; your own, {FACTS[name]['requirement']} says {default_text(name)}"
    return f"{name} = {now}: {FACTS[name]['what']}{own if value != DEFAULTS[name] else ''}"


def own_limit_rows(limits: LimitsSpec) -> list[tuple[str, str, str]]:
    """(name, value, the requirement and its value) of each limit that is not the requirement's."""
    return [
        (name, f"{value:g}", f"{FACTS[name]['requirement']}: {default_text(name)}")
        for name in NAMES
        if (value := getattr(limits, name)) != DEFAULTS[name]
    ]
