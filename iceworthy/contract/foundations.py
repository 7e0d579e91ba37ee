"""The scenes that most cases begin with, each made by one plain request.

Claim: `scene_stands` is False only where the scene, made as the cases make it, is refused now.
Example: a catalog wants `properties` in createNamespace. The smallest request breaks its case, but
the cases' own scene has properties, so the cases that need a namespace are tried all the same.
What this does NOT show: scenes of more than one plain request (a table with a snapshot).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Unanswered
from iceworthy.contract.view_scenes import make_view


def _a_commit(desk: Desk) -> object:
    space = desk.fresh()
    desk.table(space)
    update = {"action": "set-properties", "updates": {"k": "1"}}
    return desk.need(desk.commit(space, "t", [update]))


SCENES: Mapping[str, Callable[[Desk], object]] = {
    "createNamespace": lambda desk: desk.fresh(),
    "createTable": lambda desk: desk.table(desk.fresh()),
    "updateTable": _a_commit,
    "createView": lambda desk: make_view(desk, desk.fresh()),
}


def scene_stands(desk: Desk, operation_id: str) -> bool:
    """Whether the scene of this operation can be made."""
    with suppress(Needs, Unanswered):
        SCENES[operation_id](desk)
        return True
    return False
