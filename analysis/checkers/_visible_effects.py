"""Which mutations were seen to take effect, by the unique value that each of them wrote.

Claim: each write has a value that no other write has, so a read that shows the value proves that
the write was applied.
Method: the snapshot ids in all full reads, snapshot logs and heads of each table, and the property
values in all full reads of properties.
What it does NOT show: the effect of operations without a value (creations, drops, renames).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.checkers._columns import Ints, Mask, PairIndex, ints
from analysis.checkers._facts import PropertyRead, PropertyWrite, Snapshot
from analysis.checkers._model import Model
from iceworthy.words.outcome import Outcome

_BOUND = 1 << 63
_Fact = TypeVar("_Fact", PropertyRead, PropertyWrite)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """Every (table, snapshot id) that an answer showed, with the row of the first such answer.

    tid, snapshot, row: parallel columns, sorted by the instant of the answer.
    """

    tid: Ints
    snapshot: Ints
    row: Ints
    index: PairIndex

    def first(self, tid: Ints, snapshot: Ints) -> Ints:
        """Row of the read that showed each first, -1 for never."""
        at = self.index.find(tid, snapshot)
        return np.where(at >= 0, self.row[at], -1) if len(self.row) else at


def sightings_of(model: Model) -> Sightings:
    """All sightings of a history; computed once for each history."""
    found = model.history.memo.get("sightings")
    if not isinstance(found, Sightings):
        found = model.history.memo["sightings"] = _find(model)
    return found


def _find(model: Model) -> Sightings:
    done = model.ops["completed_ns"]
    tids: list[int] = []
    ids: list[int] = []
    rows: list[int] = []
    met: dict[int, set[int]] = {}
    longest: dict[int, tuple[Snapshot, ...]] = {}
    for read in sorted(model.facts.reads, key=lambda read: int(done[read.row])):
        tid = int(model.tables.tid[read.row])
        before = longest.get(tid, ())
        if read.straight and read.log == read.chain and read.main == read.current:
            # Most reads extend an earlier read: only their new snapshots are looked at.
            if read.snapshots[: len(before)] == before[: len(read.snapshots)]:
                fresh = read.snapshots[len(before) :]
                longest[tid] = max(before, read.snapshots, key=len)
                listed = {snapshot[0] for snapshot in fresh}
            else:
                listed = read.listed()
        else:
            listed = read.listed()
        new = listed - met.setdefault(tid, set())
        met[tid] |= new
        new = {one for one in new if -_BOUND <= one < _BOUND}
        tids.extend([tid] * len(new))
        ids.extend(new)
        rows.extend([read.row] * len(new))
    of_table = np.concatenate((ints(tids), model.tables.tid[model.reads]))
    snapshot = np.concatenate((ints(ids), ints(model.ops["value"][model.reads])))
    row = np.concatenate((ints(rows), model.reads))
    order = np.argsort(done[row], kind="stable")
    order = order[of_table[order] >= 0]
    of_table, snapshot, row = of_table[order], snapshot[order], row[order]
    index = PairIndex.of(of_table, snapshot)
    return Sightings(tid=of_table, snapshot=snapshot, row=row, index=index)


def first_sight(model: Model, rows: Ints) -> Ints:
    """Per append, the row of the read that first showed its snapshot; -1 if none did.

    For a row whose table is unknown, every table is searched that may have had its name.
    """
    sightings = sightings_of(model)
    tid, value = model.tables.tid[rows], ints(model.ops["value"][rows])
    found = sightings.first(tid, value)
    for at in np.flatnonzero(tid < 0).tolist():
        key = int(model.ops["key"][rows[at]])
        for one, keys in enumerate(model.tables.keys_of):
            if key in keys and found[at] < 0:
                found[at] = sightings.first(ints([one]), value[at : at + 1])[0]
    return found


def tried_by_refused_only(model: Model, rows: Ints) -> Mask:
    """Whether only refused operations tried the append's snapshot id on its table."""
    appends, tid = model.tables.appends, model.tables.tid
    value = ints(model.ops["value"])
    fair = appends[model.tables.outcome[appends] != Outcome.FAIL]
    known = fair[tid[fair] >= 0]
    same = PairIndex.of(tid[known], value[known]).find(tid[rows], value[rows]) >= 0
    # An append whose table is unknown may have been about any of them.
    elsewhere = np.isin(value[rows], value[fair[tid[fair] < 0]])
    anywhere = (tid[rows] < 0) & np.isin(value[rows], value[fair])
    mask: Mask = ~(same | elsewhere | anywhere)
    return mask


def looked_again(model: Model, rows: Ints) -> Mask:
    """Whether some full read of the append's table was sent after the append had ended."""
    sent = model.ops["sent_ns"]
    last_by_tid: dict[int, int] = {}
    last_by_key: dict[int, int] = {}
    for read in model.facts.reads:
        tid, key = int(model.tables.tid[read.row]), int(model.ops["key"][read.row])
        at = int(sent[read.row])
        last_by_tid[tid] = max(last_by_tid.get(tid, -1), at)
        last_by_key[key] = max(last_by_key.get(key, -1), at)
    ops, tids = model.ops, model.tables.tid
    return np.array(
        [
            (last_by_tid if tids[row] >= 0 else last_by_key).get(
                int(tids[row]) if tids[row] >= 0 else int(ops["key"][row]), -1
            )
            > int(ops["completed_ns"][row])
            for row in rows.tolist()
        ],
        dtype=np.bool_,
    )


def reads_by_entity(model: Model) -> dict[tuple[str, int], list[PropertyRead]]:
    """Reads of all properties by entity: ("table", tid) or ("namespace", key id)."""
    return _by_entity(model, model.facts.properties)


def writes_by_entity(model: Model) -> dict[tuple[str, int], list[PropertyWrite]]:
    """Writes of properties by entity, with any outcome."""
    return _by_entity(model, model.facts.writes)


def _by_entity(model: Model, facts: Iterable[_Fact]) -> dict[tuple[str, int], list[_Fact]]:
    found: dict[tuple[str, int], list[_Fact]] = {}
    for fact in facts:
        if (entity := entity_of(model, fact.row)) is not None:
            found.setdefault(entity, []).append(fact)
    return found


def entity_of(model: Model, row: int) -> tuple[str, int] | None:
    """The entity that a row's properties belong to; None where its table is unknown."""
    operation = model.history.strings[int(model.ops["operation"][row])]
    if operation == "updateProperties" or "Namespace" in operation:
        return "namespace", int(model.ops["key"][row])
    tid = int(model.tables.tid[row])
    return ("table", tid) if tid >= 0 else None
