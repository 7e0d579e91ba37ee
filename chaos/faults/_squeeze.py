"""A strike that takes a part of the machine from a node, and gives it back at the heal.

Claim: the evidence of the heal has the facts of the proof, and what was counted since. Method: the
proof is kept from inject() to heal(); the node's quota is restored, and a node that has ended is
started again.
What this does NOT show: that the node noticed; each squeeze proves that by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from chaos.faults._strike import Strike
from chaos.faults._target_parts import start_again
from iceworthy.words.fault import MACHINE, Need, Place
from iceworthy.words.live import Evidence, LiveTarget, Quota


class Squeeze(Strike):
    """A subclass says what is counted."""

    place: ClassVar[Place] = MACHINE
    needs: ClassVar[tuple[Need, ...]] = ("process",)

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params)
        self._proven: Evidence | None = None

    def counted(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The facts since the squeeze began; {} where nothing counts any more."""
        raise NotImplementedError

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """As every strike; what it proved is kept for heal()."""
        self._proven = None
        self._proven = super().inject(target, node)
        return self._proven

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Give the node all that was taken, and wait until it is ready; what was counted in all."""
        victim = target.nodes[node] if node < len(target.nodes) else None
        if victim is None or victim.quota is None:
            return None
        proven, self._proven = self._proven, None
        more = None
        if proven is not None:
            more = replace(proven, facts={**proven.facts, **self.counted(target, node)})
        victim.quota.restore()
        start_again(target, node)
        return more


def quota_of(target: LiveTarget, node: int) -> Quota:
    """The node's quota; what has a lifecycle has one."""
    quota = target.nodes[node].quota
    assert quota is not None
    return quota
