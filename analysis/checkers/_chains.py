"""The order of each table's commits: the chain of main, as numbered states.

Claim: no order has to be searched for, because each commit names its predecessor and one full read
returns the whole order.
Method: per table, the chain is that of its last full read (the audit's where there was an audit),
extended by commits that were acknowledged or seen after that read. State p of a table means "the
first p commits are visible"; a state's hash is the history's rolling chain hash.
What this does NOT show: that the chain is right. Other checkers judge the chain itself:
chain_integrity, lost_acknowledgement and prefix_reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.checkers._columns import (
    FOREVER,
    MISSING,
    Ints,
    Mask,
    PairIndex,
    columns,
    ints,
)
from analysis.checkers._facts import Facts, FullRead
from analysis.checkers._tables import Tables
from analysis.history import History
from iceworthy.record.history import FLAG_AUDIT, NULL_PARENT, extend_chain
from iceworthy.words.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """All states of all tables in one sequence; the states of a table begin with its empty state.

    start: index of each table's first state (and one entry more at the end). Per state: tid,
    position, snapshot, hash; snapshot is NULL_PARENT at position 0. row: a commit that made the
    state, -1 if no operation of the history did. invoke_ns, acked_ns: when that commit was first
    sent and first acknowledged (FOREVER: never). Per table: judged: the order is known from the
    table's root, and no recorded operation rewrote it. final: the chain comes from an audit read.
    basis_ns: when the read was sent that the chain comes from, -1 for none.
    """

    start: Ints
    tid: Ints
    position: Ints
    snapshot: Ints
    hash: npt.NDArray[np.uint64]
    row: Ints
    invoke_ns: Ints
    acked_ns: Ints
    judged: Mask
    final: Mask
    basis_ns: Ints
    index: PairIndex

    def find(self, tid: Ints, snapshot: Ints) -> Ints:
        """The state whose head is each of these snapshots; -1 where there is none."""
        return self.index.find(tid, snapshot)

    def of(self, tid: int) -> Ints:
        """A table's chain of snapshot ids."""
        return self.snapshot[self.start[tid] + 1 : self.start[tid + 1]]


@dataclass(frozen=True, slots=True)
class _Basis:
    read: FullRead | None
    final: bool
    sent_ns: int


def find_chains(history: History, facts: Facts, tables: Tables) -> Chains:
    """The chain of every table, and every state's commit."""
    bases = _bases(history, facts, tables)
    bounded = [_bounded(basis.read.chain if basis.read else ()) for basis in bases]
    extensions = _extensions(history, tables, bases, bounded)
    chains = [chain + extensions.get(one, []) for one, chain in enumerate(bounded)]
    sizes = ints([len(chain) + 1 for chain in chains])
    start = np.concatenate((ints([0]), np.cumsum(sizes)))
    tid = np.repeat(np.arange(len(tables), dtype=np.int64), sizes)
    whole = np.array(
        [
            basis.read.whole if basis.read else bool(tables.created[one])
            for one, basis in enumerate(bases)
        ],
        dtype=np.bool_,
    )
    snapshot = ints([one for chain in chains for one in (NULL_PARENT, *chain)])
    # If the root is unknown, no read may be placed on the empty state.
    snapshot[start[:-1][~whole]] = MISSING
    index = PairIndex.of(tid, snapshot)
    _assign_by_value(history, tables, tid, snapshot)
    row, invoke, acked = _commits(history, tables, index, tid, snapshot)
    return Chains(
        start=start,
        tid=tid,
        position=np.arange(len(tid), dtype=np.int64) - start[tid],
        snapshot=snapshot,
        hash=np.array([h for chain in chains for h in _hashes(chain)], dtype=np.uint64),
        row=row,
        invoke_ns=invoke,
        acked_ns=acked,
        judged=whole & ~tables.rewritten,
        final=np.array([basis.final for basis in bases], dtype=np.bool_),
        basis_ns=ints([basis.sent_ns for basis in bases]),
        index=index,
    )


def _assign_by_value(history: History, tables: Tables, state_tid: Ints, snapshot: Ints) -> None:
    """Gives each append without a uuid to the one table that has its id and once had its name."""
    rows = tables.appends[tables.tid[tables.appends] < 0]
    values = {int(columns(history)["value"][row]) for row in rows}
    owners: dict[int, set[int]] = {}
    if values:
        for one, value in zip(state_tid.tolist(), snapshot.tolist(), strict=True):
            if value in values:
                owners.setdefault(value, set()).add(one)
    for row in rows.tolist():
        key = int(columns(history)["key"][row])
        fits = [
            one
            for one in owners.get(int(columns(history)["value"][row]), ())
            if key in tables.keys_of[one]
        ]
        if len(fits) == 1:
            tables.tid[row] = fits[0]


def _hashes(chain: Iterable[int]) -> list[int]:
    found = [0]
    for snapshot in chain:
        found.append(extend_chain(found[-1], snapshot))
    return found


def _bounded(chain: tuple[int, ...]) -> list[int]:
    """The chain, with ids that do not fit a 64-bit column replaced by an id that no
    operation has.
    """
    return [one if MISSING < one <= FOREVER else MISSING + 1 for one in chain]


def _bases(history: History, facts: Facts, tables: Tables) -> list[_Basis]:
    """Per table, the full read that its chain is taken from."""
    sent, flags = columns(history)["sent_ns"], columns(history)["flags"]
    audited: dict[int, list[FullRead]] = {}
    others: dict[int, list[FullRead]] = {}
    for read in facts.reads:
        one = int(tables.tid[read.row])
        if one >= 0:
            kind = audited if flags[read.row] & FLAG_AUDIT else others
            kind.setdefault(one, []).append(read)
    found = []
    for one in range(len(tables)):
        reads = audited.get(one) or others.get(one)
        if not reads:
            found.append(_Basis(None, False, -1))
            continue
        latest = max(reads, key=lambda read: int(sent[read.row]))
        longest = max(reads, key=lambda read: len(read.chain))
        # A stale last read must not shorten the reference chain; a fork must not lengthen it.
        straight = longest.chain[: len(latest.chain)] == latest.chain
        chosen = longest if straight else latest
        found.append(_Basis(chosen, one in audited, int(sent[chosen.row])))
    return found


def _extensions(
    history: History, tables: Tables, bases: list[_Basis], chains: list[list[int]]
) -> dict[int, list[int]]:
    """The commits after each chain's head: from parent to child, while exactly one commit fits.

    Example: the head is 3, one commit asserts 3 and adds 4, two commits assert 4: only 4 follows.

    A commit fits when it was acknowledged after the read was sent, or when a read showed it as a
    head.
    """
    ops = columns(history)
    rows = tables.appends[tables.tid[tables.appends] >= 0]
    tid, value = tables.tid[rows], ints(ops["value"][rows])
    basis_ns = ints([basis.sent_ns for basis in bases])
    reads = np.flatnonzero(history.of_operation("loadTable") & (ops["uuid"] != 0))
    reads = reads[ints(ops["completed_ns"][reads]) > basis_ns[tables.tid[reads]]]
    seen = PairIndex.of(tables.tid[reads], ints(ops["value"][reads])).find(tid, value) >= 0
    known = PairIndex.of(
        np.repeat(np.arange(len(chains), dtype=np.int64), ints([len(c) for c in chains])),
        ints([one for chain in chains for one in chain]),
    )
    acked = tables.outcome[rows] == Outcome.OK
    late = ints(ops["completed_ns"][rows]) > basis_ns[tid]
    open_chain = (basis_ns[tid] >= 0) | tables.created[tid]
    able = (late & acked | seen) & open_chain & (known.find(tid, value) < 0)
    following: dict[tuple[int, int], set[int]] = {}
    for one, parent, child in zip(
        tid[able].tolist(), ops["parent"][rows[able]].tolist(), value[able].tolist(), strict=True
    ):
        following.setdefault((one, parent), set()).add(child)
    found: dict[int, list[int]] = {}
    for one in {one for one, _ in following}:
        chain = chains[one]
        head, tail = (chain[-1] if chain else NULL_PARENT), list[int]()
        while len(nexts := following.pop((one, head), set())) == 1:
            head = nexts.pop()
            tail.append(head)
        found[one] = tail
    return found


def _commits(
    history: History, tables: Tables, index: PairIndex, state_tid: Ints, snapshot: Ints
) -> tuple[Ints, Ints, Ints]:
    """Per state (row, invoke_ns, acked_ns) of the commit that made it.

    An id that was tried more than once counts from the first try that may have been applied.
    """
    ops = columns(history)
    row = np.full(len(state_tid), -1, dtype=np.int64)
    invoke = np.full(len(state_tid), FOREVER, dtype=np.int64)
    acked = np.full(len(state_tid), FOREVER, dtype=np.int64)
    rows = tables.appends
    state = index.find(tables.tid[rows], ints(ops["value"][rows]))
    rows, state = rows[state >= 0], state[state >= 0]
    # Worst outcome first: later assignments overwrite, so the best outcome stays.
    for outcome in (Outcome.FAIL, Outcome.INFO, Outcome.OK):
        own = tables.outcome[rows] == outcome
        row[state[own][::-1]] = rows[own][::-1]
        if outcome is Outcome.FAIL:
            continue
        np.minimum.at(invoke, state[own], ints(ops["sent_ns"][rows[own]]))
    sure = tables.outcome[rows] == Outcome.OK
    np.minimum.at(acked, state[sure], ints(ops["completed_ns"][rows[sure]]))
    # Only refused commits tried this id: the time of their sending counts.
    only = (row >= 0) & (invoke == FOREVER)
    invoke[only] = ints(ops["sent_ns"][row[only]])
    invoke[row < 0] = MISSING
    return row, invoke, acked
