"""A fault: one way to break one thing of a running target.

A fault says where it takes effect (`place`), which parts a target must have for it (`needs`), which
part the node cannot use while it lasts (`takes_away`), and whether operations under way may lose
their answer (`interrupts`). Example: cut_link takes effect on the link between a node and its
database, needs that link, takes the database away and interrupts. So the suite knows before it
starts a target whether the target can have the fault: why_not() answers from its file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from iceworthy.words.live import Evidence, LinkTo, LiveTarget
from iceworthy.words.target import TargetSpec

__all__ = [
    "CLIENT",
    "DATABASE",
    "DATABASE_LINK",
    "EVERYTHING",
    "MACHINE",
    "NODE",
    "STORAGE_LINK",
    "Place",
]

Need = Literal["process", "database", "database_link", "storage_link"]
Part = Literal["node", "database", "storage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fault bites. link_to: the other end, of the kind "link" alone."""

    kind: Literal["node", "machine", "link", "client", "database", "everything"]
    link_to: LinkTo | None = None

    def __str__(self) -> str:
        if self.kind == "link":
            return f"the link between a node and its {self.link_to}"
        return {
            "node": "a node",
            "machine": "a node's share of the machine",
            "client": "the clients of the load",
            "database": "the database, for every node",
            "everything": "the whole target",
        }[self.kind]

    @property
    def is_whole(self) -> bool:
        """Whether it is a part that all nodes share: a fault there is on no node in particular."""
        return self.kind in ("database", "everything")


NODE = Place(kind="node")
MACHINE = Place(kind="machine")
CLIENT = Place(kind="client")
DATABASE = Place(kind="database")
EVERYTHING = Place(kind="everything")
DATABASE_LINK = Place(kind="link", link_to="database")
STORAGE_LINK = Place(kind="link", link_to="storage")


class Fault(Protocol):
    """The class that a file of chaos/faults/ names FAULT; made with the params of a FaultAt.

    place, needs, takes_away, interrupts: see the head of this file; the last two go into the run's
    record with each event of the fault, so that judges know them without a list of faults. A part
    that it takes away cannot be used by the node that it bites, from its injection until it is
    healed; judges count on that.
    """

    place: ClassVar[Place]
    needs: ClassVar[tuple[Need, ...]]
    takes_away: ClassVar[frozenset[Part]]
    interrupts: ClassVar[bool]

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Inject the fault; FaultError when nothing proves that it took effect."""
        ...

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Undo the fault, also after a failed inject(); returns further evidence, if any. It may be
        called twice."""
        ...


def why_not(needs: Iterable[str], target: TargetSpec) -> str:
    """Why the target lacks one of these needs: the first reason; "" when it has all of them."""
    for need in needs:
        if need not in NEEDS:
            raise KeyError(f"no need named {need!r}; known: {', '.join(NEEDS)}")
        if why := NEEDS[need](target):
            return why
    return ""


def _process(target: TargetSpec) -> str:
    if target.node.is_started:
        return ""
    return (
        f"it needs nodes whose processes the suite started, but those of {target.name} run already "
        "and are only known by their URLs; give [node] a command"
    )


def _database(target: TargetSpec) -> str:
    if target.node.is_started and target.database.kind == "postgres":
        return ""
    return (
        f"it needs a view of the database, but {target.name} hides it; "
        '[database] kind = "postgres" gives the suite one'
    )


def _database_link(target: TargetSpec) -> str:
    if target.node.is_started and target.database.kind == "postgres":
        return ""
    return (
        "it needs the link between a node and its database, but the suite has no view of "
        f'{target.name}\'s database; [database] kind = "postgres" gives it one'
    )


def _storage_link(target: TargetSpec) -> str:
    return (
        f"it needs the link between a node and its storage, and the suite puts no proxy between "
        f"the nodes of {target.name} and their storage"
    )


NEEDS: Mapping[str, Callable[[TargetSpec], str]] = {
    "process": _process,
    "database": _database,
    "database_link": _database_link,
    "storage_link": _storage_link,
}
"""A need of a fault or an experiment -> why a target lacks it ("" when the target has it)."""
