"""Ends a node's connections to the database at their next byte, and resets each new one (RST).

Toxiproxy ends a connection when its next byte arrives, so a session that is idle breaks at its next
statement, and a new connection is accepted and then reset by its first byte. Evidence: a probe of
the suite from before was ended, and a new one was reset.
"""

from __future__ import annotations

from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import backends_of, bit_ns, link_of, restore_link
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import LiveTarget


class ResetLink(Strike):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "reset_link"
    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link",)
    takes_away: ClassVar[frozenset[Part]] = frozenset({"database"})
    interrupts: ClassVar[bool] = True
    breaks_link: ClassVar[bool] = True

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The node's sessions."""
        link_of(target, node, self.name)
        self.proof: dict[str, Any] = {}
        return {"sessions_before": len(backends_of(target, node))}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Reset the link."""
        self.proof = dict(link_of(target, node, self.name).reset())
        return bit_ns(self.proof)

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """Probes of the suite were reset: the link says so, or it raises."""
        return {"sessions_after": len(backends_of(target, node)), **self.proof}

    def heal(self, target: LiveTarget, node: int) -> None:
        """Restore a clean link."""
        restore_link(target, node)


FAULT = ResetLink
