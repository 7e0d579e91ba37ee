"""No read ever shows an effect of a refused operation.

Claim: a mutation that was refused (4xx to a request sent exactly once, or never sent at all) left
no trace. No read of its table shows its snapshot id; no read of its entity shows its property
value; no name exists because of a refused creation or rename, or is gone because of a refused drop
or rename.
Method: unique values are looked up in all reads. Names are judged by the evidence before and after,
and only where no other recorded operation explains the change. An id or value that another
operation tried too, and that was not refused, is no phantom.
Minimal evidence: one refused mutation whose table or entity was read in full after the refusal.
What it does NOT show: effects without a value on names that other sessions changed at the same
time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, ints
from analysis.checkers._existence import definite_404, existence_of, shown_tables
from analysis.checkers._model import Model, model_of
from analysis.checkers._visible_effects import (
    first_sight,
    looked_again,
    reads_by_entity,
    tried_by_refused_only,
    writes_by_entity,
)
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "phantom"
HARM = Harm.TORN


def check(history: History) -> Verdict:
    """Look for each refused mutation's effect."""
    model = model_of(history)
    problems = Anomalies(history)
    snapshots = _snapshots(problems, model)
    properties = _properties(problems, model)
    names = _names(problems, model)
    judged = snapshots + properties
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"none of {counted(judged, 'refused write')} is visible in any later read",
        bad=f"some of {counted(judged, 'refused write')} are visible",
        too_little=""
        if judged
        else "no table or namespace of a refused write was read in full afterwards",
        measures=(
            Measure(
                name="visible",
                value=sum(problems.counts.values()),
                unit="writes",
                shown="{value} visible",
            ),
        ),
        facts={
            "refused_snapshots": snapshots,
            "refused_property_writes": properties,
            "answers_about_names": names,
        },
    )


def _snapshots(problems: Anomalies, model: Model) -> int:
    rows = model.tables.appends
    outcome = model.tables.outcome[rows]
    refused = rows[outcome == Outcome.FAIL]
    refused = refused[tried_by_refused_only(model, refused)]
    sight = first_sight(model, refused)
    for row, seen in zip(refused[sight >= 0].tolist(), sight[sight >= 0].tolist(), strict=True):
        problems.add(
            "a refused commit's snapshot is visible", row, seen_by=model.history.op_id(seen)
        )
    return int((looked_again(model, refused) | (sight >= 0)).sum())


def _properties(problems: Anomalies, model: Model) -> int:
    """Report visible property values that only refused writes wrote."""
    reads = reads_by_entity(model)
    sent, done = model.ops["sent_ns"], model.ops["completed_ns"]
    judged = 0
    failed = set(np.flatnonzero(model.tables.outcome == Outcome.FAIL).tolist())
    for entity, writes in writes_by_entity(model).items():
        refused = {write.row for write in writes} & failed
        fair = {item for write in writes if write.row not in refused for item in write.set.items()}
        last = max((int(sent[read.row]) for read in reads.get(entity, ())), default=-1)
        judged += sum(last > int(done[row]) for row in refused)
        bad = {
            item: write.row
            for write in writes
            if write.row in refused
            for item in write.set.items()
            if item not in fair
        }
        for read in reads.get(entity, ()) if bad else ():
            for item in bad.keys() & read.properties.items():
                if done[read.row] >= sent[bad[item]]:
                    problems.add(
                        "a refused property write is visible",
                        bad.pop(item),
                        seen_by=model.history.op_id(read.row),
                        property=item[0],
                    )
    return judged


def _names(problems: Anomalies, model: Model) -> int:
    """Report names that appeared or vanished although the operation that would explain it was
    refused.
    """
    existence = existence_of(model)
    missing, shown = definite_404(model), shown_tables(model)
    lost = missing[existence.lost(missing)]
    lost = lost[existence.refused_since(lost, existence.present, existence.removers)]
    for row in _first_of_key(model, lost):
        problems.add("a name is gone although its drop or rename was refused", row)
    ghosts = shown[existence.ghosts(shown)]
    ghosts = ghosts[existence.refused_since(ghosts, existence.absent, existence.makers)]
    for row in _first_of_key(model, ghosts):
        problems.add("a table exists although its creation or rename was refused", row)
    return len(missing) + len(shown)


def _first_of_key(model: Model, rows: Ints) -> Iterator[int]:
    if len(rows):
        _, first = np.unique(ints(model.ops["key"][rows]), return_index=True)
        yield from rows[np.sort(first)].tolist()
