"""Every full read of a table shows one sound chain: no gap, fork, duplicate or foreign snapshot.

Claim, for each full read:
  - the snapshots form one path by parents, from a root to the head of main; no id occurs twice
  - sequence numbers rise, and last-sequence-number is not behind them
  - the current snapshot, the head of main, and the last entry of the snapshot-log are the same
  - every id was attempted by an operation on this very table, with the parent that is shown
A snapshot is the same in every read. After the load all nodes show one chain.
Method: each distinct snapshot of a table is checked once, each read by whole-list comparisons.
Minimal evidence: one full read of a table with a snapshot, where this history created the table or
the path reaches a root.
What it does NOT show: that nothing is missing (lost_acknowledgement shows that), nor order in time.
A table that this history did not create may hold snapshots of other clients, so for it the origin
of snapshots is not checked. Tables that a recorded operation rewrote (expiry, rollback) are left
out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, ints
from analysis.checkers._facts import FullRead, Snapshot
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.record.history import NO_ASSERTION, NULL_PARENT, asserted
from iceworthy.words.finding import Harm
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "chain_integrity"
HARM = Harm.LOST


@dataclass(slots=True)
class _Table:
    """The facts about one table that earlier reads established."""

    longest: tuple[Snapshot, ...] = ()
    sound: set[Snapshot] = field(default_factory=set)
    shape: dict[int, Snapshot] = field(default_factory=dict)


def check(history: History) -> Verdict:
    """Judge every full read, then heads, sequence numbers and the nodes' agreement."""
    model = model_of(history)
    problems = Anomalies(history)
    attempts = _attempts(model)
    known: dict[int, _Table] = {}
    judged, left_out = 0, set()
    for read in model.facts.reads:
        tid = int(model.tables.tid[read.row])
        if tid < 0 or model.tables.rewritten[tid]:
            left_out.add(tid)
            continue
        table = known.setdefault(tid, _Table())
        _shape(problems, model, tid, read, table)
        _snapshots(problems, model, tid, read, table, attempts)
        judged += bool(read.snapshots) and (read.whole or bool(model.tables.created[tid]))
    _heads(problems, model, attempts)
    _sequences(problems, model)
    _agreement(problems, model)
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"all {counted(judged, 'full read')} of {counted(len(known), 'table')} show one sound "
        "chain each",
        bad=f"some of {counted(judged, 'full read')} show a broken chain",
        too_little="" if judged else "no read showed a table's snapshots in full",
        facts={"full_reads": judged, "tables": len(known), "tables_left_out": len(left_out)},
    )


@dataclass(slots=True)
class _Attempts:
    """The rows that tried to add a snapshot id: the first, and the others if it was tried again."""

    one: dict[int, int]
    others: dict[int, list[int]]

    def of(self, snapshot: int) -> list[int]:
        row = self.one.get(snapshot)
        return [] if row is None else [row, *self.others.get(snapshot, ())]


def _attempts(model: Model) -> _Attempts:
    rows = model.tables.appends.tolist()
    values = model.ops["value"][rows].tolist()
    found = _Attempts(dict(zip(values, rows, strict=True)), {})
    if len(found.one) < len(rows):
        for value, row in zip(values, rows, strict=True):
            if found.one[value] != row:
                found.others.setdefault(value, []).append(row)
    return found


def _shape(problems: Anomalies, model: Model, tid: int, read: FullRead, known: _Table) -> None:
    """The rules that each read must meet without looking at other reads."""
    name = model.tables.name(model.history, tid)
    created = bool(model.tables.created[tid])
    if not read.straight:
        _path(problems, name, read, created)
    if read.main != read.current:
        problems.add(
            "current-snapshot-id is not the head of main",
            read.row,
            table=name,
            main=read.main,
            current=read.current,
        )
    if read.log and read.log[-1] != read.current:
        problems.add(
            "the last entry of snapshot-log is not current",
            read.row,
            table=name,
            last=read.log[-1],
            current=read.current,
        )
    # A table may keep no snapshot-log; the entries that it keeps must be in the chain.
    if created and read.log and read.log != read.chain and not _subsequence(read.log, read.chain):
        problems.add("the snapshot-log contradicts the chain", read.row, table=name)
    if not (read.straight and _begins(known.longest, read.snapshots)):
        _shape_sequences(problems, name, read)
    elif read.last_sequence < read.snapshots[-1][2] if read.snapshots else False:
        # A prefix of a sequence that is known to rise: its last number is its highest.
        _behind(problems, name, read, read.snapshots[-1][2])


def _begins(whole: tuple[Snapshot, ...], part: tuple[Snapshot, ...]) -> bool:
    return len(part) <= len(whole) and whole[: len(part)] == part


def _path(problems: Anomalies, name: str, read: FullRead, created: bool) -> None:
    ids = [snapshot[0] for snapshot in read.snapshots]
    if len(set(ids)) != len(ids):
        problems.add("a snapshot id is listed twice", read.row, table=name)
    if not read.whole and created:
        problems.add(
            "the path from parent to parent breaks or loops before a root", read.row, table=name
        )
    elif created and len(read.chain) < len(set(ids)):
        off = sorted(set(ids) - set(read.chain))
        problems.add(
            "the table lists snapshots off the path to the head of main",
            read.row,
            table=name,
            off_path=off[:5],
        )


def _subsequence(part: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    rest = iter(whole)
    return all(one in rest for one in part)


def _shape_sequences(problems: Anomalies, name: str, read: FullRead) -> None:
    if read.straight:
        numbers = [snapshot[2] for snapshot in read.snapshots]
    else:
        sequence_of = {snapshot[0]: snapshot[2] for snapshot in read.snapshots}
        numbers = [sequence_of.get(one, 0) for one in read.chain]
    if not any(numbers):
        return  # format v1 has none
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        problems.add(
            "sequence numbers do not rise along the chain",
            read.row,
            table=name,
            numbers=numbers[-5:],
        )
    if read.last_sequence < max(numbers):
        _behind(problems, name, read, max(numbers))


def _behind(problems: Anomalies, name: str, read: FullRead, highest: int) -> None:
    problems.add(
        "last-sequence-number is behind a snapshot's",
        read.row,
        table=name,
        last=read.last_sequence,
        highest=highest,
    )


def _snapshots(
    problems: Anomalies,
    model: Model,
    tid: int,
    read: FullRead,
    known: _Table,
    attempts: _Attempts,
) -> None:
    """Each snapshot once: the same in every read, attempted by an operation, on the parent
    shown.
    """
    if _begins(known.longest, read.snapshots):
        return
    went_on = _begins(read.snapshots, known.longest)
    fresh = read.snapshots[len(known.longest) :] if went_on else read.snapshots
    if went_on:
        known.longest = read.snapshots
    new = set(fresh) - known.sound
    name = model.tables.name(model.history, tid)
    for snapshot in new:
        before = known.shape.setdefault(snapshot[0], snapshot)
        if before != snapshot:
            problems.add(
                "a snapshot changed from one read to another",
                read.row,
                table=name,
                snapshot=snapshot[0],
                was=before[1:],
                now=snapshot[1:],
            )
            continue
        known.sound.add(snapshot)
        tries = _tries(model, tid, snapshot[0], attempts)
        if not tries:
            if model.tables.created[tid]:
                problems.add(
                    "a read shows a snapshot that no operation tried to add to this table",
                    read.row,
                    table=name,
                    snapshot=snapshot[0],
                )
            continue
        parents = {int(model.ops["parent"][row]) for row in tries}
        if asserted(snapshot[1]) not in parents and NO_ASSERTION not in parents:
            problems.add(
                "a read shows a snapshot on another parent than its commit asserted",
                read.row,
                table=name,
                snapshot=snapshot[0],
                shown=snapshot[1],
                asserted=sorted(parents)[:3],
            )


def _tries(model: Model, tid: int, snapshot: int, attempts: _Attempts) -> list[int]:
    """Rows that tried to add this snapshot to this table, under any name it may have had."""
    return [row for row in attempts.of(snapshot) if _about(model, tid, row)]


def _about(model: Model, tid: int, row: int) -> bool:
    own = int(model.tables.tid[row])
    key = int(model.ops["key"][row])
    return own == tid or (own < 0 and key in model.tables.keys_of[tid])


def _heads(problems: Anomalies, model: Model, attempts: _Attempts) -> None:
    """Heads of reads that were recorded without their chain: each must have been attempted on its
    table.
    """
    rows = model.reads[model.read_state < 0]
    tids = model.tables.tid[rows]
    rows = rows[model.tables.created[tids] & ~model.tables.rewritten[tids]]
    for row in rows.tolist():
        head = int(model.ops["value"][row])
        tid = int(model.tables.tid[row])
        if head != NULL_PARENT and not _tries(model, tid, head, attempts):
            problems.add(
                "a read shows a head that no operation tried to add to this table",
                row,
                table=model.tables.name(model.history, tid),
                snapshot=head,
            )


def _sequences(problems: Anomalies, model: Model) -> None:
    """Over all reads, last-sequence-number is one number for each head, and rises along
    the chain.
    """
    sequence = ints(model.ops["sequence"][model.reads])
    use = (model.read_state >= 0) & (sequence > 0)
    rows, state, sequence = model.reads[use], model.read_state[use], sequence[use]
    tid = model.chains.tid[state]
    use = model.chains.judged[tid] & model.tables.created[tid]
    rows, state, sequence = rows[use], state[use], sequence[use]
    order = np.lexsort((sequence, state))
    rows, state, sequence = rows[order], state[order], sequence[order]
    same = np.flatnonzero((state[1:] == state[:-1]) & (sequence[1:] != sequence[:-1])) + 1
    problems.add_all("two reads of one head show different last-sequence-numbers", rows[same])
    table = model.chains.tid[state] if len(state) else ints([])
    higher = (table[1:] == table[:-1]) & (state[1:] > state[:-1])
    problems.add_all(
        "last-sequence-number does not rise with the head",
        rows[np.flatnonzero(higher & (sequence[1:] <= sequence[:-1])) + 1],
    )


def _agreement(problems: Anomalies, model: Model) -> None:
    """After the load, a chain that one node showed must be a prefix of every chain shown later."""
    by_table: dict[int, list[FullRead]] = {}
    for read in model.facts.reads:
        tid = int(model.tables.tid[read.row])
        if tid >= 0 and model.audit[read.row] and not model.tables.rewritten[tid]:
            by_table.setdefault(tid, []).append(read)
    acked = {value: int(done) for value, done in _acked(model, model.tables.appends)}
    for reads in by_table.values():
        longest = max(reads, key=lambda read: len(read.chain))
        for read in reads:
            if read.chain != longest.chain and not _landed_between(model, read, longest, acked):
                problems.add(
                    "nodes disagree on the final chain",
                    read.row,
                    other=model.history.op_id(longest.row),
                    shown=len(read.chain),
                    other_shown=len(longest.chain),
                )


def _acked(model: Model, rows: Ints) -> list[tuple[int, int]]:
    ops = model.ops
    rows = rows[model.tables.outcome[rows] == Outcome.OK]
    return list(zip(ops["value"][rows].tolist(), ops["completed_ns"][rows].tolist(), strict=True))


def _landed_between(
    model: Model, shorter: FullRead, longer: FullRead, acked: dict[int, int]
) -> bool:
    """Whether the commits that only `longer` shows may have been applied after `shorter`
    was read.
    """
    ops = model.ops
    if longer.chain[: len(shorter.chain)] != shorter.chain:
        return False
    if int(ops["completed_ns"][longer.row]) < int(ops["sent_ns"][shorter.row]):
        return False
    asked = int(ops["sent_ns"][shorter.row])
    return all(acked.get(one, asked) >= asked for one in longer.chain[len(shorter.chain) :])
