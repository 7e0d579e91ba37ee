"""The commits and reads of each table fit into real time, in the only order that the chain allows.

Claim: every commit of the chain can be given an instant between its invocation and its completion,
in the order of the chain, and every read of head h an instant between that of commit h and that of
the next commit.
Method: the chain fixes the order, so the greedy choice is exact. c(i) is the latest of c(i-1), the
invocation of the i-th commit, and the invocations of all reads that did not show it yet. c(i) must
not be after the commit's completion, nor after the completion of any read that shows the commit.
Example: commit 2 was acknowledged at 5 s; a read sent at 6 s shows commit 1 as the head: no fit. A
commit of unknown outcome has no completion: it may be applied at any time.
Minimal evidence: one table with a commit of this history on the chain, and a read on the chain.
What it does NOT show: reads off the chain (prefix_reads), and commits in no chain
(lost_acknowledgement). Left out: tables that are not known from their root, or that a recorded
operation rewrote.
"""

from __future__ import annotations

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, running_max
from analysis.checkers._commit_bounds import Bounds, bounds_of
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.verdict import Verdict

NAME = "linearizability"
HARM = Harm.TORN


def check(history: History) -> Verdict:
    """Choose the earliest instants in the chain's order, and see whether all operations fit."""
    model = model_of(history)
    problems = Anomalies(history)
    chains = model.chains
    bounds = bounds_of(model)
    instant = running_max(chains.tid, bounds.earliest)
    judged_state = chains.judged[chains.tid] if len(chains.tid) else np.zeros(0, dtype=np.bool_)
    late = np.flatnonzero(judged_state & (instant > bounds.latest))
    for state in late.tolist():
        _explain(problems, model, bounds, instant, state)
    use = model.read_state >= 0
    reads = int(chains.judged[chains.tid[model.read_state[use]]].sum())
    writes = int((judged_state & (chains.row >= 0)).sum())
    return conclude(
        NAME,
        problems,
        judged=reads + writes,
        good=f"{counted(writes, 'commit')} and {counted(reads, 'read')} fit into one order in "
        "real time",
        bad=f"{counted(writes, 'commit')} and {counted(reads, 'read')} fit into no order in real "
        "time",
        too_little=""
        if reads and writes
        else "no table has both commits and reads that can be placed on its chain",
        facts={"commits": writes, "reads": reads},
    )


def _explain(problems: Anomalies, model: Model, bounds: Bounds, instant: Ints, state: int) -> None:
    """Name the two operations that do not fit together."""
    chains = model.chains
    first = int(chains.start[chains.tid[state]])
    cause = first + int(np.argmax(bounds.earliest[first : state + 1]))
    late_row, held_row = int(bounds.latest_row[state]), int(bounds.earliest_row[cause])
    facts = {
        "table": model.tables.name(model.history, int(chains.tid[state])),
        "position": int(chains.position[state]),
        "late_by_ms": round((int(instant[state]) - int(bounds.latest[state])) / 1e6, 3),
        "not_before": model.history.op_id(held_row) if held_row >= 0 else "",
    }
    by_read = held_row >= 0 and held_row != int(chains.row[cause])
    if by_read:
        sort = "a read shows a state that had ended before the read was sent"
    elif cause == state:
        sort = "a commit was visible before it was sent"
    else:
        sort = "two commits stand in the chain against their order in time"
    problems.add(sort, late_row if late_row >= 0 else held_row, **facts)
