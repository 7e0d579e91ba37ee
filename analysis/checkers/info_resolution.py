"""Every operation of unknown outcome is resolved by later reads: it was applied, or it was not.

Claim: each mutation without a definite answer either took effect for good, or never did. It is
resolved when
  a read showed its snapshot or property value: applied
  its table or entity was read in full after it ended, without the value: not applied
  its name got a definite answer after it ended (creations, drops, renames)
A value that a read showed and a later read lacks, without a recorded removal, is a fail. A commit
that was applied after its client had given up is legal; the verdict names its delay.
Example: a commit timed out at 5 s; a read sent at 4 s lacks its snapshot, a read sent at 8 s shows
it: applied, at least 0 s after its client gave up.
Method: unique values are looked up in all reads; the chain's bounds tell when a commit was applied.
Minimal evidence: one operation of unknown outcome. A run without such an operation passes if
mutations were answered, because nothing is left to resolve. If a process was killed or a link was
broken, that run is unknown instead, because the fault hit no mutation; but it passes if mutations
were sent to the node while its link was broken and all of them got a definite answer. One
unresolved operation makes the run unknown.
What it does NOT show: that an operation resolved as not applied is never applied after the last
read; anything about views, which no read of the load shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import (
    FOREVER,
    MISSING,
    Ints,
    Mask,
    ints,
    running_max,
)
from analysis.checkers._commit_bounds import bounds_of
from analysis.checkers._model import Model, model_of
from analysis.checkers._visible_effects import entity_of, first_sight, looked_again, reads_by_entity
from analysis.fault_spans import breaks
from analysis.run import Run
from iceworthy.record.history import UNIT
from iceworthy.record.run_lines import FaultEvent
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.operation import COMMITS, MUTATIONS, OF_VIEWS
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "info_resolution"
HARM = Harm.LOST
NEEDS_RUN = True

_JUDGED = MUTATIONS - {*OF_VIEWS}
_NAMED = ("createTable", "createNamespace", "dropTable", "dropNamespace", "renameTable")


@dataclass(slots=True)
class _Count:
    """How the operations of unknown outcome were resolved."""

    applied: int = 0
    absent: int = 0
    left: int = 0  # a recorded operation dropped or rewrote their table: no read can resolve them
    unmarked: int = 0  # they carry no value that could be seen
    unresolved: int = 0

    @property
    def resolved(self) -> int:
        return self.applied + self.absent

    def add_open(self, row: int, is_removed: bool, open_rows: list[int]) -> None:
        """Count an operation that no read resolved; it is excused when a recorded operation removed
        its name.
        """
        if is_removed:
            self.left += 1
        else:
            self.unresolved += 1
            open_rows.append(row)


class Later:
    """The definite answers about the names of a few rows, in order of sending."""

    def __init__(self, model: Model, rows: Ints, more_keys: Ints | None = None) -> None:
        ops, outcome = model.ops, model.tables.outcome
        self._ops = ops
        keys = ints(ops["key"][rows])
        chosen = np.isin(ops["key"], keys if more_keys is None else np.r_[keys, more_keys])
        whole = (outcome == Outcome.OK) | (outcome == Outcome.FAIL)
        drops = model.history.of_operation("dropTable", "dropNamespace")
        self._answers: dict[int, list[int]] = {}
        for row in np.flatnonzero(chosen & (whole | drops)).tolist():
            self._answers.setdefault(int(ops["key"][row]), []).append(row)
        self._drops = drops & (outcome != Outcome.FAIL)
        self._read = ~model.history.of_operation(*MUTATIONS) & (outcome == Outcome.OK)

    def is_removed(self, row: int) -> bool:
        """Whether its name got 404 after the operation, or a drop may have removed the name."""
        return any(
            self._drops[one] or (self._ops["status"][one] == 404 and self._after(one, row))
            for one in self._answers.get(int(self._ops["key"][row]), ())
        )

    def is_answered(self, row: int) -> bool:
        """Whether its name got a definite answer to a request that was sent after the operation."""
        status = self._ops["status"]
        return any(
            self._after(one, row) and (status[one] // 100 == 2 or status[one] in (404, 409))
            for one in self._answers.get(int(self._ops["key"][row]), ())
        )

    def is_shown(self, key: int, row: int) -> bool:
        """Whether the first read of a name that was sent after the operation showed it."""
        for one in self._answers.get(key, ()):
            if self._read[one] and self._after(one, row):
                return bool(self._ops["status"][one] // 100 == 2)
        return False

    def _after(self, one: int, row: int) -> bool:
        return bool(self._ops["sent_ns"][one] > self._ops["completed_ns"][row])


def check(run: Run) -> Verdict:
    """Resolve each mutation of unknown outcome."""
    model = model_of(run.history)
    problems, count, open_rows = Anomalies(run.history), _Count(), list[int]()
    late = _snapshots(problems, model, count, open_rows)
    written = _properties(model, count, open_rows)
    _names(model, count, open_rows)
    _unmarked(model, count, written)
    outcome = model.tables.outcome[run.history.of_operation(*_JUDGED)]
    infos, definite = int((outcome == Outcome.INFO).sum()), int((outcome != Outcome.INFO).sum())
    late.sort(key=lambda one: -float(one["late_ms_min"]))
    return conclude(
        NAME,
        problems,
        judged=count.resolved if infos else definite,
        good=_good(count, infos, definite, late),
        bad=f"some of {counted(infos, 'operation')} of unknown outcome were seen, and were gone "
        "later",
        too_little=_too_little(run, model, count, infos, definite, open_rows),
        measures=(
            Measure(
                name="resolved",
                value=count.resolved,
                unit="operations",
                of=infos,
                shown="{value} of {of} resolved",
            ),
        ),
        facts={
            "unknown_outcomes": infos,
            "applied": count.applied,
            "not_applied": count.absent,
            "left_by_record": count.left,
            "without_a_value": count.unmarked,
            "unresolved": count.unresolved,
            "late": len(late),
            "latest": late[:5],
            "open": model.examples(open_rows[:5]),
        },
    )


def _good(count: _Count, infos: int, definite: int, late: list[dict[str, Any]]) -> str:
    if not infos:
        return f"nothing to resolve: all {counted(definite, 'mutation')} had a definite outcome"
    text = (
        f"of {counted(infos, 'operation')} of unknown outcome {count.applied:,} were applied and "
    )
    text += f"{count.absent:,} were not"
    if late:
        worst = f"{float(late[0]['late_ms_min']):,.0f} ms"
        text += (
            f"; {len(late):,} were applied after their client had given up, up to {worst} or more"
        )
    return text


def _too_little(
    run: Run, model: Model, count: _Count, infos: int, definite: int, open_rows: list[int]
) -> str:
    if count.unresolved:
        first = model.history.describe(open_rows[0])
        return (
            f"{count.unresolved:,} of {counted(infos, 'operation')} of unknown outcome cannot be "
            f"resolved: no later read was about what they change (first: {first['op']}, "
            f"{first['operation']} of {first['key']})"
        )
    if infos:
        return (
            ""
            if count.resolved
            else "of each operation of unknown outcome, a recorded operation removed the name, "
            "or no read could show what it wrote"
        )
    broken = any(line.event == "bit" and line.interrupts for line in run.read(FaultEvent))
    if broken and not _met(run, model):
        return "no operation had an unknown outcome, so the fault met no mutation in flight"
    return "" if definite else "there was no mutation"


def _met(run: Run, model: Model) -> bool:
    """Whether a mutation was under way on a node while its link was broken.

    It was sent while the link was broken, and was answered during the break or lasted beyond it. A
    node that waits until the link is back legally leaves no operation unknown.
    """
    sent, node = model.ops["sent_ns"], model.ops["node"]
    mutations = run.history.of_operation(*_JUDGED)
    return any(
        bool((mutations & (node == s.node) & (sent >= s.bit_ns) & (sent < s.heal_ns)).any())
        for s in breaks(run)
        if s.proven
    )


def _snapshots(
    problems: Anomalies, model: Model, count: _Count, open_rows: list[int]
) -> list[dict[str, Any]]:
    """Resolves appends; returns those applied after their client had given up."""
    tables, ops = model.tables, model.ops
    rows = tables.appends[tables.outcome[tables.appends] == Outcome.INFO]
    sight, looked = first_sight(model, rows), looked_again(model, rows)
    tid = tables.tid[rows]
    state = model.chains.find(tid, ints(ops["value"][rows]))
    state[tid < 0] = -1
    excused = (tid >= 0) & (tables.dropped[tid] | tables.rewritten[tid]) if len(tables) else tid > 0
    applied = (sight >= 0) | (state >= 0)
    _flapped(problems, model, rows, sight, (sight >= 0) & (state < 0) & ~excused & (tid >= 0))
    count.applied += int(applied.sum())
    count.absent += int((~applied & looked).sum())
    count.left += int((~applied & ~looked & excused).sum())
    later = Later(model, rows[~applied & ~looked & ~excused])
    for row in rows[~applied & ~looked & ~excused].tolist():
        count.add_open(row, later.is_removed(row), open_rows)
    placed = (
        (state >= 0) & (model.chains.row[np.maximum(state, 0)] == rows) if len(rows) else applied
    )
    return _late(model, rows[placed], state[placed])


def _flapped(problems: Anomalies, model: Model, rows: Ints, sight: Ints, suspect: Mask) -> None:
    """Snapshots that one read showed and the chain of a later read does not hold."""
    sent, done = model.ops["sent_ns"], model.ops["completed_ns"]
    last: dict[int, int] = {}
    for read in model.facts.reads:
        tid = int(model.tables.tid[read.row])
        last[tid] = max(last.get(tid, -1), int(sent[read.row]))
    for row, seen in zip(rows[suspect].tolist(), sight[suspect].tolist(), strict=True):
        if last.get(int(model.tables.tid[row]), -1) > int(done[seen]):
            problems.add(
                "a read shows the snapshot, and a later chain does not hold it",
                row,
                seen_by=model.history.op_id(seen),
            )


def _late(model: Model, rows: Ints, state: Ints) -> list[dict[str, Any]]:
    """Applied commits that a read did not show yet although it was sent after their client had
    given up.
    """
    bounds, done = bounds_of(model), ints(model.ops["completed_ns"][rows])
    earliest = running_max(model.chains.tid, bounds.earliest)[state]
    latest = bounds.latest[state]
    found = []
    for at in np.flatnonzero(earliest > done).tolist():
        late = {
            "op": model.history.op_id(int(rows[at])),
            "late_ms_min": round((int(earliest[at]) - int(done[at])) / 1e6, 3),
        }
        if latest[at] < FOREVER:
            late["late_ms_max"] = round((int(latest[at]) - int(done[at])) / 1e6, 3)
        found.append(late)
    return found


def _properties(model: Model, count: _Count, open_rows: list[int]) -> set[int]:
    """Resolves property writes by their values; returns all rows that wrote properties."""
    reads = reads_by_entity(model)
    sent, done = model.ops["sent_ns"], model.ops["completed_ns"]
    appends = set(model.tables.appends.tolist())
    unsure = [
        write
        for write in model.facts.writes
        if model.tables.outcome[write.row] == Outcome.INFO and write.row not in appends
    ]
    later = Later(model, ints([write.row for write in unsure]))
    for write in unsure:
        entity = entity_of(model, write.row)
        own = reads.get(entity, []) if entity is not None else []
        items = write.set.items()
        seen = any(
            items & read.properties.items() for read in own if done[read.row] > sent[write.row]
        )
        looked = any(sent[read.row] > done[write.row] for read in own)
        if seen:
            count.applied += 1
        elif looked:
            count.absent += 1  # or another write replaced the value before any read
        else:
            count.add_open(write.row, later.is_removed(write.row), open_rows)
    return {write.row for write in model.facts.writes}


def _names(model: Model, count: _Count, open_rows: list[int]) -> None:
    """Resolves creations, drops and renames: a later answer about the name was definite."""
    ops, outcome = model.ops, model.tables.outcome
    rows = np.flatnonzero(model.history.of_operation(*_NAMED) & (outcome == Outcome.INFO))
    ends = {
        row: model.history.id_of(model.facts.destinations.get(row, "")) for row in rows.tolist()
    }
    later = Later(model, rows, ints([end for end in ends.values() if end > 0]))
    listed = _listings(model)
    for row in rows.tolist():
        done = int(ops["completed_ns"][row])
        name = model.history.key(row)
        if not later.is_answered(row) and listed.get(_parent(name), MISSING) <= done:
            count.unresolved += 1
            open_rows.append(row)
            continue
        # Later answers about the name say whether it was applied; real_time judges those.
        here = ends[row] if ends[row] > 0 else int(ops["key"][row])
        is_there = later.is_shown(here, row) != ("drop" in _kind(model, row))
        count.applied += is_there
        count.absent += not is_there


def _kind(model: Model, row: int) -> str:
    return model.history.strings[int(model.ops["operation"][row])]


def _parent(key: str) -> str:
    """The key of the namespace that lists this name."""
    return key.rpartition("/")[0] if "/" in key else key.rpartition(UNIT)[0]


def _listings(model: Model) -> dict[str, int]:
    """Key of a namespace -> when its last whole listing was sent."""
    found: dict[str, int] = {}
    for listing in model.facts.listings:
        if listing.complete:
            key = model.history.key(listing.row)
            found[key] = max(found.get(key, -1), int(model.ops["sent_ns"][listing.first_row]))
    return found


def _unmarked(model: Model, count: _Count, written: set[int]) -> None:
    """Commits that add no snapshot and set no property: no read could show them."""
    rows = model.history.of_operation(*COMMITS, "updateProperties")
    rows &= model.tables.outcome == Outcome.INFO
    rows[model.tables.appends] = False
    count.unmarked += sum(row not in written for row in np.flatnonzero(rows).tolist())
