"""Order statistics over columns, so that checkers take n log n time without a Python loop.

Claim: results are exact integers, also for values at the ends of the 64-bit range.
Method: values and times are replaced by their ranks, so that a segment and a rank fit into one
sortable integer key without overflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from analysis.history import History

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MISSING = int(np.iinfo(np.int64).min)
FOREVER = int(np.iinfo(np.int64).max)


def columns(history: History) -> Mapping[str, npt.NDArray[Any]]:
    """Each column of a history as a contiguous copy, made once; in a record the fields lie 100
    bytes apart.
    """
    found = history.memo.get("columns")
    if found is None:
        names = history.ops.dtype.names or ()
        found = {name: np.ascontiguousarray(history.ops[name]) for name in names}
        history.memo["columns"] = found
    return cast(Mapping[str, npt.NDArray[Any]], found)


def ints(values: object) -> Ints:
    """Any sequence of integers as an int64 column."""
    return np.asarray(values, dtype=np.int64)


def running_max(segment: Ints, value: Ints) -> Ints:
    """Per row, the largest value of its segment up to this row; `segment` must be sorted."""
    if not len(value):
        return value.copy()
    ranked, rank = np.unique(value, return_inverse=True)
    start = np.r_[True, segment[1:] != segment[:-1]]
    base = (np.cumsum(start) - 1) * len(ranked)
    return ints(ranked[np.maximum.accumulate(base + rank) - base])


def following_min(segment: Ints, value: Ints) -> Ints:
    """Per row, the smallest value of its segment from this row on; `segment` must be sorted."""
    # ~v reverses the order; unlike -v it does not overflow at the lowest value.
    return ints(~running_max(-segment[::-1], ~value[::-1])[::-1])


def latest_before(
    event: tuple[Ints, Ints, Ints], query: tuple[Ints, Ints], *, inclusive: bool = False
) -> Ints:
    """Per query (segment, time), the largest value among earlier events (segment, time, value).

    MISSING where the segment has no earlier event. inclusive: events at the same time count as
    earlier.
    """
    segment, time, value = event
    q_segment, q_time = query
    found = np.full(len(q_segment), MISSING, dtype=np.int64)
    if not len(segment) or not len(q_segment):
        return found
    times, rank = np.unique(np.concatenate((time, q_time)), return_inverse=True)
    _, name = np.unique(np.concatenate((segment, q_segment)), return_inverse=True)
    key = ints(name) * len(times) + ints(rank)
    e_key, q_key = key[: len(segment)], key[len(segment) :]
    order = np.argsort(e_key, kind="stable")
    best = running_max(ints(name[: len(segment)][order]), value[order])
    at = np.searchsorted(e_key[order], q_key, side="right" if inclusive else "left") - 1
    same = (at >= 0) & (name[: len(segment)][order][at] == name[len(segment) :])
    found[same] = best[at[same]]
    return found


@dataclass(frozen=True, slots=True)
class PairIndex:
    """Finds the first row with a pair (segment, value); build it with `of`."""

    values: Ints
    keys: Ints
    rows: Ints

    @staticmethod
    def of(segment: Ints, value: Ints) -> PairIndex:
        """An index over two columns; among equal pairs the first row is found; segments must be >=
        0.
        """
        values, code = np.unique(value, return_inverse=True)
        keys, rows = np.unique(segment * max(len(values), 1) + code, return_index=True)
        return PairIndex(values, ints(keys), ints(rows))

    def find(self, segment: Ints, value: Ints) -> Ints:
        """Row of each pair, -1 where there is none."""
        found = np.full(len(value), -1, dtype=np.int64)
        if not len(self.values) or not len(value):
            return found
        code = np.minimum(np.searchsorted(self.values, value), len(self.values) - 1)
        known = (segment >= 0) & (self.values[code] == value)
        key = np.where(known, segment * len(self.values) + code, -1)
        at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        hit = known & (self.keys[at] == key)
        found[hit] = self.rows[at[hit]]
        return found


def groups(segment: Ints, value: Ints) -> tuple[Ints, Ints]:
    """(group number of each row, size of each group) of equal pairs."""
    if not len(value):
        return ints([]), ints([])
    _, code = np.unique(value, return_inverse=True)
    _, name = np.unique(segment, return_inverse=True)
    _, group, size = np.unique(
        ints(name) * (int(code.max()) + 1) + code, return_inverse=True, return_counts=True
    )
    return ints(group), ints(size)
