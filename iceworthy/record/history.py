"""The history: an append-only, fixed-width record of every operation, written while the load runs.

Each worker process writes its own three files in <run>/history/:
  <worker>.ops            records of a fixed size, in order of completion
  <worker>.strings.jsonl  after its first line, line i is the JSON string with id i; id 0 is ""
  <worker>.seen.jsonl     JSON objects with "op" (record number in this worker) and what was seen
Their layout and their first lines are iceworthy.record.history_format's; history_reader reads them.
An operation's id in evidence is "<worker>:<record number>". A torn last record (kill -9) is ignored
by readers. All times are time.monotonic_ns() of this machine, comparable between its processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from iceworthy.record.history_format import LINES_HEADER, OPS_HEADER, RECORD
from iceworthy.words.outcome import Outcome

NULL_PARENT = -1  # assert-ref-snapshot-id with snapshot-id null
NO_ASSERTION = -2

FLAG_REUSED = 1  # the connection had carried an earlier operation
FLAG_CLOSE = 2  # the answer said Connection: close
FLAG_RESENT = 4  # some layer re-sent it: its refusals are unknown outcomes
FLAG_AUDIT = 8  # asked by the suite after the load, not by a session
FLAG_TORN = 16  # the answer began and did not end as announced
FLAG_EXCESS = 32  # bytes arrived after the announced end of the answer
FLAG_MEMBER = 64  # a further table of the transaction whose first record precedes it: one request

NONSENSE = "nonsense"  # the error of a 2xx answer that holds no table where one is due
FULL_EVERY = 20  # of one worker's reads of one table at least one in so many is written in full

UNIT = "\x1f"  # joins the levels of a namespace, and the namespace and the table, in a key

_PRIME = (1 << 61) - 1
_BASE = 1_000_003
_SIZE = RECORD.size
_BUFFER_BYTES = 4096 * _SIZE
_pack_into = RECORD.pack_into


def key_of(namespace: Iterable[str], table: str | None = None) -> str:
    """The key of a namespace ("a␟b") or of a table in it ("a␟b/t")."""
    joined = UNIT.join(namespace)
    return joined if table is None else f"{joined}/{table}"


def asserted(head: int | None) -> int:
    """A commit's column `parent`: the head of main that it asserts, NULL_PARENT for none."""
    return NULL_PARENT if head is None else head


def extend_chain(chain: int, snapshot_id: int) -> int:
    """Rolling hash of a chain with one more snapshot at its head; the empty chain is 0."""
    return (chain * _BASE + snapshot_id + 1) % _PRIME


def chain_hash(snapshot_ids: Iterable[int]) -> int:
    """Hash of the ids from the root to the head; equal for equal chains, 0 for the empty one."""
    chain = 0
    for snapshot_id in snapshot_ids:
        chain = (chain * _BASE + snapshot_id + 1) % _PRIME
    return chain


def text_hash(text: str | bytes) -> int:
    """A 64-bit hash of a text, the same in every process; never 0."""
    import hashlib

    raw = text.encode() if isinstance(text, str) else text
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little") or 1


class Recorder:
    """Appends operations of one worker; bounded memory, flushed when full, on flush() and close().

    A recorder that cannot write raises OSError: the run must end, as the suite's own failure.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.worker = worker
        self.count = 0
        self._ops = open(folder / f"{worker}.ops", "ab", buffering=0)  # noqa: SIM115
        self._strings = open(folder / f"{worker}.strings.jsonl", "ab", buffering=0)  # noqa: SIM115
        self._seen = open(folder / f"{worker}.seen.jsonl", "ab", buffering=0)  # noqa: SIM115
        self._ids: dict[str, int] = {}
        # Each file's first line, unless an earlier recorder of this worker wrote it.
        self._header = b"" if self._ops.tell() else OPS_HEADER
        self._new_strings = [] if self._strings.tell() else [LINES_HEADER]
        self._new_seen = [] if self._seen.tell() else [LINES_HEADER]
        self._buffer = bytearray(_BUFFER_BYTES)
        self._filled = 0
        self.intern("")

    def intern(self, text: str) -> int:
        """The id of a text in this worker's string table."""
        found = self._ids.get(text)
        if found is None:
            found = self._ids[text] = len(self._ids)
            self._new_strings.append(json.dumps(text))
        return found

    def record(
        self,
        intended_ns: int,
        sent_ns: int,
        flushed_ns: int,
        completed_ns: int,
        value: int,
        parent: int,
        sequence: int,
        chain: int,
        uuid: int,
        metadata: int,
        session: int,
        key: int,
        error: int,
        size: int,
        operation: int,
        status: int,
        flags: int,
        node: int,
        outcome: Outcome | int,
    ) -> int:
        """Append one completed operation, fields in FIELDS' order; returns its record number."""
        filled = self._filled
        _pack_into(
            self._buffer,
            filled,
            intended_ns,
            sent_ns,
            flushed_ns,
            completed_ns,
            value,
            parent,
            sequence,
            chain,
            uuid,
            metadata,
            session,
            key,
            error,
            size,
            operation,
            status,
            flags,
            node,
            outcome,
        )
        number = self.count
        self.count = number + 1
        self._filled = filled = filled + _SIZE
        if filled == _BUFFER_BYTES:
            self.flush()
        return number

    def seen(self, op: int, **facts: Any) -> None:
        """Append the whole chain, listing or properties that operation `op` read or wrote."""
        self._new_seen.append(json.dumps({"op": op, **facts}, separators=(",", ":")))

    def flush(self) -> None:
        """Write what is buffered; strings first, so that no record names an unknown string."""
        for lines, file in ((self._new_strings, self._strings), (self._new_seen, self._seen)):
            if lines:
                file.write(("\n".join(lines) + "\n").encode())
                lines.clear()
        if self._header:
            self._ops.write(self._header)
            self._header = b""
        if self._filled:
            file_view = memoryview(self._buffer)[: self._filled]
            self._ops.write(file_view)
            self._filled = 0

    def close(self) -> None:
        """Flush and close; a second call does nothing."""
        if not self._ops.closed:
            self.flush()
            for file in (self._ops, self._strings, self._seen):
                file.close()
