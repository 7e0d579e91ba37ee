"""Lines of the commit stepper: one about the undisturbed walks, then one a point.

A point is one COMMIT of a table commit, broken before or after it is durable: see
analysis/checkers/commit_steps.py, which judges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from iceworthy.record.line import Line
from iceworthy.record.units import Ns, Seconds

__all__ = ["Step"]

WALK = "walk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Line):
    """The undisturbed walks (point "walk"), or one point; null where a point did not get so far."""

    STREAM: ClassVar[str] = "steps"

    point: str
    """walk, or <fault>/<before or after>/<number of the COMMIT>."""
    node: int = 0
    """The node under test."""
    of: int = 0
    """COMMITs of one operation."""
    walks: tuple[int, ...] = ()
    """Of the walks: COMMITs of each undisturbed operation."""
    commits: tuple[Mapping[str, Any], ...] = ()
    """Of the walks: each COMMIT's session, as `held`."""
    planned: tuple[str, ...] = ()
    """Of the walks: the points to come."""
    idle: tuple[tuple[str, ...], ...] = ()
    """Of the walks: relations of each COMMIT that the catalog makes without an operation."""
    commit: int = 0
    """Number of the COMMIT, from 1."""
    moment: str = ""
    """before or after the COMMIT is durable."""
    fault: str = ""
    """Name of the fault; none: the control."""
    late: bool = False
    """Whether this COMMIT came after the answer in the undisturbed walks."""
    problem: str = ""
    """What kept the point from being held or fired; empty: nothing."""
    held: Mapping[str, Any] | None = None
    """The session that was held, as pg_stat_activity showed it, with the relations that it wrote,
    its xid (after) or the sessions that locked it out (before)."""
    evidence: Mapping[str, Any] | None = None
    """What proves that the fault bit; null for the control."""
    background: int | None = None
    """COMMITs of the catalog's own work that were let through meanwhile."""
    table: str = ""
    """Key of the table in the history."""
    op: str = ""
    """Identifier of the operation in the history."""
    snapshot: int | None = None
    """Snapshot id that the operation adds."""
    parent: int | None = None
    """Snapshot id of main before it."""
    status: int | None = None
    """Status of its answer; 0: none came."""
    complete: bool | None = None
    """Whether the answer came whole."""
    outcome: str = ""
    """ok, fail, info or dropped."""
    error: str = ""
    """Why no answer came."""
    sent_ns: Ns | None = None
    """When its request was sent."""
    completed_ns: Ns | None = None
    """When its answer was there."""
    fired_ns: Ns | None = None
    """When the fault was injected."""
    released_ns: Ns | None = None
    """When the held session was let go."""
    restored_s: Seconds | None = None
    """From then until the fault was healed."""
    answered_while_held: bool | None = None
    """Whether the answer came before the session was let go."""
    held_at_release: bool | None = None
    """Whether that session still waited then."""
    orphan_ended: bool | None = None
    """Whether the held session was ended, so that its transaction can never happen."""
    unrecovered: str = ""
    """Why the node did not come back; empty: it did."""
    readable: Mapping[str, int] | None = None
    """Node -> status of a read of the table afterwards; null: nobody looked."""
    visible: Mapping[str, bool | None] = field(default_factory=dict)
    """Node -> whether main holds the snapshot; null: not read."""
    parts: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    """Node -> whether a read shows snapshot, ref and property."""
    agree: bool | None = None
    """Whether all nodes show the same table."""
    calm_after_s: Seconds | None = None
    """How long until they did; null: not within the bound."""
    next_commit: Mapping[str, int] = field(default_factory=dict)
    """Node -> status of an honest commit afterwards."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """asked: how many other acknowledged tables were read; lost: those that could not be."""
