"""Nodes that somebody outside killed: the kernel when memory was short, an operator, a script.

Claim: a node that ended though the suite asked nobody to end, by a signal that a program does not
send to itself when it fails (SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, or the exit code 128 + n
of these, as shells and the JVM have it), was ended from outside. A crash (SIGSEGV, SIGABRT, a code
of its own) is the catalog's doing.
What this does NOT show: who it was; a SIGTERM from outside after which a node drains and exits with
code 0 looks like an end of its own.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass

from iceworthy.record.run_lines import NodeExit, NodeStart
from iceworthy.words.instant import NEVER_NS

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
RECOVERY_NS = 5_000_000_000  # as long as after a fault
SEEN_NS = 500_000_000  # what was in flight fails shortly before the death is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideDeath:
    """One node that was killed. back_ns: when it was ready again; NEVER_NS if it never was."""

    node: int
    number: signal.Signals
    t_ns: int
    back_ns: int

    def touches(self, start_ns: int, end_ns: int, node: int | None = None) -> bool:
        """Whether something that lasted so long, on this node, can have been hit by it."""
        other = node is not None and node != self.node
        start_of_it, end_of_it = self.t_ns - SEEN_NS, self.back_ns + RECOVERY_NS
        return not other and start_ns <= end_of_it and end_ns >= start_of_it

    def words(self, t0_ns: int | None) -> str:
        """ "node 0 was killed from outside, by SIGKILL, 4.2 s after the load began"."""
        when = f", {(self.t_ns - t0_ns) / 1e9:.1f} s after the load began" if t0_ns else ""
        memory = " (out of memory, or a person)" if self.number is signal.SIGKILL else ""
        by = f"by {self.number.name}, which the suite did not send{memory}"
        return f"node {self.node} was killed from outside{when}, {by}"


def outside_deaths(
    starts: Iterable[NodeStart], exits: Iterable[NodeExit]
) -> tuple[OutsideDeath, ...]:
    """The deaths from outside among the recorded ends, in order."""
    began = list(starts)
    found = []
    for end in exits:
        number = _number(end.code) if end.asked == "none" else None
        if number is None:
            continue
        again = [
            start.ready_ns
            for start in began
            if start.node == end.node and start.spawn_ns >= end.t_ns and start.ready_ns is not None
        ]
        back_ns = min(again, default=NEVER_NS)
        found.append(OutsideDeath(node=end.node, number=number, t_ns=end.t_ns, back_ns=back_ns))
    return tuple(sorted(found, key=lambda one: one.t_ns))


def _number(code: int | None) -> signal.Signals | None:
    """The signal from outside that an exit code tells of; None for any other end."""
    number = 0 if code is None else -code if code < 0 else code - 128
    return next((one for one in SIGNALS if one == number), None)
