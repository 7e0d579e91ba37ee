"""When each session starts each of its operations: pure arithmetic, fixed before the load begins.

Claim: the intended start of the k-th operation of a session is t0 + phase + k * period, whatever
happened to earlier operations. The schedule is never shifted, so a stall shows in every operation
that had to wait for it (no coordinated omission).
Method: sessions with the same period are spread evenly over it: by exact fractions if their number
is known, by the golden ratio (even for any number) if sessions join one by one.
What it does NOT show: whether the generator kept the schedule; sent_ns minus intended_ns does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iceworthy.words.scenario import Role

GOLDEN = 0.6180339887498949
SECOND_NS = 1_000_000_000
# Starts fall on hundredths of a second: a thousand sessions a second are then a hundred wake-ups of
# ten starts, which halves the CPU that the generator takes from a catalog on the same machine (most
# of a lone wake-up's cost is finding its caches cold). The intended start is the hundredth itself,
# so that nothing is hidden: real arrivals, which are random, come closer together than these.
GRID_NS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One session's role, its rank among the sessions of this role, and its node."""

    role: Role
    role_index: int
    rank: int
    node: int


def seating(roles: Sequence[Role], *, nodes: int, first_node: int = 0) -> Iterator[Seat]:
    """Seats without end: roles by weight, interleaved; the ranks of each role round the nodes.

    Each role has two of the first seats, so that a small load too has every role on both nodes.

    Nodes go by rank, not by session number: with two roles of equal weight the number's parity
    would put one role on one node altogether.
    """
    total = sum(role.weight for role in roles)
    credit = [0.0] * len(roles)
    taken = [0] * len(roles)
    first = list(range(len(roles))) * 2
    while True:
        if first:
            chosen = first.pop(0)
        else:
            for index, role in enumerate(roles):
                credit[index] += role.weight
            chosen = max(range(len(roles)), key=lambda index: credit[index])
            credit[chosen] -= total
        rank = taken[chosen]
        taken[chosen] += 1
        yield Seat(
            role=roles[chosen], role_index=chosen, rank=rank, node=(rank + first_node) % nodes
        )


def phase_ns(seat: Seat, *, peers: int | None, worker: int) -> int:
    """The session's delay after t0, below its period. peers: sessions of its role, None: unknown.

    Workers and roles are shifted against each other by the golden ratio, so that equal ranks in two
    processes do not start together.
    """
    period = seat.role.period_s
    shift = (worker * GOLDEN + seat.role_index * GOLDEN * GOLDEN) % 1.0
    if peers is None:
        fraction = (seat.rank * GOLDEN + shift) % 1.0
    else:
        fraction = (seat.rank + shift) / max(peers, 1) % 1.0
    return int(fraction * period * SECOND_NS) // GRID_NS * GRID_NS


@dataclass(slots=True)
class Schedule:
    """One session's intended starts. period_ns 0: a closed loop, each start when it can be."""

    first_ns: int
    period_ns: int
    taken: int = 0

    def take(self, now_ns: int) -> int:
        """The next intended start; in a closed loop that is now (not before first_ns)."""
        if not self.period_ns:
            return max(now_ns, self.first_ns)
        due = self.first_ns + self.taken * self.period_ns
        self.taken += 1
        return due

    def peek(self) -> int:
        """The next intended start, not taken; of a closed loop its first."""
        return self.first_ns + self.taken * self.period_ns

    def untaken(self, end_ns: int) -> int:
        """How many intended starts before end_ns were never taken."""
        if not self.period_ns or end_ns <= self.first_ns:
            return 0
        due = -(-(end_ns - self.first_ns) // self.period_ns)
        return max(0, due - self.taken)
