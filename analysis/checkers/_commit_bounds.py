"""The earliest and the latest instant at which each commit of a chain can have taken effect.

Claim: a commit took effect after it was sent, and after every read was sent that did not show it
yet. It took effect before it was acknowledged, and before any read was answered that shows it.
Example: sent at 1.0 s, acknowledged at 1.5 s, missing in a read sent at 1.2 s: between 1.2 and 1.5
s. Each bound is exact for the commit taken alone. The order of the chain tightens the bounds
further; the checker linearizability does that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.checkers._columns import FOREVER, MISSING, Ints, ints
from analysis.checkers._model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Per state, its commit's earliest and latest instant, and the rows that these bounds come
    from.
    """

    earliest: Ints
    earliest_row: Ints
    latest: Ints
    latest_row: Ints


def bounds_of(model: Model) -> Bounds:
    """Invocation and acknowledgement of each commit, tightened by the reads around them."""
    ops, chains = model.ops, model.chains
    use = model.read_state >= 0
    rows, state = model.reads[use], model.read_state[use]
    sent, done = ints(ops["sent_ns"][rows]), ints(ops["completed_ns"][rows])
    earliest, latest = chains.invoke_ns.copy(), chains.acked_ns.copy()
    earliest_row, latest_row = chains.row.copy(), chains.row.copy()
    # No commit makes the empty state: it exists from the beginning.
    earliest[chains.position == 0] = MISSING
    latest[chains.position == 0] = FOREVER
    following = state + 1
    inside = following < len(chains.tid)
    inside[inside] = chains.tid[following[inside]] == chains.tid[state[inside]]
    _raise(earliest, earliest_row, following[inside], sent[inside], rows[inside])
    real = chains.position[state] > 0
    _lower(latest, latest_row, state[real], done[real], rows[real])
    return Bounds(
        earliest=earliest, earliest_row=earliest_row, latest=latest, latest_row=latest_row
    )


def _raise(bound: Ints, bound_row: Ints, state: Ints, time: Ints, rows: Ints) -> None:
    """bound[state] = max(bound[state], time); also keeps the row of the larger time."""
    order = np.argsort(time, kind="stable")
    highest, whose = np.full_like(bound, MISSING), np.full_like(bound_row, -1)
    highest[state[order]], whose[state[order]] = time[order], rows[order]
    better = highest > bound
    bound[better], bound_row[better] = highest[better], whose[better]


def _lower(bound: Ints, bound_row: Ints, state: Ints, time: Ints, rows: Ints) -> None:
    """bound[state] = min(bound[state], time); also keeps the row of the smaller time."""
    order = np.argsort(-time, kind="stable")
    lowest, whose = np.full_like(bound, FOREVER), np.full_like(bound_row, -1)
    lowest[state[order]], whose[state[order]] = time[order], rows[order]
    better = lowest < bound
    bound[better], bound_row[better] = lowest[better], whose[better]
