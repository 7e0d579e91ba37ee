"""Where a mutation's effect was ever seen, by its unique value.

Claim: a value is unique to its write, so seeing it tells that the write landed.
Method: the ids of all full reads, logs and heads per table, and the property values of all full
property reads.
What it does NOT show: the effect of operations that carry no value (creations, drops, renames).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.checkers._columns import Ints, Mask, PairIndex, ints
from analysis.checkers._facts import PropertyRead, PropertyWrite, Snapshot
from analysis.checkers._model import Model
from iceworthy.words.outcome import Outcome

_BOUND = 1 << 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """Every (table, snapshot id) that was seen, with the first answer that showed it.

    tid, snapshot, row: sorted by when the answer was there; a row is a read's.
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
    """All sightings of one history; derived once."""
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
            # Most reads go on from an earlier one: only what is new is looked at.
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
    """Per append the row of the read that first showed its snapshot; -1 for never.

    A row whose table is not known is looked for in every table that may have had its name.
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
    """Whether no operation that may have landed tried the append's snapshot id on its table."""
    appends, tid = model.tables.appends, model.tables.tid
    value = ints(model.ops["value"])
    fair = appends[model.tables.outcome[appends] != Outcome.FAIL]
    known = fair[tid[fair] >= 0]
    same = PairIndex.of(tid[known], value[known]).find(tid[rows], value[rows]) >= 0
    # One whose table is not known may have been about any.
    elsewhere = np.isin(value[rows], value[fair[tid[fair] < 0]])
    anywhere = (tid[rows] < 0) & np.isin(value[rows], value[fair])
    mask: Mask = ~(same | elsewhere | anywhere)
    return mask


def looked_again(model: Model, rows: Ints) -> Mask:
    """Whether some full read of the append's table was sent after its end."""
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
    found: dict[tuple[str, int], list[PropertyRead]] = {}
    for read in model.facts.properties:
        entity = entity_of(model, read.row)
        if entity is not None:
            found.setdefault(entity, []).append(read)
    return found


def writes_by_entity(model: Model) -> dict[tuple[str, int], list[PropertyWrite]]:
    """Writes of properties by entity, whatever came of them."""
    found: dict[tuple[str, int], list[PropertyWrite]] = {}
    for write in model.facts.writes:
        entity = entity_of(model, write.row)
        if entity is not None:
            found.setdefault(entity, []).append(write)
    return found


def entity_of(model: Model, row: int) -> tuple[str, int] | None:
    """What a row's properties belong to; None where its table is not known."""
    operation = model.history.strings[int(model.ops["operation"][row])]
    if operation == "updateProperties" or "Namespace" in operation:
        return "namespace", int(model.ops["key"][row])
    tid = int(model.tables.tid[row])
    return ("table", tid) if tid >= 0 else None
