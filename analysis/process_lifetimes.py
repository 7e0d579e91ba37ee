"""When each node's process ran: its start joined to its end.

Claim: a Life is one process from its spawn to its end, as the suite recorded them.
What this does NOT show: whether the process worked. A process that hangs is alive here; criteria
judge whether it answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.run import Run
from iceworthy.record.run_lines import NodeExit, NodeStart
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.target import NodeSpec


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
    end: NodeExit | None

    @property
    def killed(self) -> bool:
        """Whether the suite ended the process with SIGKILL, on purpose."""
        return self.end is not None and self.end.asked == "SIGKILL"

    def covers(self, start_ns: int, end_ns: int) -> bool:
        """Whether the process was healthy before this span and was not asked to end before the
        span's end.
        """
        return self.healthy_ns is not None and self.healthy_ns <= start_ns and end_ns < self.end_ns


def lives(run: Run) -> tuple[Life, ...]:
    """Every process of every node, in order of spawn."""
    exits: dict[tuple[int, int | None], list[NodeExit]] = {}
    for line in run.read(NodeExit):
        exits.setdefault((line.node, line.pid), []).append(line)
    found = []
    for start in sorted(run.read(NodeStart), key=lambda start: start.spawn_ns):
        ends = exits.get((start.node, start.pid), [])
        end = ends[0] if ends else None
        ended_ns = NEVER_NS
        if end is not None:
            asked_ns = end.asked_ns if end.asked != "none" else None
            ended_ns = min(end.t_ns, asked_ns or end.t_ns)
        found.append(
            Life(
                node=start.node,
                pid=start.pid,
                reason=start.reason,
                spawn_ns=start.spawn_ns,
                healthy_ns=start.healthy_ns,
                ready_ns=start.ready_ns,
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


def seen_until(run: Run, life: Life) -> int:
    """Until when a start that never became ready was watched: its end, or the target's ready_s."""
    ready_s = run.plan.target.node.ready_s if run.plan.target else NodeSpec().ready_s
    return min(life.end_ns, life.spawn_ns + int(ready_s * 1e9))
