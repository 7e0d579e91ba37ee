"""When the next answer to a request is written in full: the only place that counts it.

Claim: of the answers to one kept request at least one in FULL_EVERY is written in full, and a table
that is committed to is read in full at least once in FULL_EVERY commits of this worker. Example: of
20 loads of one table, 19 are recorded by their numbers alone (head, chain hash, uuid), and one has
its whole metadata in seen.jsonl. What it does NOT show: what is written; engine.observations does.
"""

from __future__ import annotations

from iceworthy.record.history import FULL_EVERY


class FullReads:
    """Counts down to the next full answer of one request; a new one wants the first in full."""

    __slots__ = ("_brief_left",)

    def __init__(self) -> None:
        self._brief_left = 0

    def take_brief(self) -> bool:
        """Whether this answer needs no full record, and then count it."""
        if self._brief_left <= 0:
            return False
        self._brief_left -= 1
        return True

    def written(self) -> None:
        """An answer was written in full; the next FULL_EVERY - 1 need not be."""
        self._brief_left = FULL_EVERY - 1

    def committed(self) -> None:
        """A commit to the same table was acknowledged: its next full read comes nearer."""
        self._brief_left -= 1

    @property
    def is_due(self) -> bool:
        """Whether the next answer is to be recorded in full."""
        return self._brief_left <= 0
