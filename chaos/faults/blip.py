"""A blip: ends the database sessions of a node that are at work; new sessions work at once.

A COMMIT that was durable and not yet acknowledged stays durable, and its node sees the connection
end without an answer. Where a cut link meets a second attempt with the same outage, a blip lets it
through. Where no session is at work, all sessions of the node end, as idle ones of a pool.
Evidence: pg_stat_activity. Those sessions were there, with the wait of each, and are gone. Does NOT
show that the node connected anew: its answers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._target_parts import backends_of, bit_ns, database_of, link_of, no_params
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import Backend, Evidence, LiveTarget

GONE_S = 3.0


class Blip:
    """No params."""

    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link", "database")
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    interrupts: ClassVar[bool] = True

    def __init__(self, params: Mapping[str, Any]) -> None:
        no_params(params, "blip")

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """End the sessions; FaultError if there is none, or if one of them stays."""
        link_of(target, node, "blip")
        database = database_of(target, "blip")
        before = backends_of(target, node)
        busy = [session for session in before if is_at_work(session)]
        ended = busy or before
        if not ended:
            raise FaultError(f"blip: node {node} had no session on the database that could end")
        pids = ",".join(str(session.pid) for session in ended)
        database.query(f"select pg_terminate_backend(pid) from unnest(array[{pids}]) pid")
        t_ns = bit_ns({})
        known = {session.pid for session in ended}
        if not wait_until(
            lambda: not any(session.pid in known for session in database.activity()),
            deadline_s=GONE_S,
        ):
            raise FaultError(
                f"blip: of the {len(ended)} sessions of node {node} that were ended, some are "
                f"there {GONE_S:.0f} s later; see postgres.log"
            )
        return Evidence(
            fault="blip",
            node=node,
            t_ns=t_ns,
            facts={
                "sessions_before": len(before),
                "sessions_at_work": len(busy),
                "sessions_ended": len(ended),
                "waits": sorted({session.wait_event for session in ended if session.wait_event}),
            },
        )

    def heal(self, target: LiveTarget, node: int) -> None:
        """Nothing is left broken: a blip is over when it has bitten."""


def is_at_work(backend: Backend) -> bool:
    """Whether a session runs a statement or is within a transaction."""
    return backend.state == "active" or "transaction" in backend.state


FAULT = Blip
