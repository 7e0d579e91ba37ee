"""Cuts a node's link to the database: every connection is closed, new ones are refused.

Evidence: pg_stat_activity. Every session of the node that was listening to its client is gone, and
no new session appears. A session that waits for a lock or an acknowledgement cannot notice that its
client is gone until the wait is over; it is counted as held, not as connected. Does NOT show that
the node noticed: an idle node may notice only at its next query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaos.bounded_wait import wait_until
from chaos.faults._link import LinkFault
from iceworthy.words.errors import FaultError
from iceworthy.words.live import Backend, Link, LiveTarget

GONE_S = 3.0


class CutLink(LinkFault):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "cut_link"

    def bite(self, link: Link) -> Mapping[str, Any]:
        """Cut the link."""
        return link.cut()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """No session listens any more; FaultError if sessions of the node survive."""
        known = self.known
        if not wait_until(
            lambda: not any(_listens(b, known) for b in _left(target, node, known)),
            deadline_s=GONE_S,
        ):
            left = len(_left(target, node, known))
            raise FaultError(
                f"cut_link: node {node} still has {left} sessions on the database (before: "
                f"{len(known)}) {GONE_S:.0f} s after its link was cut; it may have another way"
            )
        if not known and not self.proof:
            raise FaultError(
                f"cut_link: node {node} had no session on the database and its proxy gave no "
                "proof, so nothing shows that the cut bit"
            )
        return {"held_after": len(_left(target, node, known)), **self.proof}


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
