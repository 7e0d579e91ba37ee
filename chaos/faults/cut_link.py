"""Cuts a node's link to the database: every connection is closed, new ones are refused.

Evidence: pg_stat_activity. Every session of the node that was listening to its client is gone, and
no new session appears. A session that waits for a lock or an acknowledgement cannot notice that its
client is gone until the wait is over; it is counted as held, not as connected. Does NOT show that
the node noticed: an idle node may notice only at its next query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._strike import AIM, Aim, params_of
from chaos.faults._target_parts import backends_of, bit_ns, link_of, restore_link
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import Backend, Evidence, LiveTarget

GONE_S = 3.0


class CutLink:
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link",)
    takes_away: ClassVar[frozenset[Part]] = frozenset({"database"})
    interrupts: ClassVar[bool] = True

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._aim = Aim(params_of(params, AIM, "cut_link"), "cut_link")

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Cut the link; FaultError if sessions of the node survive."""
        link = link_of(target, node, "cut_link")
        before = backends_of(target, node)
        try:
            self._aim.wait(target, node)
            proof = dict(link.cut())
            t_ns = bit_ns(proof)
        finally:
            self._aim.release()
        known = {backend.pid for backend in before}
        if not wait_until(
            lambda: not any(_listens(b, known) for b in _left(target, node, known)),
            deadline_s=GONE_S,
        ):
            left = len(_left(target, node, known))
            raise FaultError(
                f"cut_link: node {node} still has {left} sessions on the database (before: "
                f"{len(before)}) {GONE_S:.0f} s after its link was cut; it may have another way"
            )
        if not before and not proof:
            raise FaultError(
                f"cut_link: node {node} had no session on the database and its proxy gave no "
                "proof, so nothing shows that the cut bit"
            )
        return Evidence(
            fault="cut_link",
            node=node,
            t_ns=t_ns,
            facts={
                "sessions_before": len(before),
                "sessions_at_work": self._aim.busy,
                "held_after": len(_left(target, node, known)),
                **proof,
                **self._aim.facts(target, t_ns),
            },
        )

    def heal(self, target: LiveTarget, node: int) -> None:
        """Restore a clean link."""
        restore_link(target, node)


def _left(target: LiveTarget, node: int, known: set[int]) -> list[Backend]:
    """The node's sessions that are left, and its new ones; a cut session may show no node
    any more.
    """
    activity = target.database.activity() if target.database is not None else ()
    return [b for b in activity if b.pid in known or b.node == node]


def _listens(backend: Backend, known: set[int]) -> bool:
    """Whether a session is still connected: it waits for its client, or is new."""
    return backend.wait_event_type == "Client" or backend.pid not in known


FAULT = CutLink
