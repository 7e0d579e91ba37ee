"""Which table each operation was about. A table is identified by its uuid, never by its name.

Claim: names are dropped, created again and renamed, so a row is given to a table only by
  the uuid in its answer,
  a snapshot id that only one table has, or
  a name that only one table ever had.
Every other row stays unassigned (-1) and is counted.
"""

from __future__ import annotations

import uuid as uuid_module
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.checkers._columns import FOREVER, Ints, Mask, columns, ints
from analysis.checkers._facts import Facts
from analysis.history import History
from iceworthy.record.history import FLAG_RESENT, NO_ASSERTION, NULL_PARENT, text_hash
from iceworthy.words.operation import COMMITS, MUTATIONS
from iceworthy.words.outcome import Outcome

TABLE_OPERATIONS = (
    "createTable",
    "loadTable",
    *COMMITS,
    "tableExists",
    "dropTable",
    "renameTable",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Tables by a dense number ("tid"), and the tid of every row.

    Per row: tid (-1: unassigned); outcome, where a refusal of a request that an intermediary may
    have sent twice counts as INFO. appends: rows that try to add a snapshot. Per table: keys_of:
    key ids that it may have had. created: its creation is in this history. dropped, rewritten: a
    recorded operation may have dropped or rewritten it. first_ns: when the first operation about it
    was sent.
    """

    uuids: npt.NDArray[np.uint64]
    tid: Ints
    outcome: Ints
    appends: Ints
    keys_of: tuple[frozenset[int], ...]
    created: Mask
    dropped: Mask
    rewritten: Mask
    first_ns: Ints

    def __len__(self) -> int:
        return len(self.uuids)

    def name(self, history: History, tid: int) -> str:
        """A name of the table for reports."""
        keys = sorted(self.keys_of[tid])
        return shown(history.strings[keys[0]]) if keys else f"uuid {int(self.uuids[tid]):016x}"


def shown(key: str) -> str:
    """A key in the notation of reports: "a.b.table"."""
    return key.replace("\x1f", ".").replace("/", ".")


def uuid_hash(text: str) -> int:
    """The history's uuid column for a uuid's text (iceworthy.client.observe computes the same
    value).
    """
    if not text:
        return 0
    try:
        return uuid_module.UUID(text).int & ((1 << 64) - 1) or 1
    except ValueError:
        return text_hash(text)


def effective_outcome(history: History) -> Ints:
    """Outcomes as checkers may use them: a refusal after a re-send, and a lost mutation,
    are INFO.
    """
    outcome = ints(columns(history)["outcome"])
    resent = (columns(history)["flags"] & FLAG_RESENT) != 0
    mutation = history.of_operation(*MUTATIONS)
    unsure = (outcome == Outcome.FAIL) & resent | (outcome == Outcome.DROPPED) | (outcome > 3)
    outcome[mutation & unsure] = int(Outcome.INFO)
    return outcome


def find_tables(history: History, facts: Facts) -> Tables:
    """All tables of a history, and the rows that certainly belong to each."""
    ops = columns(history)
    of_table = history.of_operation(*TABLE_OPERATIONS)
    tid = np.full(len(history), -1, dtype=np.int64)
    known = of_table & (ops["uuid"] != 0)
    uuids, tid[known] = np.unique(ops["uuid"][known], return_inverse=True)
    outcome = effective_outcome(history)
    keys_of = _keys_of(history, facts, tid, outcome, len(uuids))
    _assign_by_key(history, of_table, tid, keys_of)
    first_ns = np.full(len(uuids), FOREVER, dtype=np.int64)
    np.minimum.at(first_ns, tid[known], ints(ops["sent_ns"][known]))
    created = np.zeros(len(uuids), dtype=np.bool_)
    made = known & history.of_operation("createTable") & (outcome == Outcome.OK)
    created[tid[made]] = True
    return Tables(
        uuids=uuids,
        tid=tid,
        outcome=outcome,
        appends=_appends(history, facts),
        keys_of=keys_of,
        created=created,
        dropped=_dropped(history, tid, outcome, keys_of, first_ns),
        rewritten=_rewritten(facts, history, tid, outcome, keys_of),
        first_ns=first_ns,
    )


def _appends(history: History, facts: Facts) -> Ints:
    """Rows of commits that try to add a snapshot: `value` is its id.

    A commit that only writes properties has its token as value and asserts no parent.
    """
    ops = columns(history)
    rows = history.of_operation(*COMMITS) & (ops["value"] != 0)
    writes = np.array([write.row for write in facts.writes], dtype=np.int64)
    tokens = np.zeros(len(history), dtype=np.bool_)
    tokens[writes] = ops["parent"][writes] == NO_ASSERTION
    # A record holds -1 where there is no snapshot.
    return np.flatnonzero(rows & ~tokens & (ops["value"] != NULL_PARENT))


def _keys_of(
    history: History, facts: Facts, tid: Ints, outcome: Ints, count: int
) -> tuple[frozenset[int], ...]:
    """Keys under which each table was seen, and keys that renames (unless refused) may have given
    it.
    """
    known = tid >= 0
    pairs = np.unique(np.stack((tid[known], ints(columns(history)["key"][known]))), axis=1)
    keys: list[set[int]] = [set() for _ in range(count)]
    tids_of: dict[int, set[int]] = {}
    for one, key in pairs.T.tolist():
        keys[one].add(key)
        tids_of.setdefault(key, set()).add(one)
    moves = []
    for row, named in facts.destinations.items():
        if outcome[row] != Outcome.FAIL:
            moves.append((int(columns(history)["key"][row]), history.id_of(named)))
    queue = list(moves)
    while queue:
        source, destination = queue.pop()
        new = tids_of.get(source, set()) - tids_of.get(destination, set())
        if destination < 0 or not new:
            continue
        tids_of.setdefault(destination, set()).update(new)
        for one in new:
            keys[one].add(destination)
        queue.extend(move for move in moves if move[0] == destination)
    return tuple(map(frozenset, keys))


def _assign_by_key(
    history: History, of_table: Mask, tid: Ints, keys_of: tuple[frozenset[int], ...]
) -> None:
    """Gives rows without a uuid to the only table that ever had their name; fills in `tid`."""
    owner = np.full(len(history.strings), -1, dtype=np.int64)
    for one, keys in enumerate(keys_of):
        for key in keys:
            owner[key] = one if owner[key] == -1 else -2
    open_rows = np.flatnonzero(of_table & (tid < 0))
    found = owner[columns(history)["key"][open_rows]]
    tid[open_rows] = np.where(found >= 0, found, -1)


def tids_by_key(keys_of: tuple[frozenset[int], ...]) -> dict[int, list[int]]:
    """Key id -> the tables that may have had this name."""
    found: dict[int, list[int]] = {}
    for one, keys in enumerate(keys_of):
        for key in keys:
            found.setdefault(key, []).append(one)
    return found


def _dropped(
    history: History,
    tid: Ints,
    outcome: Ints,
    keys_of: tuple[frozenset[int], ...],
    first_ns: Ints,
) -> Mask:
    """Tables that a drop may have removed: under its name, and not first seen after its answer."""
    dropped = np.zeros(len(keys_of), dtype=np.bool_)
    by_key = tids_by_key(keys_of)
    drops = history.of_operation("dropTable") & (outcome != Outcome.FAIL)
    for row in np.flatnonzero(drops).tolist():
        sure = outcome[row] == Outcome.OK
        for one in by_key.get(int(columns(history)["key"][row]), ()):
            if not (sure and first_ns[one] > int(columns(history)["completed_ns"][row])):
                dropped[one] = True
    return dropped


def _rewritten(
    facts: Facts,
    history: History,
    tid: Ints,
    outcome: Ints,
    keys_of: tuple[frozenset[int], ...],
) -> Mask:
    rewritten = np.zeros(len(keys_of), dtype=np.bool_)
    by_key = tids_by_key(keys_of)
    for rewrite in facts.rewrites:
        if outcome[rewrite.row] != Outcome.FAIL:
            own = int(tid[rewrite.row])
            hit = [own] if own >= 0 else by_key.get(int(columns(history)["key"][rewrite.row]), [])
            rewritten[hit] = True
    return rewritten
