"""The history as columns: every worker's records merged in order of invocation.

Claim: the columns hold exactly the whole records on disk; a torn last record is left out and
counted.
Method: numpy reads the fixed-width files; the string ids of all workers are mapped onto one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from iceworthy.record.history_format import FIELDS, RECORD
from iceworthy.record.history_reader import WorkerHistory, workers_in
from iceworthy.words.operation import MUTATIONS, READS
from iceworthy.words.outcome import Outcome

__all__ = ["History"]

OPERATIONS = MUTATIONS | READS
_CODES = {"q": "<i8", "Q": "<u8", "I": "<u4", "H": "<u2", "B": "u1"}


def _dtype(fields: tuple[tuple[str, str], ...]) -> np.dtype[np.void]:
    return np.dtype([(name, _CODES[code]) for name, code in fields])


DTYPE = _dtype(FIELDS)
assert DTYPE.itemsize == RECORD.size


ROW_DIGITS = 10  # of the number in an operation's id, which holds 32 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One line of a seen.jsonl; `index` is the operation's row in the merged history."""

    index: int
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """Merged operations, sorted by sent_ns (then by completed_ns).

    ops: structured array with DTYPE's columns; operation, key and error hold ids into `strings`.
    worker, number: columns that give each row's identity on disk. torn: bytes left out at the ends
    of files. damage: which whole records are among them, "" where none are; a killed writer
    leaves less than one record.
    """

    ops: npt.NDArray[np.void]
    strings: tuple[str, ...]
    workers: tuple[str, ...]
    worker: npt.NDArray[np.uint16]
    number: npt.NDArray[np.uint32]
    folder: Path | None = None
    torn: int = 0
    damage: str = ""
    newest_only: bool = False
    """Whether the target shows a table's newest snapshot alone (known.json)."""
    _ids: dict[str, int] = field(default_factory=dict, compare=False)
    # Tables that several checkers derive from the same columns; each is derived once.
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.ops)

    def id_of(self, text: str) -> int:
        """The string id of a text, -1 when no operation names it."""
        if not self._ids:
            self._ids.update((text, i) for i, text in enumerate(self.strings))
        return self._ids.get(text, -1)

    def op_id(self, index: int) -> str:
        """The id of a row as evidence names it: "<worker>:<record number>"."""
        return f"{self.workers[self.worker[index]]}:{self.number[index]}"

    def row_of(self, op_id: str) -> int | None:
        """The row that op_id names; None where no row has this id."""
        worker, _, number = op_id.rpartition(":")
        if worker not in self.workers or not number.isdecimal() or len(number) > ROW_DIGITS:
            return None
        place = self.workers.index(worker)
        rows = np.flatnonzero((self.worker == place) & (self.number == int(number)))
        return int(rows[0]) if len(rows) else None

    def of_operation(self, *operations: str) -> npt.NDArray[np.bool_]:
        """Mask of the rows of these operations; ValueError for a name that no history can hold."""
        unknown = [name for name in operations if name not in OPERATIONS]
        if unknown:
            raise ValueError(
                f"{unknown[0]!r} is no operation of a history; expected one of {sorted(OPERATIONS)}"
            )
        return np.isin(self.ops["operation"], [self.id_of(name) for name in operations])

    def with_outcome(self, outcome: Outcome) -> npt.NDArray[np.bool_]:
        """Mask of the rows with this outcome."""
        mask: npt.NDArray[np.bool_] = self.ops["outcome"] == int(outcome)
        return mask

    def key(self, index: int) -> str:
        """The key of a row as text."""
        return self.strings[int(self.ops["key"][index])]

    def describe(self, index: int) -> dict[str, Any]:
        """One operation as evidence: id, session and node, kind and key, times, answer."""
        op = self.ops[index]
        return {
            "op": self.op_id(index),
            "session": int(op["session"]),
            "node": int(op["node"]),
            "operation": self.strings[op["operation"]],
            "key": self.strings[op["key"]].replace("\x1f", "."),
            "status": int(op["status"]),
            "outcome": Outcome(int(op["outcome"])).name.lower(),
            "value": int(op["value"]),
            "parent": int(op["parent"]),
            "sent_ns": int(op["sent_ns"]),
            "completed_ns": int(op["completed_ns"]),
        }

    def seen(self) -> Iterator[Seen]:
        """Every line of every seen.jsonl whose operation is in the history, worker by worker."""
        if self.folder is None:
            return
        for position, worker in enumerate(self.workers):
            rows = np.flatnonzero(self.worker == position)
            by_number = rows[np.argsort(self.number[rows])]
            for facts in WorkerHistory(self.folder / f"{worker}.ops").seen():
                if facts["op"] < len(by_number):
                    yield Seen(index=int(by_number[facts.pop("op")]), facts=facts)


def read_history(folder: Path) -> History:
    """Load <run>/history/; an empty or missing folder gives an empty history.

    Raises RecordError for a file of a version that this release does not know.
    """
    parts: list[npt.NDArray[np.void]] = []
    strings: dict[str, int] = {"": 0}
    torn, damage = 0, []
    found = workers_in(folder)
    for one in found:
        part, lost = _read_worker(one, strings)
        torn += lost
        if lost >= RECORD.size:
            damage.append(
                f"{lost // RECORD.size} records at the end of {one.path.name} are left out: "
                f"record {len(part)} names a string that {one.name}.strings.jsonl does not hold"
            )
        parts.append(part)
    ops = np.concatenate(parts) if len(parts) > 1 else (parts or [np.empty(0, dtype=DTYPE)])[0]
    lengths = [len(part) for part in parts]
    worker = np.repeat(np.arange(len(parts), dtype=np.uint16), lengths)
    number = np.concatenate([np.arange(n, dtype=np.uint32) for n in lengths or [0]])
    order = np.lexsort((ops["completed_ns"], ops["sent_ns"]))
    if np.any(order[1:] < order[:-1]):
        ops, worker, number = ops[order], worker[order], number[order]
    return History(
        ops=ops,
        strings=tuple(strings),
        workers=tuple(one.name for one in found),
        worker=worker,
        number=number,
        folder=folder,
        torn=torn,
        damage="; ".join(damage),
    )


def _read_worker(one: WorkerHistory, strings: dict[str, int]) -> tuple[npt.NDArray[np.void], int]:
    """One worker's whole records, their strings mapped onto `strings`; and the bytes left out."""
    start = one.layout.start
    size = one.path.stat().st_size - start
    count = size // RECORD.size
    part = np.fromfile(one.path, dtype=_dtype(one.layout.fields), count=count, offset=start)
    own = one.strings()
    mapped = _mapped(own, strings)
    names = _mapped(one.operations(own), strings)
    # A string is written before the first record that names it, so a killed writer lacks none.
    operation, key, error = part["operation"], part["key"], part["error"]
    known = (operation < len(mapped)) & (key < len(mapped)) & (error < len(mapped))
    if not known.all():
        part = part[: int(np.argmin(known))]
    part["operation"] = names[part["operation"]]
    part["key"] = mapped[part["key"]]
    part["error"] = mapped[part["error"]]
    return part, size - len(part) * RECORD.size


def _mapped(own: list[str], strings: dict[str, int]) -> npt.NDArray[np.uint32]:
    """The ids that a worker's strings have in `strings`, to which new ones are added."""
    return np.array([strings.setdefault(text, len(strings)) for text in own] or [0], np.uint32)
