"""The tables and operations of the simulated catalog."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from iceworthy.record.history import NO_ASSERTION
from iceworthy.words.outcome import Outcome

DEFECTS = {
    "lost_ack": "lost_acknowledgement",
    "phantom": "phantom",
    "double_cas": "cas_exclusivity",
    "stale_read": "real_time",
    "reordered": "linearizability",
    "missing_property": "properties",
    "torn_prefix": "prefix_reads",
    "foreign_snapshot": "chain_integrity",
    "vanished": "still_readable",
    "flapping": "info_resolution",
    "dropped_request": "graceful_shutdown",
    "listing_gap": "listings",
    "overwritten": "metadata_locations",
}


@dataclass
class Table:
    uuid: str
    chain: list[tuple[int, int | None, int]] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    acked: dict[int, int] = field(default_factory=dict)  # snapshot -> when its answer was there
    old: list[list[tuple[int, int | None, int]]] = field(default_factory=list)

    @property
    def head(self) -> int | None:
        return self.chain[-1][0] if self.chain else None


@dataclass
class Op:
    session: int
    node: int
    operation: str
    key: str
    sent: int = 0
    value: int = 0
    parent: int = NO_ASSERTION
    status: int = 0
    flags: int = 0
    table: Table | None = None
    chain: list[tuple[int, int | None, int]] = field(default_factory=list)
    wrote: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    is_done: bool = False
    is_full: bool = False
    is_stopped: bool = False
    must_be_found_if: Outcome | None = None  # the defect shows when it ended like this


def on(operation: str) -> str:
    """The method of Simulation that answers an operation: on_load_table for loadTable."""
    return "on_" + re.sub(r"[A-Z]", lambda one: "_" + one[0].lower(), operation)
