"""A read whose head is h shows exactly the commits up to h: no mixture, no dead branch.

Claim: each read of a table shows a prefix of the table's final order. Its head is in the final
chain, its rolling hash is that of the prefix, and its number of snapshots is the head's position.
The answer to an acknowledged commit also shows a prefix, which ends at or after the commit's
position.
Method: (table, head) -> position once, then one comparison of hashes for each read. A read whose
body was not parsed (hash 0) is judged by its head alone; so is each read of a catalog that shows a
table's newest snapshot only.
Minimal evidence: one read with a hash, of a table with at least one commit in the chain.
What it does NOT show: whether the prefix was current at that time (real_time shows that). Left out
and counted: tables whose chain is not known from its root, or that a recorded operation rewrote;
heads that may have been applied after the read that the final chain comes from.
"""

from __future__ import annotations

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, PairIndex, ints
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "prefix_reads"
HARM = Harm.CLIENTS


def check(history: History) -> Verdict:
    """Compare every read with the prefix that belongs to its head."""
    model = model_of(history)
    problems = Anomalies(history)
    tid = model.tables.tid[model.reads]
    use = model.chains.judged[tid]
    rows, state = model.reads[use], model.read_state[use]
    off_chain, open_heads = _off_chain(problems, model, rows[state < 0])
    hashed = _on_chain(problems, model, rows[state >= 0], state[state >= 0])
    answers = _answers(problems, model)
    judged = int((state >= 0).sum()) + off_chain
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"all {counted(judged, 'read')} show a prefix of their table's order "
        f"({hashed:,} compared by hash, and {answers:,} answers to commits)",
        bad=f"some of {counted(judged, 'read')} do not show a prefix of their table's order",
        too_little=""
        if hashed or (history.newest_only and judged)
        else "no read of a table with commits was recorded with the hash of its chain",
        facts={
            "reads": judged,
            "compared_by_hash": hashed,
            "answers_to_commits": answers,
            "heads_not_judged": open_heads,
            "reads_left_out": int((~use).sum()),
        },
    )


def _off_chain(problems: Anomalies, model: Model, rows: Ints) -> tuple[int, int]:
    """Reads whose head is not in the chain: (judged, left open because the head may be newer)."""
    done = ints(model.ops["completed_ns"][rows])
    basis_ns = model.chains.basis_ns[model.tables.tid[rows]]
    # A head shown before the chain was read must be in the chain: a chain only grows.
    dead = done < basis_ns
    for row in rows[dead].tolist():
        name = model.tables.name(model.history, int(model.tables.tid[row]))
        problems.add("the head is not in the table's final chain", row, table=name)
    return int(dead.sum()), int((~dead).sum())


def _on_chain(problems: Anomalies, model: Model, rows: Ints, state: Ints) -> int:
    """Compare hash and count of each read with those of its head; returns how many had a hash."""
    ops, chains = model.ops, model.chains
    chain, count = ops["chain"][rows], ints(ops["parent"][rows])
    position = chains.position[state]
    computed = (chain != 0) & (position > 0)
    wrong = computed & (chain != chains.hash[state]) | (position == 0) & (chain != 0)
    problems.add_all("the read shows another chain than the one that ends at its head", rows[wrong])
    # An empty table has hash 0, computed or not: there only a positive count is evidence.
    said = (computed | (position == 0) & (count > 0)) & ~wrong
    problems.add_all(
        "the read shows another number of snapshots than the head's position",
        rows[said & (count != position)],
    )
    return int(computed.sum())


def _answers(problems: Anomalies, model: Model) -> int:
    """Answers to acknowledged commits: each shows a prefix, and the prefix holds the commit."""
    ops, chains, tables = model.ops, model.chains, model.tables
    commits = model.history.of_operation("updateTable") & (tables.outcome == Outcome.OK)
    rows = np.flatnonzero(commits & (ops["chain"] != 0) & (tables.tid >= 0))
    tid = tables.tid[rows]
    rows = rows[chains.judged[tid] & (ints(ops["completed_ns"][rows]) < chains.basis_ns[tid])]
    tid = tables.tid[rows]
    by_hash = PairIndex.of(chains.tid, chains.hash.view(np.int64))
    shown = by_hash.find(tid, ops["chain"][rows].view(np.int64))
    own = np.where(np.isin(rows, tables.appends), chains.find(tid, ints(ops["value"][rows])), -1)
    # A commit that is in no chain is lost; lost_acknowledgement reports it.
    appended = np.isin(rows, tables.appends)
    here = (own >= 0) | ~appended
    problems.add_all("the answer to a commit shows no prefix", rows[here & (shown < 0)])
    problems.add_all(
        "the answer to a commit shows a state before that commit",
        rows[(own >= 0) & (shown >= 0) & (shown < own)],
    )
    return int(here.sum())
