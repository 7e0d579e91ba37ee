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
from chaos.faults._strike import Strike
from chaos.faults._target_parts import backends_of, bit_ns, database_of, link_of, restore_link
from iceworthy.words.errors import FaultError
from iceworthy.words.fault import DATABASE_LINK, Need, Place
from iceworthy.words.live import LiveTarget

GONE_S = 5.0


class CutAfterBytes(Strike):
    """answers_bytes, statements_bytes; the others are of chaos/faults/_strike.py."""

    name = "cut_after_bytes"
    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link", "database")
    interrupts: ClassVar[bool] = True
    breaks_link: ClassVar[bool] = True
    defaults: ClassVar[Mapping[str, Any]] = {"answers_bytes": 4000, "statements_bytes": 0}

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The node's sessions, of which the limit must end one."""
        link_of(target, node, self.name)
        database_of(target, self.name)
        if not self.params["answers_bytes"] and not self.params["statements_bytes"]:
            raise FaultError(
                "cut_after_bytes: answers_bytes and statements_bytes are both 0, which is no limit"
            )
        self.proof: dict[str, Any] = {}
        self.known = {backend.pid for backend in backends_of(target, node)}
        return {"sessions_before": len(self.known)}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Set the limits."""
        self.proof = dict(
            link_of(target, node, self.name).limit(
                upstream_bytes=self.params["statements_bytes"] or None,
                downstream_bytes=self.params["answers_bytes"] or None,
            )
        )
        return bit_ns(self.proof)

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

    def heal(self, target: LiveTarget, node: int) -> None:
        """Restore a clean link."""
        restore_link(target, node)


FAULT = CutAfterBytes
