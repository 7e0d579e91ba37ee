"""A transaction over several tables is applied to all of them or to none, at one instant.

Claim: if the snapshot that a transaction adds to one of its tables is in that table's final chain,
the snapshots of its other tables are in theirs. From the first answer on that showed one of them,
every read of the other tables that is sent later shows theirs, until the transaction is answered:
a read that is stale afterwards is real_time's to report.
Example: a transaction adds a1 to table A and b1 to table B. A read shows a1 at 10 ms; a read of B
that is sent at 12 ms, before the transaction's answer at 20 ms, must show b1.
Method: each transaction has one record for each table (seen.jsonl names them). Reads are placed on
the chains by their heads.
Minimal evidence: one transaction of which a read showed a part. A history without transactions, of
a catalog that does not offer them, has nothing to judge.
What it does NOT show: transactions whose tables were dropped, renamed or rewritten meanwhile, which
are left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import FOREVER, Ints, ints
from analysis.checkers._model import Model, model_of
from analysis.checkers._visible_effects import first_sight
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Judgement, Verdict

NAME = "transactions"
HARM = Harm.TORN


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One table of a transaction. state: of its snapshot in the final chain, -1 if it is not there.
    seen_ns: when an answer first showed the snapshot, FOREVER for never.
    """

    row: int
    tid: int
    state: int
    seen_ns: int


def check(history: History) -> Verdict:
    """Compare the parts of each transaction with each other and with the reads between them."""
    model = model_of(history)
    problems = Anomalies(history)
    transactions = [rows for rows in model.facts.transactions if len(rows) > 1]
    if not transactions:
        reason = "no transaction over several tables was sent: the catalog does not offer them"
        return replace(
            Verdict(name=NAME, judgement=Judgement.UNKNOWN, reason=reason), applies=False
        )
    applied = refused = 0
    reads, last_ns = _reads_by_table(model), _last_full_reads(model)
    parts_of = _parts(model, transactions)
    for parts in parts_of:
        seen_ns = min(part.seen_ns for part in parts)
        if all(part.state < 0 for part in parts):
            refused += 1
            continue
        if seen_ns == FOREVER:
            continue
        applied += 1
        if not _torn(problems, model, parts, last_ns, seen_ns):
            _early(problems, model, parts, reads, seen_ns)
    left_out = len(transactions) - len(parts_of)
    return conclude(
        NAME,
        problems,
        judged=applied,
        good=f"{counted(applied, 'transaction')} took effect on all of their tables at one "
        f"instant, {refused:,} on none",
        bad=f"of {counted(applied, 'transaction')} that took effect some did so in parts",
        too_little="" if applied else "no transaction was seen to take effect",
        facts={
            "transactions": len(transactions),
            "applied": applied,
            "without_effect": refused,
            "left_out": left_out,
        },
    )


def _parts(model: Model, transactions: list[tuple[int, ...]]) -> list[list[_Part]]:
    """The parts of each transaction all of whose tables have a known order."""
    rows = ints([row for members in transactions for row in members])
    tid = model.tables.tid[rows]
    state = model.chains.find(tid, ints(model.ops["value"][rows]))
    sight = first_sight(model, rows)
    done = ints(model.ops["completed_ns"])
    seen = np.where(sight >= 0, done[sight], FOREVER)
    known = (tid >= 0) & model.chains.judged[tid] & ~model.tables.dropped[tid]
    found, at = [], 0
    for members in transactions:
        span = slice(at, at + len(members))
        at += len(members)
        if known[span].all():
            found.append(
                [
                    _Part(row=row, tid=one, state=where, seen_ns=when)
                    for row, one, where, when in zip(
                        members,
                        tid[span].tolist(),
                        state[span].tolist(),
                        seen[span].tolist(),
                        strict=True,
                    )
                ]
            )
    return found


def _torn(
    problems: Anomalies, model: Model, parts: list[_Part], last_ns: dict[int, int], seen_ns: int
) -> bool:
    """Whether a part is missing from its table, read in full after another part was seen."""
    missing = [part for part in parts if part.state < 0 and last_ns.get(part.tid, -1) > seen_ns]
    if not missing:
        return False
    there = next(part for part in parts if part.seen_ns == seen_ns)
    problems.add(
        "a transaction took effect on one table and never on another",
        missing[0].row,
        applied_to=model.tables.name(model.history, there.tid),
        missing_from=model.tables.name(model.history, missing[0].tid),
    )
    return True


def _early(
    problems: Anomalies,
    model: Model,
    parts: list[_Part],
    reads: dict[int, tuple[Ints, Ints, Ints]],
    seen_ns: int,
) -> None:
    """Reads of one table without the transaction, sent after another table had shown it."""
    first = parts[0].row
    answered = model.tables.outcome[first] == Outcome.OK
    until_ns = int(model.ops["completed_ns"][first]) if answered else FOREVER
    position = model.chains.position
    there = next(part for part in parts if part.seen_ns == seen_ns)
    for part in parts:
        rows, sent, state = reads.get(part.tid, (ints([]),) * 3)
        low = int(np.searchsorted(sent, seen_ns, side="right"))
        high = int(np.searchsorted(sent, until_ns, side="left"))
        if part.state < 0 or low >= high:
            continue
        before = position[state[low:high]] < position[part.state]
        if before.any():
            problems.add(
                "a transaction was seen on one table before it could be seen on another",
                int(rows[low:high][before][0]),
                seen_on=model.tables.name(model.history, there.tid),
                not_yet_on=model.tables.name(model.history, part.tid),
                transaction=model.history.op_id(first),
            )
            return


def _last_full_reads(model: Model) -> dict[int, int]:
    """tid -> when its last full read was sent."""
    found: dict[int, int] = {}
    for read in model.facts.reads:
        tid, sent = int(model.tables.tid[read.row]), int(model.ops["sent_ns"][read.row])
        found[tid] = max(found.get(tid, -1), sent)
    return found


def _reads_by_table(model: Model) -> dict[int, tuple[Ints, Ints, Ints]]:
    """tid -> (rows, instants of sending, states) of its reads that lie on the chain, by instant."""
    placed = model.read_state >= 0
    rows, state = model.reads[placed], model.read_state[placed]
    sent = ints(model.ops["sent_ns"][rows])
    tid = model.tables.tid[rows]
    order = np.lexsort((sent, tid))
    rows, state, sent, tid = rows[order], state[order], sent[order], tid[order]
    found = {}
    for one in np.unique(tid).tolist():
        low, high = np.searchsorted(tid, [one, one + 1])
        found[one] = (rows[low:high], sent[low:high], state[low:high])
    return found
