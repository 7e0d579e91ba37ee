"""No acknowledged commit is lost: its snapshot is in its table's final chain, on some node.

Claim: each commit that was answered 2xx is in the chain of main that the reads after the load show
(without an audit: the last full read), or a recorded drop, rollback or expiry removed it.
Method: each acknowledged id is looked up in the final chains of its table, by the table's uuid. If
all nodes answer 404 for a table that no recorded operation can have removed, all its commits are
lost.
Minimal evidence: one acknowledged snapshot with a full read of its table that was sent after its
answer. A pass becomes unknown if the table of any acknowledged snapshot was not read in full later.
What it does NOT show: that every node shows the snapshot (real_time and chain_integrity show that),
nor anything about creations, drops and renames (still_readable shows those).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.causes import LOST_COMMIT
from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import MISSING, Ints, Mask, ints
from analysis.checkers._existence import definite_404, existence_of
from analysis.checkers._facts import FullRead
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "lost_acknowledgement"
NOT_IN_CHAIN = "an acknowledged commit is missing from its table's final chain"
TABLE_GONE = "an acknowledged commit's table is gone"
HARM = Harm.LOST


@dataclass(frozen=True, slots=True)
class _Finals:
    """Per table: the ids in its final chains, and when the last of the reads behind them
    was sent; last: that read's row.
    """

    ids: dict[int, set[int]]
    sent_ns: Ints
    last: dict[int, int]


def check(history: History) -> Verdict:
    """Look for each acknowledged snapshot."""
    model = model_of(history)
    problems = Anomalies(history, causes={NOT_IN_CHAIN: LOST_COMMIT})
    ops, tables = model.ops, model.tables
    rows = tables.appends[tables.outcome[tables.appends] == Outcome.OK]
    unassigned = int((tables.tid[rows] < 0).sum())
    rows = rows[tables.tid[rows] >= 0]
    finals = _finals(model)
    tid = tables.tid[rows]
    there = np.array(
        [
            value in finals.ids.get(one, ())
            for one, value in zip(tid.tolist(), ops["value"][rows].tolist(), strict=True)
        ],
        dtype=np.bool_,
    )
    looked = finals.sent_ns[tid] >= ints(ops["completed_ns"][rows])
    gone = _gone(model)[tid]
    excused = tables.dropped[tid] | _moved(model)[tid] | _expired(model, rows)
    lost = ~there & (looked | gone) & ~excused
    _say(problems, model, rows[lost], gone[lost], finals.last)
    judged = int((there | lost).sum())
    unseen = int((~there & ~looked & ~gone & ~excused).sum()) + unassigned
    left_out = int((~there & excused).sum())
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"all {counted(judged, 'acknowledged snapshot')} are in a final chain"
        + (
            f" ({left_out:,} more were removed by a recorded drop, rollback or expiry)"
            if left_out
            else ""
        ),
        bad=f"some of {counted(judged, 'acknowledged snapshot')} are in no final chain",
        too_little=_too_little(judged, unseen),
        measures=(
            Measure(
                name="lost",
                value=int(lost.sum()),
                unit="snapshots",
                of=judged,
                shown="{value} lost",
            ),
        ),
        facts={
            "judged": judged,
            "lost": int(lost.sum()),
            "not_looked_for": unseen,
            "left_by_record": left_out,
        },
    )


def _too_little(judged: int, unseen: int) -> str:
    if unseen:
        return (
            f"{counted(unseen, 'acknowledged snapshot')} could not be looked for: their tables "
            "were not read in full afterwards, or it is unknown to which table they were added"
        )
    return "" if judged else "no table with an acknowledged snapshot was read in full afterwards"


def _finals(model: Model) -> _Finals:
    """The audit's chains of each table; without an audit the last full read of each node."""
    ops = model.ops
    chosen: dict[int, dict[int, FullRead]] = {}
    audited: dict[int, list[FullRead]] = {}
    for read in model.facts.reads:
        tid, node = int(model.tables.tid[read.row]), int(ops["node"][read.row])
        if tid < 0:
            continue
        if model.audit[read.row]:
            audited.setdefault(tid, []).append(read)
        own = chosen.setdefault(tid, {})
        if node not in own or ops["sent_ns"][own[node].row] < ops["sent_ns"][read.row]:
            own[node] = read
    ids: dict[int, set[int]] = {}
    sent = np.full(len(model.tables), MISSING, dtype=np.int64)
    last: dict[int, int] = {}
    for tid, latest in chosen.items():
        for read in audited.get(tid) or latest.values():
            ids.setdefault(tid, set()).update(read.chain)
            if int(ops["sent_ns"][read.row]) >= int(sent[tid]):
                sent[tid], last[tid] = int(ops["sent_ns"][read.row]), read.row
    return _Finals(ids, sent, last)


def _gone(model: Model) -> Mask:
    """Tables that are 404 under every name in the audit, on every node that answered, without a
    removal.
    """
    ops = model.ops
    missing = definite_404(model)
    missing = missing[model.audit[missing]]
    lost = missing[existence_of(model).lost(missing)]
    shown = {int(model.tables.tid[row]) for row in model.reads if model.audit[row]}
    gone = np.zeros(len(model.tables), dtype=np.bool_)
    lost_keys = set(ops["key"][lost].tolist())
    for tid, keys in enumerate(model.tables.keys_of):
        # A table that some node still shows is not gone: that node's chain decides.
        gone[tid] = bool(keys) and tid not in shown and keys <= lost_keys
    return gone


def _moved(model: Model) -> Mask:
    """Tables on which a recorded operation moved main back."""
    moved = np.zeros(len(model.tables), dtype=np.bool_)
    for rewrite in model.facts.rewrites:
        if rewrite.rolled_back and model.tables.outcome[rewrite.row] != Outcome.FAIL:
            tid, key = (
                int(model.tables.tid[rewrite.row]),
                int(model.ops["key"][rewrite.row]),
            )
            named = [one for one, keys in enumerate(model.tables.keys_of) if key in keys]
            moved[[tid] if tid >= 0 else named] = True
    return moved


def _expired(model: Model, rows: Ints) -> Mask:
    """Rows whose snapshot a recorded expiry removed."""
    expired: set[tuple[int, int]] = set()
    for rewrite in model.facts.rewrites:
        if model.tables.outcome[rewrite.row] != Outcome.FAIL:
            tid = int(model.tables.tid[rewrite.row])
            expired.update((tid, one) for one in rewrite.expired)
    pairs = zip(model.tables.tid[rows].tolist(), model.ops["value"][rows].tolist(), strict=True)
    return np.array([pair in expired for pair in pairs], dtype=np.bool_)


def _say(problems: Anomalies, model: Model, rows: Ints, gone: Mask, last: dict[int, int]) -> None:
    for row, table_gone in zip(rows.tolist(), gone.tolist(), strict=True):
        tid = int(model.tables.tid[row])
        sort = TABLE_GONE if table_gone else NOT_IN_CHAIN
        facts = {"read": model.history.op_id(last[tid])} if tid in last else {}
        problems.lose(sort, row)
        problems.add(sort, row, table=model.tables.name(model.history, tid), **facts)
