"""Cuts each connection of a node to the database after so many more bytes, in mid-answer.

Params: answers_bytes (4000) and statements_bytes (0): how many bytes a connection may still carry
to the node and to the database; 0 is no limit. A connection that is opened later has the same
limit, so a node that reconnects works for a while and is cut again. Evidence: toxiproxy lists the
limits, and at least one session of the node from before ended within GONE_S seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.bounded_wait import wait_until
from chaos.faults._link import LinkFault
from chaos.faults._target_parts import database_of
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import Need, Part
from iceworthy.words.live import Link, LiveTarget

GONE_S = 5.0


class CutAfterBytes(LinkFault):
    """answers_bytes, statements_bytes; the others are of chaos/faults/_strike.py."""

    name = "cut_after_bytes"
    needs: ClassVar[tuple[Need, ...]] = ("database_link", "database")
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    defaults: ClassVar[Mapping[str, Any]] = {"answers_bytes": 4000, "statements_bytes": 0}

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The node's sessions, of which the limit must end one."""
        before = super().look(target, node)
        database_of(target, self.name)
        if not self.params["answers_bytes"] and not self.params["statements_bytes"]:
            raise FaultError(
                "cut_after_bytes: answers_bytes and statements_bytes are both 0, which is no limit"
            )
        return before

    def bite(self, link: Link) -> Mapping[str, Any]:
        """Set the limits."""
        return link.limit(
            upstream_bytes=self.params["statements_bytes"] or None,
            downstream_bytes=self.params["answers_bytes"] or None,
        )

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """A session of the node from before has ended."""

        def left() -> set[int]:
            return self.known & {
                backend.pid for backend in database_of(target, self.name).activity()
            }

        if not wait_until(lambda: left() != self.known, deadline_s=GONE_S):
            raise FaultError(
                f"cut_after_bytes: expected at least one of node {node}'s {len(self.known)} "
                f"sessions to end within {GONE_S:.0f} s, and all are there; the node asks too "
                "little: use fewer bytes or more load"
            )
        return {"sessions_ended": len(self.known - left()), **self.proof}


FAULT = CutAfterBytes
