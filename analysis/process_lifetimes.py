"""When each node's process ran: its start joined to its end.

Claim: a Life is one process from its spawn to its end, as the suite recorded them.
What this does NOT show: whether the process worked. A process that hangs is alive here; criteria
judge whether it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.run import Run
from iceworthy.words.instant import NEVER_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One process of a node. end_ns: when it was asked to end, or ended; NEVER_NS if neither."""

    node: int
    pid: int
    reason: str
    spawn_ns: int
    healthy_ns: int | None
    ready_ns: int | None
    end_ns: int
    end: dict[str, Any] | None

    @property
    def killed(self) -> bool:
        """Whether the suite ended the process with SIGKILL, on purpose."""
        return self.end is not None and self.end.get("asked") == "SIGKILL"

    def covers(self, start_ns: int, end_ns: int) -> bool:
        """Whether the process was healthy before this span and was not asked to end before the
        span's end.
        """
        return self.healthy_ns is not None and self.healthy_ns <= start_ns and end_ns < self.end_ns


def lives(run: Run) -> tuple[Life, ...]:
    """Every process of every node, in order of spawn."""
    exits: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for line in run.stream("exits"):
        exits.setdefault((line["node"], line["pid"]), []).append(line)
    found = []
    for line in sorted(run.stream("starts"), key=lambda line: int(line["spawn_ns"])):
        ends = exits.get((line["node"], line["pid"]), [])
        end = ends[0] if ends else None
        ended_ns = NEVER_NS
        if end is not None:
            asked_ns = end.get("asked_ns") if end.get("asked") not in (None, "none") else None
            ended_ns = min(int(end["t_ns"]), int(asked_ns or end["t_ns"]))
        found.append(
            Life(
                node=line["node"],
                pid=line["pid"],
                reason=line.get("reason", ""),
                spawn_ns=line["spawn_ns"],
                healthy_ns=line.get("healthy_ns"),
                ready_ns=line.get("ready_ns"),
                end_ns=ended_ns,
                end=end,
            )
        )
    return tuple(found)


def running(found: tuple[Life, ...], node: int, start_ns: int, end_ns: int) -> bool:
    """Whether one process of this node ran during the whole span; True where the suite started
    none.
    """
    own = [life for life in found if life.node == node]
    return not own or any(life.covers(start_ns, end_ns) for life in own)
