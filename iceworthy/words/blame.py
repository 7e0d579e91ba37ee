"""Who is to blame for a verdict, and on what kinds of evidence a fail rests.

Claim: a guard withholds a fail only when it explains all the evidence that the fail rests on.
Example: a starved machine explains that scrapes arrived late or not at all; it does not explain a
scrape that names one series twice.
What it does NOT show: that an explanation is the cause; where it may be, the verdict is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Blame", "EvidenceKind", "Ground"]

NOT_NOW = frozenset({408, 429, 502, 503, 504})
"""The statuses of a server that says that it cannot serve at this moment."""
REFUSED = (401, 403)
"""The statuses of a server that refuses a login."""


class Blame(StrEnum):
    """Whose doing a fail, or the lack of a verdict, is."""

    CATALOG = "catalog"
    TARGET_FILE = "target_file"
    MACHINE = "machine"
    OUTSIDE = "outside"  # somebody who killed a process, stopped the run or changed its files
    SUITE = "suite"

    @property
    def words(self) -> str:
        """As a sentence names it: "the target file"."""
        return (
            "somebody outside" if self is Blame.OUTSIDE else f"the {self.value}".replace("_", " ")
        )


class EvidenceKind(StrEnum):
    """What kind of thing one piece of evidence is."""

    SILENCE = "no answer"  # none before its client stopped waiting, or no connection was let in
    LATENCY = "latency"  # an answer, a start or an end took too long
    LATENESS = "late turn"  # a state that must turn (readiness, a recovery) turned too late
    BUSY = "busy"  # a whole answer that says "not now": 502, 503, 504, 429, 408
    STATUS = "status"  # any other whole answer with a wrong status
    TORN = "torn answer"  # an answer that ended before its announced end
    SHAPE = "shape"  # a whole answer that is not of its form
    ABSENT = "not there"  # a path that the target file names, answered 404 to the end
    RECORD = "lost record"  # a line that a log should hold
    CONTENT = "content"  # what an answer says is not so, or what was acknowledged is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Evidence of one kind that a fail rests on.

    count: how many samples it is. spans: (first, last) instants of the run, in ns, during which it
    happened; () where it has no time. excess_s: of LATENCY, by how much the limit was missed, in
    seconds; 0 where that is no single number. node: the node that it is about; None: any.
    in_spare_time: of LATENCY, it is as late in the seconds in which the CPUs had time to spare.
    """

    kind: EvidenceKind
    count: int = 1
    spans: tuple[tuple[int, int], ...] = ()
    excess_s: float = 0.0
    node: int | None = None
    in_spare_time: bool = False


def counted_kinds(grounds: Iterable[Ground]) -> dict[str, int]:
    """Kind -> number of its samples, most first: {"shape": 45, "no answer": 2}."""
    found: dict[str, int] = {}
    for ground in grounds:
        found[ground.kind.value] = found.get(ground.kind.value, 0) + ground.count
    return dict(sorted(found.items(), key=lambda item: -item[1]))
