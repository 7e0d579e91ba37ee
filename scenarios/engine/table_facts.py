"""A table answer reduced to the numbers that a record of the history holds."""

from __future__ import annotations

from iceworthy.client.observe import TableSeen


class TableFacts:
    """A table answer, with the numbers of its record computed once."""

    __slots__ = ("chain", "head", "length", "metadata", "seen", "sequence", "uuid")

    def __init__(self, seen: TableSeen) -> None:
        self.seen = seen
        self.head = seen.head
        self.length = len(seen.chain)
        self.sequence = seen.last_sequence
        self.chain = seen.chain_hash
        self.uuid = seen.uuid_hash
        self.metadata = seen.metadata_hash
