"""Ends a node's connections to the database at their next byte, and resets each new one (RST).

Toxiproxy ends a connection when its next byte arrives, so a session that is idle breaks at its next
statement, and a new connection is accepted and then reset by its first byte. Evidence: a probe of
the suite from before was ended, and a new one was reset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaos.faults._link import LinkFault
from chaos.faults._target_parts import backends_of
from iceworthy.words.live import Link, LiveTarget


class ResetLink(LinkFault):
    """slow_ms, when, nth, within_s: of chaos/faults/_strike.py."""

    name = "reset_link"

    def bite(self, link: Link) -> Mapping[str, Any]:
        """Reset the link."""
        return link.reset()

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """Probes of the suite were reset: the link says so, or it raises."""
        return {"sessions_after": len(backends_of(target, node)), **self.proof}


FAULT = ResetLink
