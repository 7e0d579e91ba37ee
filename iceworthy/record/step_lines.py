"""Lines of the commit stepper: one about the walks without a fault, then one for each point.

A point is one COMMIT of a table commit and a fault before or after it is durable.
analysis/checkers/commit_steps.py explains the fields and judges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from iceworthy.record.line import Line, renamed
from iceworthy.record.units import Ns, Seconds

__all__ = ["Step"]

WALK = "walk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Line):
    """The walks without a fault (point "walk"), or one point; null: the point ended before it."""

    STREAM: ClassVar[str] = "steps"
    FORMAT: ClassVar[int] = 2

    point: str
    """walk, or <fault>/<before or after>/<number of the COMMIT>."""
    node: int = 0
    """The node under test."""
    of: int = 0
    """Number of COMMITs of one operation."""
    walks: tuple[int, ...] = ()
    """Of the walks: number of COMMITs of each operation without a fault."""
    commits: tuple[Mapping[str, Any], ...] = ()
    """Of the walks: each COMMIT's session, as `held`."""
    planned: tuple[str, ...] = ()
    """Of the walks: names of the points that are planned."""
    idle: tuple[tuple[str, ...], ...] = ()
    """Of the walks: relations that each COMMIT of the catalog's background work writes."""
    commit: int = 0
    """Number of the COMMIT, from 1."""
    moment: str = ""
    """before or after the COMMIT is durable."""
    fault: str = ""
    """Name of the fault; none: the control."""
    late: bool = False
    """Whether the catalog answered before this COMMIT in the walks without a fault."""
    problem: str = ""
    """Why the COMMIT was not held or the fault not injected; empty: neither failed."""
    held: Mapping[str, Any] | None = None
    """The session that was held, as pg_stat_activity showed it, with the relations that it wrote,
    its xid (after) or the suite's sessions whose lock it waits for (before)."""
    evidence: Mapping[str, Any] | None = None
    """Facts that prove that the fault took effect; null for the control."""
    background: int | None = None
    """Number of COMMITs of the catalog's background work that were let through meanwhile."""
    table: str = ""
    """Key of the table in the history."""
    op: str = ""
    """Identifier of the operation in the history."""
    snapshot: int | None = None
    """Snapshot id that the operation adds."""
    parent: int | None = None
    """Snapshot id of main before the operation."""
    status: int | None = None
    """Status of the answer to the operation; 0: no answer."""
    complete: bool | None = None
    """Whether the answer is whole."""
    outcome: str = ""
    """ok, fail, info or dropped."""
    error: str = ""
    """Why there is no answer."""
    sent_ns: Ns | None = None
    """When the request was sent."""
    completed_ns: Ns | None = None
    """When the answer was whole."""
    fired_ns: Ns | None = None
    """When the fault was injected."""
    released_ns: Ns | None = None
    """When the hold of the session ended."""
    restored_s: Seconds | None = None
    """From released_ns until the fault was healed."""
    answered_while_held: bool | None = None
    """Whether the answer arrived before released_ns."""
    held_at_release: bool | None = None
    """Whether the held session still waited at released_ns."""
    orphan_ended: bool | None = None
    """Whether the suite ended the held session, so that its transaction can never commit."""
    unrecovered: str = ""
    """Why the node did not become ready again; empty: it did."""
    readable: Mapping[str, int] | None = None
    """Node -> status of a read of the table afterwards; null: no read was sent."""
    visible: Mapping[str, bool | None] = field(default_factory=dict)
    """Node -> whether main holds the snapshot; null: not read."""
    parts: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    """Node -> whether a read shows snapshot, ref and property."""
    agree: bool | None = None
    """Whether all nodes show the same table."""
    calm_after_s: Seconds | None = None
    """Seconds until all nodes showed the same table; null: not within the bound."""
    next_commit: Mapping[str, int] = field(default_factory=dict)
    """Node -> status of a new commit through this node afterwards."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """asked: how many other acknowledged tables were read; lost: those that could not be (table,
    node, got)."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        others = facts.get("others")
        if not isinstance(others, dict) or not isinstance(others.get("lost"), list):
            return facts
        lost = [
            renamed(table, {"came": "got"}) if isinstance(table, dict) else table
            for table in others["lost"]
        ]
        return {**facts, "others": {**others, "lost": lost}}
