"""No table is shut for good: a commit that asserts the table's true state succeeds in the end.

Claim: no table refuses commits with 409 again and again (TRIES_LEAST times over SPAN_LEAST)
although all of them assert the state that main certainly had while they were under way, and no
other operation changes the table.
Method: each refused commit is placed on the table's chain. A refusal is needless if the asserted
state was known before the commit was sent, and the next commit was not sent before the refusal. One
needless refusal proves nothing (a lock may be held for a moment). A run of them does, if meanwhile
no commit was acknowledged, and no commit of unknown outcome ended less than GRACE before.
Minimal evidence: one refused commit whose asserted state is on the chain.
What it does NOT show: tables that answer 5xx for ever (recovery shows those), and tables that no
session tried to commit to.
"""

from __future__ import annotations

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import FOREVER, MISSING, Ints, ints
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.record.history import NO_ASSERTION
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.operation import COMMITS
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "progress"
HARM = Harm.UNAVAILABLE
TRIES_LEAST = 5
SPAN_LEAST_NS = 3_000_000_000
GRACE_NS = 5_000_000_000


def check(history: History) -> Verdict:
    """Find runs of needless refusals in each table."""
    model = model_of(history)
    problems = Anomalies(history)
    placed, needless = _refusals(model)
    tid = model.tables.tid[needless]
    for one in np.unique(tid).tolist():
        for run in _runs(model, one, needless[tid == one]):
            first, last = run[0], run[-1]
            took_s = (int(model.ops["sent_ns"][last]) - int(model.ops["sent_ns"][first])) / 1e9
            if len(run) >= TRIES_LEAST and took_s * 1e9 >= SPAN_LEAST_NS:
                problems.add(
                    "a table refuses every commit although each asserts the current state",
                    first,
                    table=model.tables.name(history, one),
                    refused=len(run),
                    over_s=round(took_s, 3),
                    last=history.op_id(last),
                )
    return conclude(
        NAME,
        problems,
        judged=len(placed),
        good=f"of {counted(len(placed), 'refused commit')} {len(needless):,} asserted the state "
        "that was certainly current, and no table went on refusing such commits",
        bad=f"of {counted(len(placed), 'refused commit')} {len(needless):,} asserted the state "
        "that was certainly current",
        too_little="" if len(placed) else "no refused commit can be placed on its table's chain",
        measures=(
            Measure(
                name="shut",
                value=sum(problems.counts.values()),
                unit="stretches",
                shown="{value} shut",
            ),
        ),
        facts={"refused": len(placed), "without_need": len(needless)},
    )


def _refusals(model: Model) -> tuple[Ints, Ints]:
    """(rows of 409 whose asserted state is known, those of them that were needless)."""
    ops, chains, tables = model.ops, model.chains, model.tables
    rows = tables.appends
    use = (tables.outcome[rows] == Outcome.FAIL) & (ops["status"][rows] == 409)
    use &= (ops["parent"][rows] != NO_ASSERTION) & (tables.tid[rows] >= 0)
    rows = rows[use]
    rows = rows[chains.judged[tables.tid[rows]]]
    state = chains.find(tables.tid[rows], ints(ops["parent"][rows]))
    rows, state = rows[state >= 0], state[state >= 0]
    after = np.minimum(state + 1, len(chains.tid) - 1)
    follows = (after > state) & (chains.tid[after] == chains.tid[state])
    replaced = np.where(follows, chains.invoke_ns[after], FOREVER)
    known = _known(model)[state] < ints(ops["sent_ns"][rows])
    return rows, rows[known & (replaced > ints(ops["completed_ns"][rows]))]


def _known(model: Model) -> Ints:
    """Per state, when an answer first acknowledged or showed it; for the empty state, the table."""
    chains, ops = model.chains, model.ops
    known = chains.acked_ns.copy()
    placed = model.read_state >= 0
    shown = ints(ops["completed_ns"][model.reads[placed]])
    np.minimum.at(known, model.read_state[placed], shown)
    made = model.history.of_operation("createTable") & (model.tables.outcome == Outcome.OK)
    for row in np.flatnonzero(made & (model.tables.tid >= 0)).tolist():
        start = int(chains.start[model.tables.tid[row]])
        known[start] = min(int(known[start]), int(ops["completed_ns"][row]))
    return np.where(known == MISSING, FOREVER, known)


def _runs(model: Model, tid: int, rows: Ints) -> list[list[int]]:
    """Runs of refusals of one table between which no other operation can have changed it."""
    ops, outcome = model.ops, model.tables.outcome
    rows = rows[np.argsort(ops["sent_ns"][rows], kind="stable")]
    others = np.flatnonzero(
        model.history.of_operation(*COMMITS, "dropTable", "renameTable")
        & (model.tables.tid == tid)
        & (outcome != Outcome.FAIL)
    )
    begun = ints(ops["sent_ns"][others])
    ended = ints(ops["completed_ns"][others])
    ended = ended + np.where(outcome[others] == Outcome.INFO, GRACE_NS, 0)
    runs: list[list[int]] = [[]]
    for row in rows.tolist():
        sent, done = int(ops["sent_ns"][row]), int(ops["completed_ns"][row])
        start = int(ops["sent_ns"][runs[-1][-1]]) if runs[-1] else sent
        if bool(((begun <= done) & (ended >= start)).any()):
            runs.append([])
            if bool(((begun <= done) & (ended >= sent)).any()):
                continue
        runs[-1].append(row)
    return [run for run in runs if run]
