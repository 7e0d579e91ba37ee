"""Answers and requests that were recorded in full (seen.jsonl), parsed once for all checkers.

Claim: every fact comes from the file; a malformed line is left out and raises nothing.
Method: one pass. Reads of one table share their snapshot objects, so that a thousand reads of a
long table take little memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.checkers._columns import columns
from analysis.history import History
from iceworthy.words.outcome import Outcome

Snapshot = tuple[int, int | None, int]  # id, parent, sequence number


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRead:
    """A table as one read showed it. chain: ids from root to head of main; whole: the chain has a
    root.

    straight: the snapshots are listed in the order of the chain, all of them, each once.
    """

    row: int
    uuid: str
    snapshots: tuple[Snapshot, ...]
    chain: tuple[int, ...]
    whole: bool
    straight: bool
    main: int | None
    current: int | None
    log: tuple[int, ...]
    last_sequence: int

    def listed(self) -> set[int]:
        """Every snapshot id in the answer: of its snapshots, its snapshot-log and its head."""
        heads = {one for one in (self.main, self.current) if one is not None}
        return {snapshot[0] for snapshot in self.snapshots} | set(self.log) | heads


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyWrite:
    """The properties that one mutation set and removed."""

    row: int
    set: Mapping[str, str]
    removed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRead:
    """All properties of a namespace or table as one read showed them."""

    row: int
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The names (keys) of one listing. complete: every page was answered. first_row: its first
    page's row.

    repeated: names that occur more than once.
    """

    row: int
    first_row: int
    names: frozenset[str]
    complete: bool
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A commit that removed snapshots (expired), or moved main back (rolled_back)."""

    row: int
    expired: frozenset[int]
    rolled_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts of one history."""

    reads: list[FullRead] = field(default_factory=list)
    writes: list[PropertyWrite] = field(default_factory=list)
    properties: list[PropertyRead] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    rewrites: list[Rewrite] = field(default_factory=list)
    destinations: dict[int, str] = field(default_factory=dict)
    view_destinations: dict[int, str] = field(default_factory=dict)
    transactions: list[tuple[int, ...]] = field(default_factory=list)
    """The rows of each transaction: one for each of its tables."""


def read_facts(history: History) -> Facts:
    """One pass over every line; only answers that arrived whole count as seen."""
    found = Facts()
    longest: dict[Any, _Longest] = {}
    in_worker = _Rows(history)
    outcome, uuid = columns(history)["outcome"], columns(history)["uuid"]
    is_of_view = history.of_operation("renameView")
    for line in history.seen():
        row, facts = line.index, line.facts
        if isinstance(facts.get("destination"), str):
            moves = found.view_destinations if is_of_view[row] else found.destinations
            moves[row] = facts["destination"]
        if isinstance(facts.get("transaction"), list):
            found.transactions.append(in_worker.rows(row, facts["transaction"]))
        _add_written(found, row, facts)
        if outcome[row] != int(Outcome.OK):
            continue
        if isinstance(facts.get("snapshots"), list):
            own = longest.setdefault(int(uuid[row]), _Longest())
            found.reads.append(_full_read(row, facts, own))
        if isinstance(facts.get("properties"), dict):
            found.properties.append(PropertyRead(row=row, properties=facts["properties"]))
        if isinstance(facts.get("names"), list):
            found.listings.append(_listing(row, in_worker.row(row, facts), facts))
    return found


def _listing(row: int, first_row: int, facts: dict[str, Any]) -> Listing:
    listed = [name for name in facts["names"] if isinstance(name, str)]
    names = frozenset(listed)
    repeated: set[str] = set()
    if len(names) < len(listed):
        repeated = {name for name in names if listed.count(name) > 1}
    return Listing(
        row=row,
        first_row=first_row,
        names=names,
        complete=facts.get("complete") is True,
        repeated=tuple(sorted(repeated)),
    )


class _Rows:
    """Finds rows by their record numbers in the worker of another row: the first page of a listing,
    the members of a transaction.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._rows: dict[int, npt.NDArray[np.intp]] = {}

    def row(self, last_row: int, facts: dict[str, Any]) -> int:
        """The row of a listing's first page; `last_row` where the line names none."""
        return next(iter(self.rows(last_row, [facts.get("first_op")])), last_row)

    def rows(self, beside: int, numbers: list[Any]) -> tuple[int, ...]:
        """The rows with these record numbers in the worker of row `beside`, but unknown ones."""
        worker = int(self._history.worker[beside])
        if worker not in self._rows:
            own = np.flatnonzero(self._history.worker == worker)
            self._rows[worker] = own[np.argsort(self._history.number[own])]
        rows = self._rows[worker]
        known = (one for one in numbers if isinstance(one, int) and 0 <= one < len(rows))
        return tuple(int(rows[one]) for one in known)


def _add_written(found: Facts, row: int, facts: dict[str, Any]) -> None:
    if "set" in facts or "removed" in facts:
        written = facts.get("set") or {}
        removed = frozenset(facts.get("removed") or ())
        if written or removed:
            found.writes.append(PropertyWrite(row=row, set=written, removed=removed))
    if "expired" in facts or "rolled_back" in facts:
        expired = frozenset(facts.get("expired") or ())
        rolled_back = "rolled_back" in facts
        found.rewrites.append(Rewrite(row=row, expired=expired, rolled_back=rolled_back))


@dataclass(slots=True)
class _Longest:
    """The longest list of snapshots seen of one table, raw and parsed.

    Nearly every other read shows a prefix or an extension of this list and shares its objects.
    """

    raw: list[Any] = field(default_factory=list)
    parsed: tuple[Snapshot, ...] = ()

    def parse(self, entries: list[Any]) -> tuple[Snapshot, ...]:
        known = len(self.raw)
        if len(entries) <= known:
            return (
                self.parsed[: len(entries)]
                if self.raw[: len(entries)] == entries
                else (tuple(_snapshots(entries)))
            )
        if entries[:known] != self.raw:
            return tuple(_snapshots(entries))
        self.raw, self.parsed = entries, (*self.parsed, *_snapshots(entries[known:]))
        return self.parsed


def _full_read(row: int, facts: dict[str, Any], longest: _Longest) -> FullRead:
    snapshots = longest.parse(facts["snapshots"])
    main = _parent(facts.get("main"))
    chain, whole, straight = follow(snapshots, main)
    log = facts.get("log") or []
    return FullRead(
        row=row,
        uuid=str(facts.get("uuid") or ""),
        snapshots=snapshots,
        chain=chain,
        whole=whole,
        straight=straight,
        main=main,
        current=_parent(facts.get("current")),
        log=chain if log == list(chain) else tuple(map(_id, log)),
        last_sequence=_id(facts.get("last_sequence")),
    )


def _snapshots(entries: list[Any]) -> list[Snapshot]:
    """[id, parent, sequence] of each entry; 0 in place of a value that is no integer."""
    try:
        listed = [(number, parent, sequence) for number, parent, sequence in entries]
        kinds = {(type(number), type(sequence)) for number, _, sequence in listed}
        parents = {type(parent) for _, parent, _ in listed}
        if kinds <= {(int, int)} and parents <= {int, type(None)}:
            return listed
    except (TypeError, ValueError):
        pass
    padded = [[*one, None, None, None] if isinstance(one, list) else [0, 0, 0] for one in entries]
    return [(_id(one[0]), _parent(one[1]), _id(one[2])) for one in padded]


def _id(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _parent(value: Any) -> int | None:
    return None if value is None else _id(value)


def follow(snapshots: tuple[Snapshot, ...], head: int | None) -> tuple[tuple[int, ...], bool, bool]:
    """(ids from root to head by parents, whether a root was reached, whether these are exactly all
    snapshots in the order in which they are listed).
    """
    ids = tuple([snapshot[0] for snapshot in snapshots])
    if head is None:
        return (), True, not ids
    # Most tables list their chain in order: compare the whole list before following parents.
    parents = [snapshot[1] for snapshot in snapshots]
    in_line = ids and ids[-1] == head and parents[0] is None and tuple(parents[1:]) == ids[:-1]
    if in_line and len(set(ids)) == len(ids):
        return ids, True, True
    parent_of = {snapshot[0]: snapshot[1] for snapshot in snapshots}
    path: list[int] = []
    visited: set[int] = set()
    at: int | None = head
    while at is not None:
        if at in visited or at not in parent_of:
            return tuple(reversed(path)), False, False
        visited.add(at)
        path.append(at)
        at = parent_of[at]
    return tuple(reversed(path)), True, False
