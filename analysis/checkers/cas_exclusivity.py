"""Of all commits that assert the same parent, at most one takes effect; a null parent counts too.

Claim: for each (table uuid, ref main, asserted parent) at most one commit was acknowledged or is in
the chain, and each of these stands directly on the parent that it asserted (compare-and-set).
Example: two acknowledged commits that both assert snapshot 7 as the head of main are a lost update.
Method: equal pairs are counted, and each winning commit is compared with the chain. A commit of
unknown outcome counts if it is in the chain.
Minimal evidence: one parent that at least two commits asserted on one table; without such a
conflict nothing was excluded, and the verdict is unknown.
What it does NOT show: exclusivity of other refs and requirements, nor that losers got 409
(conflict_status shows that). Tables that a recorded operation rewrote are left out: after a
rollback a parent may legally have a second child.
"""

from __future__ import annotations

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, groups, ints
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.record.history import NO_ASSERTION, NULL_PARENT
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "cas_exclusivity"
HARM = Harm.TORN
ON_NULL = "commits that assert a null parent, as another winning commit of the table does"
ON_ONE_PARENT = "commits that assert a parent which another winning commit asserts too"


def check(history: History) -> Verdict:
    """Count the winners of each parent, and compare each winner with its place in the chain."""
    model = model_of(history)
    problems = Anomalies(history)
    rows, asserted = _asserting(model)
    contested, null_contested = _contested(model, rows)
    winners = _winners(model, rows)
    group, size = groups(model.tables.tid[winners], ints(model.ops["parent"][winners]))
    doubled = winners[size[group] > 1] if len(winners) else winners
    null = model.ops["parent"][doubled] == NULL_PARENT
    for row, is_null in zip(doubled.tolist(), null.tolist(), strict=True):
        name = model.tables.name(history, int(model.tables.tid[row]))
        problems.add(ON_NULL if is_null else ON_ONE_PARENT, row, table=name)
    for sort, rows in ((ON_NULL, doubled[null]), (ON_ONE_PARENT, doubled[~null])):
        _say_lost(problems, model, sort, rows)
    _standing(problems, model, winners)
    null_text = "" if null_contested else "; no null parent was contested"
    return conclude(
        NAME,
        problems,
        judged=len(winners),
        good=f"{counted(contested, 'contested parent')} ({null_contested:,} of them null), "
        f"and none has two winners{null_text}",
        bad=f"some of {counted(len(winners), 'winning commit')} did not exclude each other",
        too_little="" if contested else "no two commits asserted the same parent of a table",
        measures=(
            Measure(
                name="sharing a parent",
                value=len(doubled),
                unit="commits",
                of=len(winners),
                shown="{value} of {of} share a parent",
            ),
        ),
        facts={
            "asserting": asserted,
            "winners": len(winners),
            "contested_parents": contested,
            "contested_null_parents": null_contested,
        },
    )


def _asserting(model: Model) -> tuple[Ints, int]:
    """Appends that were sent, that assert a parent, and whose table is known and was not
    rewritten.
    """
    ops, tid = model.ops, model.tables.tid
    rows = model.tables.appends
    rows = rows[(ops["parent"][rows] != NO_ASSERTION) & (ops["sent_ns"][rows] > 0)]
    asserted = len(rows)
    rows = rows[tid[rows] >= 0]
    return rows[~model.tables.rewritten[tid[rows]]], asserted


def _contested(model: Model, rows: Ints) -> tuple[int, int]:
    """(parents asserted by several different commits, how many of them are null)."""
    if not len(rows):
        return 0, 0
    parent = ints(model.ops["parent"][rows])
    group, size = groups(model.tables.tid[rows], parent)
    null = np.unique(group[parent == NULL_PARENT])
    return int((size > 1).sum()), int((size[null] > 1).sum())


def _winners(model: Model, rows: Ints) -> Ints:
    """Acknowledged commits, and those of unknown outcome that are in the chain."""
    ops, outcome = model.ops, model.tables.outcome[rows]
    state = model.chains.find(model.tables.tid[rows], ints(ops["value"][rows]))
    landed = (outcome == Outcome.INFO) & (state >= 0)
    # Several operations tried the same snapshot id: which of them was applied is unknown.
    fair = model.tables.appends[model.tables.outcome[model.tables.appends] != Outcome.FAIL]
    group, size = groups(model.tables.tid[fair], ints(ops["value"][fair]))
    landed &= ~np.isin(rows, fair[size[group] > 1])
    winners = rows[(outcome == Outcome.OK) | landed]
    pairs = np.stack((model.tables.tid[winners], ints(ops["value"][winners])))
    _, first = np.unique(pairs, axis=1, return_index=True)
    return ints(winners[np.sort(first)])


def _say_lost(problems: Anomalies, model: Model, sort: str, rows: Ints) -> None:
    """Where at most one of the winners on each parent is in the final chain, the others are
    lost."""
    tid, chains = model.tables.tid[rows], model.chains
    there = chains.find(tid, ints(model.ops["value"][rows])) >= 0
    _, size = groups(tid[there], ints(model.ops["parent"][rows[there]]))
    if not len(rows) or not chains.judged[tid].all() or (size > 1).any():
        return
    for row in rows[~there].tolist():
        problems.lose(sort, row)


def _standing(problems: Anomalies, model: Model, winners: Ints) -> None:
    """Each winner in the chain must stand on the parent that it asserted."""
    ops, chains = model.ops, model.chains
    state = chains.find(model.tables.tid[winners], ints(ops["value"][winners]))
    placed = (state >= 0) & chains.judged[model.tables.tid[winners]]
    rows, state = winners[placed], state[placed]
    before = chains.snapshot[state - 1]
    wrong = before != ints(ops["parent"][rows])
    for row, real in zip(rows[wrong].tolist(), before[wrong].tolist(), strict=True):
        problems.add(
            "the commit stands in the chain on another snapshot than it asserted",
            row,
            stands_on=None if real == NULL_PARENT else real,
        )
