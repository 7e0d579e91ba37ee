"""Black-holes a node's link to the database: connections are accepted and kept, nothing answers.

Params: direction ("both"): "answers" lets the node's statements reach the database and swallows its
answers, so a COMMIT is durable and the node never learns it; "statements" swallows those alone.

Evidence: pg_stat_activity. The node's sessions are still there, and none of them got work for
WATCH_S, although at least one worked just before. For a quiet node this proves nothing; then the
proxy must give the proof: a connection through it is accepted and gets no answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar, get_args

from chaos.bounded_wait import wait_until
from chaos.faults._strike import AIM, Aim, params_of
from chaos.faults._target_parts import (
    backends_of,
    bit_ns,
    database_of,
    link_of,
    restore_link,
)
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import Direction, Evidence, LiveTarget

BEFORE_S = 0.3
WATCH_S = 0.5
FROZEN_S = 3.0


class BlackHole:
    """direction: see the head of this file. slow_ms, when, nth, within_s: of _strike.py."""

    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link", "database")
    takes_away: ClassVar[frozenset[Part]] = frozenset({"database"})
    interrupts: ClassVar[bool] = True

    def __init__(self, params: Mapping[str, Any]) -> None:
        known = params_of(params, {"direction": "both", **AIM}, "black_hole")
        self._aim = Aim(known, "black_hole")
        if known["direction"] not in get_args(Direction):
            raise FaultError(
                f"black_hole: direction is one of {', '.join(get_args(Direction))}, got "
                f"{known['direction']!r}"
            )
        self.direction: Direction = known["direction"]

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Open the black hole; FaultError if the node's sessions go on working."""
        link = link_of(target, node, "black_hole")
        database_of(target, "black_hole")
        worked = _worked_within(target, node, BEFORE_S)
        before = len(backends_of(target, node))
        try:
            self._aim.wait(target, node)
            proof = dict(link.black_hole(self.direction))
            t_ns = bit_ns(proof)
        finally:
            self._aim.release()

        # The database finishes the work that it had received, so the first looks may see work.
        if not wait_until(lambda: _worked_within(target, node, WATCH_S) == 0, deadline_s=FROZEN_S):
            raise FaultError(
                f"black_hole: node {node}'s sessions on the database still worked {FROZEN_S:.0f} s "
                "after its link was black-holed; the node may reach it by another way"
            )
        if not worked and not proof:
            raise FaultError(
                f"black_hole: node {node}'s sessions were idle before too and its proxy gave no "
                "proof, so nothing shows that the hole bit"
            )
        return Evidence(
            fault="black_hole",
            node=node,
            t_ns=t_ns,
            facts={
                "sessions_before": before,
                "sessions_that_worked_before": worked,
                "sessions_that_work": 0,
                "sessions_after": len(backends_of(target, node)),
                "watched_s": WATCH_S,
                "sessions_at_work": self._aim.busy,
                **proof,
                **self._aim.facts(target, t_ns),
            },
        )

    def heal(self, target: LiveTarget, node: int) -> None:
        """Restore a clean link."""
        restore_link(target, node)


def _worked_within(target: LiveTarget, node: int, seconds: float) -> int:
    """How many of the node's sessions began or ended a statement during the next `seconds`."""
    first = _last_changes(target, node)
    time.sleep(seconds)
    second = _last_changes(target, node)
    return sum(pid in second and second[pid] != changed for pid, changed in first.items())


def _last_changes(target: LiveTarget, node: int) -> dict[int, float]:
    pids = ",".join(str(backend.pid) for backend in backends_of(target, node))
    if not pids:
        return {}
    rows = database_of(target, "black_hole").query(
        "select pid, extract(epoch from state_change)::float8 from pg_stat_activity "
        f"where pid in ({pids})"
    )
    return {int(pid): float(changed) for pid, changed in rows if changed is not None}


FAULT = BlackHole
