"""What the faults that break a node's link to the database share: the link, its proof, its healing.

A fault that derives from it says in `bite` how the link breaks, and in `prove` what shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import backends_of, bit_ns, link_of, restore_link
from iceworthy.words.fault import DATABASE_LINK, Need, Part, Place
from iceworthy.words.live import Link, LiveTarget


class LinkFault(Strike):
    """known: the pids of the node's database sessions before; proof: the facts of the link."""

    place: ClassVar[Place] = DATABASE_LINK
    needs: ClassVar[tuple[Need, ...]] = ("database_link",)
    takes_away: ClassVar[frozenset[Part]] = frozenset({"database"})
    interrupts: ClassVar[bool] = True
    breaks_link: ClassVar[bool] = True

    def bite(self, link: Link) -> Mapping[str, Any]:
        """Break the link; facts that prove it."""
        raise NotImplementedError

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The sessions that the node has on the database."""
        self.link = link_of(target, node, self.name)
        self.known = {backend.pid for backend in backends_of(target, node)}
        return {"sessions_before": len(self.known)}

    def strike(self, target: LiveTarget, node: int) -> int:
        """Break it."""
        self.proof = dict(self.bite(self.link))
        return bit_ns(self.proof)

    def heal(self, target: LiveTarget, node: int) -> None:
        """Restore a clean link."""
        restore_link(target, node)
