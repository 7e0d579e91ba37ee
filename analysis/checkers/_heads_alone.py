"""The chains of a catalog that shows a table's newest snapshot alone.

Claim: where the survey saw that a table shows its newest snapshot only, and names no parent in it
(known.json, `newest_only`), no answer is held against a chain that it cannot show. Each read counts
by its head: the chain below the head is made of the parents that the commits asserted.
Example: commit b asserts that main is a's snapshot; a read shows [b] without a parent: its chain is
a, b. A read of b whose commit asserted the same parent as a's shows that a is lost.
Method: the facts of reads are replaced before tables and chains are made of them, and the hashes
and counts of answers, which are those of one snapshot, are not compared.
What it does NOT show: that earlier snapshots can still be read.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.checkers._columns import columns
from analysis.checkers._facts import Facts, FullRead, Snapshot
from analysis.history import History
from iceworthy.record.history import NO_ASSERTION, NULL_PARENT
from iceworthy.words.operation import COMMITS
from iceworthy.words.outcome import Outcome

NO_SEQUENCE = 0


def forget_chains(history: History) -> None:
    """Count the hashes of all answers as not made: each would be that of one snapshot."""
    ops = columns(history)
    ops["chain"][:] = 0


def with_asserted_chains(history: History, facts: Facts) -> Facts:
    """The facts with each full read's chain made of asserted parents; reads whose head no commit of
    the history can have made are left out."""
    parents = _parents(history)
    made = [_asserted(read, parents) for read in facts.reads]
    return replace(facts, reads=[one for one in made if one is not None])


def _parents(history: History) -> dict[int, int]:
    """Snapshot -> the parent that its commit asserted; of several attempts an acknowledged one."""
    ops = columns(history)
    appends = history.of_operation(*COMMITS) & (ops["value"] > 0)
    appends &= ops["outcome"] != int(Outcome.FAIL)
    found: dict[int, int] = {}
    rows = np.flatnonzero(appends)
    for row in rows[np.argsort(ops["outcome"][rows] == int(Outcome.OK), kind="stable")].tolist():
        if int(ops["parent"][row]) != NO_ASSERTION:
            found[int(ops["value"][row])] = int(ops["parent"][row])
    return found


def _asserted(read: FullRead, parents: dict[int, int]) -> FullRead | None:
    chain: list[int] = []
    at = NULL_PARENT if read.main is None else read.main
    while at != NULL_PARENT:
        if at not in parents or at in chain:
            return None
        chain.append(at)
        at = parents[at]
    chain.reverse()
    below: list[int | None] = [None, *chain[:-1]]
    snapshots: tuple[Snapshot, ...] = tuple(
        (one, parent, NO_SEQUENCE) for one, parent in zip(chain, below, strict=False)
    )
    return replace(read, snapshots=snapshots, chain=tuple(chain), whole=True, straight=True, log=())
