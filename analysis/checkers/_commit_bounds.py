"""Between which instants each commit of a chain must have taken effect.

Claim: a commit took effect after it was sent and after every read that did not show it yet was
sent, and before it was acknowledged and before any read that shows it was answered. Each bound is
exact for that commit by itself; the order of the chain tightens them further (linearizability does
that).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.checkers._columns import FOREVER, MISSING, Ints, ints
from analysis.checkers._model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Per state its commit's earliest and latest instant by itself, and the rows that say so."""

    earliest: Ints
    earliest_row: Ints
    latest: Ints
    latest_row: Ints


def bounds_of(model: Model) -> Bounds:
    """Own invocation and acknowledgement of each commit, tightened by the reads around it."""
    ops, chains = model.ops, model.chains
    use = model.read_state >= 0
    rows, state = model.reads[use], model.read_state[use]
    sent, done = ints(ops["sent_ns"][rows]), ints(ops["completed_ns"][rows])
    earliest, latest = chains.invoke_ns.copy(), chains.acked_ns.copy()
    earliest_row, latest_row = chains.row.copy(), chains.row.copy()
    # The empty state is nobody's commit: it is there from the beginning.
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
    """bound[state] = max(bound[state], time), remembering whose time it was."""
    order = np.argsort(time, kind="stable")
    highest, whose = np.full_like(bound, MISSING), np.full_like(bound_row, -1)
    highest[state[order]], whose[state[order]] = time[order], rows[order]
    better = highest > bound
    bound[better], bound_row[better] = highest[better], whose[better]


def _lower(bound: Ints, bound_row: Ints, state: Ints, time: Ints, rows: Ints) -> None:
    """bound[state] = min(bound[state], time), remembering whose time it was."""
    order = np.argsort(-time, kind="stable")
    lowest, whose = np.full_like(bound, FOREVER), np.full_like(bound_row, -1)
    lowest[state[order]], whose[state[order]] = time[order], rows[order]
    better = lowest < bound
    bound[better], bound_row[better] = lowest[better], whose[better]
