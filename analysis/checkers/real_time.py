"""No stale reads: a read shows at least the state that was known before it was sent, on any node.

Claim: if a commit was acknowledged, or a read showed it, then every read of the table that is sent
later shows that commit or a later one, in every session and on every node. (This includes
read-your-writes and monotonic reads.) A name whose creation was acknowledged does not get 404
later, and a dropped table is not shown later, unless a recorded operation explains it.
Method: per table, the highest position known when each read was sent (prefix maximum over
completions), and one comparison for each read.
Minimal evidence: one read by a session of a state whose last commit another node acknowledged. The
audit alone does not count, because it reads after the system has come to rest.
What it does NOT show: staleness that ends before any read. All times come from one machine's clock;
times closer than its resolution count as simultaneous. The staleness in the evidence is a lower
bound: how long the first missed commit had been known when the read was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import (
    MISSING,
    Ints,
    Mask,
    following_min,
    ints,
    latest_before,
)
from analysis.checkers._existence import definite_404, existence_of, shown_tables
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.verdict import Verdict

NAME = "real_time"
HARM = Harm.CLIENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reads:
    """Placed reads: their state, and the highest state known when each was sent (MISSING: none)."""

    row: Ints
    state: Ints
    known: Ints
    acked: Ints

    @property
    def stale(self) -> Mask:
        mask: Mask = self.known > self.state
        return mask


def check(history: History) -> Verdict:
    """Compare each read with the state that was known before it was sent."""
    model = model_of(history)
    problems = Anomalies(history)
    reads = _placed(model)
    first_known = _first_known(model, reads)
    _stale(problems, model, reads, first_known)
    names = _names(problems, model)
    across, pairs = _pairs(model, reads, first_known)
    judged = int((reads.known > MISSING).sum())
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"{counted(judged, 'read')} show every commit that was known before them "
        f"({across:,} of them a commit that another node acknowledged), and so do "
        f"{counted(names, 'answer')} about names",
        bad=f"of {counted(judged, 'read')} and {counted(names, 'answer')} about names some "
        "are stale",
        too_little=""
        if across
        else "no session read through another node than the one that had "
        "acknowledged the last commit",
        measures=(
            Measure(
                name="stale", value=int(reads.stale.sum()), unit="reads", shown="{value} stale"
            ),
        ),
        facts={
            "judged": judged,
            "stale": int(reads.stale.sum()),
            "across_nodes": across,
            "answers_about_names": names,
            "by_nodes": pairs,
        },
    )


def _placed(model: Model) -> _Reads:
    ops, chains = model.ops, model.chains
    use = model.read_state >= 0
    use[use] = chains.judged[chains.tid[model.read_state[use]]]
    row, state = model.reads[use], model.read_state[use]
    tid = chains.tid[state]
    query = (tid, ints(ops["sent_ns"][row]))
    acked = np.flatnonzero((chains.acked_ns < np.iinfo(np.int64).max) & chains.judged[chains.tid])
    commits = (chains.tid[acked], chains.acked_ns[acked], acked)
    # States are numbered table by table, so that a higher state is a later one of the same table.
    seen = (
        np.concatenate((commits[0], tid)),
        np.concatenate((commits[1], ints(ops["completed_ns"][row]))),
        np.concatenate((commits[2], state)),
    )
    return _Reads(
        row=row, state=state, known=latest_before(seen, query), acked=latest_before(commits, query)
    )


def _first_known(model: Model, reads: _Reads) -> Ints:
    """Per state, when an answer first acknowledged or showed it or a later state."""
    first = model.chains.acked_ns.copy()
    np.minimum.at(first, reads.state, ints(model.ops["completed_ns"][reads.row]))
    return following_min(model.chains.tid, first)


def _staleness(model: Model, reads: _Reads, first_known: Ints, which: Ints) -> Ints:
    """For each stale read, how long the first missed commit had been known, in ns."""
    sent = ints(model.ops["sent_ns"][reads.row[which]])
    return sent - first_known[reads.state[which] + 1]


def _stale(problems: Anomalies, model: Model, reads: _Reads, first_known: Ints) -> None:
    ops, chains = model.ops, model.chains
    which = np.flatnonzero(reads.stale)
    age = _staleness(model, reads, first_known, which)
    for at, age_ns in zip(which.tolist(), age.tolist(), strict=True):
        row, known, acked = int(reads.row[at]), int(reads.known[at]), int(reads.acked[at])
        writer = int(chains.row[acked]) if acked > reads.state[at] else -1
        if writer < 0:
            sort = "a read shows an older state than an earlier read"
        elif ops["session"][writer] == ops["session"][row]:
            sort = "a session does not read its own acknowledged write"
        elif ops["node"][writer] == ops["node"][row]:
            sort = "a read misses a commit that its own node had acknowledged"
        else:
            sort = "a read misses a commit that another node had acknowledged"
        problems.add(
            sort,
            row,
            shown_position=int(chains.position[reads.state[at]]),
            known_position=int(chains.position[known]),
            stale_ms=round(age_ns / 1e6, 3),
            missed=model.history.op_id(writer) if writer >= 0 else "",
        )


def _pairs(model: Model, reads: _Reads, first_known: Ints) -> tuple[int, list[dict[str, Any]]]:
    """(session reads across nodes, figures for each pair of writer's and reader's node)."""
    ops, chains = model.ops, model.chains
    has = reads.acked > MISSING
    has[has] = chains.row[reads.acked[has]] >= 0
    which = np.flatnonzero(has)
    writer = ints(ops["node"][chains.row[reads.acked[which]]])
    reader = ints(ops["node"][reads.row[which]])
    stale = reads.stale[which]
    across = int(((writer != reader) & ~model.audit[reads.row[which]]).sum())
    pairs = []
    for pair in np.unique(writer * 256 + reader).tolist():
        own = writer * 256 + reader == pair
        age = _staleness(model, reads, first_known, which[own & stale]) / 1e6
        figures = {
            "writer": pair // 256,
            "reader": pair % 256,
            "reads": int(own.sum()),
            "stale": len(age),
        }
        if len(age):
            p50, p99 = np.percentile(age, [50, 99]).tolist()
            figures |= {
                "p50_ms": round(p50, 3),
                "p99_ms": round(p99, 3),
                "max_ms": round(float(age.max()), 3),
            }
        pairs.append(figures)
    return across, pairs


def _names(problems: Anomalies, model: Model) -> int:
    """Report 404 for a name known to exist, and tables shown after their drop; phantom judges
    refusals.
    """
    existence = existence_of(model)
    missing, shown = definite_404(model), shown_tables(model)
    lost = missing[existence.lost(missing)]
    lost = lost[~existence.refused_since(lost, existence.present, existence.removers)]
    problems.add_all("404 for a name that was known to exist", lost)
    ghosts = shown[existence.ghosts(shown)]
    ghosts = ghosts[~existence.refused_since(ghosts, existence.absent, existence.makers)]
    problems.add_all("a read shows a table that was known not to exist", ghosts)
    return len(missing) + len(shown)
