"""The state of the catalog that an answer shows: pure parsing of response bodies.

Claim: the same body gives the same facts everywhere. A body that does not parse or lacks a field
gives None, never an exception, because a misbehaving catalog is a verdict.
"""

from __future__ import annotations

import uuid as uuid_module
from dataclasses import dataclass, field
from typing import Any

import orjson

from iceworthy.record.history import chain_hash, text_hash

NO_SNAPSHOT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSeen:
    """A table as one answer (load, create or commit) showed it.

    chain: snapshot ids from the root to the head of main by parents; whole is False when a parent
    is missing or the path has a loop, and chain then holds what could be followed. `uuid` as text.
    """

    uuid: str
    location: str
    metadata_location: str
    current: int | None
    main: int | None
    last_sequence: int
    chain: tuple[int, ...]
    whole: bool
    properties: dict[str, str] = field(default_factory=dict)
    snapshots: tuple[tuple[int, int | None, int], ...] = ()
    log: tuple[int, ...] = ()
    metadata_log: tuple[str, ...] = ()

    @property
    def head(self) -> int:
        """Head of main as a history stores it: NO_SNAPSHOT when the table is empty."""
        return NO_SNAPSHOT if self.main is None else self.main

    @property
    def chain_hash(self) -> int:
        return chain_hash(self.chain)

    @property
    def uuid_hash(self) -> int:
        """Low 64 bits of the uuid; a hash of a text that is no uuid; 0 when empty."""
        if not self.uuid:
            return 0
        try:
            return uuid_module.UUID(self.uuid).int & ((1 << 64) - 1) or 1
        except ValueError:
            return text_hash(self.uuid)

    @property
    def metadata_hash(self) -> int:
        return text_hash(self.metadata_location) if self.metadata_location else 0

    def facts(self) -> dict[str, Any]:
        """The object that seen.jsonl holds for a full read (docs/formats.md)."""
        return {
            "uuid": self.uuid,
            "location": self.location,
            "metadata_location": self.metadata_location,
            "current": self.current,
            "main": self.main,
            "last_sequence": self.last_sequence,
            "snapshots": [list(snapshot) for snapshot in self.snapshots],
            "log": list(self.log),
            "metadata_log": list(self.metadata_log),
            "properties": self.properties,
        }


class TableFacts:
    """The numbers of a table answer that a record of the history holds, worked out once.

    head, length: of the chain on main. columns: sequence, chain, uuid and metadata, as FIELDS of
    iceworthy.record.history_format names them.
    """

    __slots__ = ("columns", "head", "length", "seen")

    def __init__(self, seen: TableSeen) -> None:
        self.seen = seen
        self.head = seen.head
        self.length = len(seen.chain)
        self.columns = (seen.last_sequence, seen.chain_hash, seen.uuid_hash, seen.metadata_hash)


def see_table(body: bytes) -> TableSeen | None:
    """The table in a LoadTableResult or CommitTableResponse; None for any other body."""
    try:
        answer = orjson.loads(body)
        metadata = answer["metadata"]
        return _table(answer, metadata)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _table(answer: dict[str, Any], metadata: dict[str, Any]) -> TableSeen:
    listed = metadata.get("snapshots") or []
    snapshots = tuple(
        (int(s["snapshot-id"]), s.get("parent-snapshot-id"), int(s.get("sequence-number", 0)))
        for s in listed
    )
    current = metadata.get("current-snapshot-id")
    if current == -1:  # format v1 writers say "none" this way
        current = None
    refs = metadata.get("refs")
    main = (
        refs["main"]["snapshot-id"]
        if refs and "main" in refs
        else (current if refs is None else None)
    )
    chain, whole = _chain({s[0]: s[1] for s in snapshots}, main)
    return TableSeen(
        uuid=str(metadata["table-uuid"]),
        location=str(metadata.get("location", "")),
        metadata_location=str(answer.get("metadata-location") or ""),
        current=current,
        main=main,
        last_sequence=int(metadata.get("last-sequence-number", 0)),
        chain=chain,
        whole=whole,
        properties={str(k): str(v) for k, v in (metadata.get("properties") or {}).items()},
        snapshots=snapshots,
        log=tuple(int(entry["snapshot-id"]) for entry in metadata.get("snapshot-log") or []),
        metadata_log=tuple(str(e["metadata-file"]) for e in metadata.get("metadata-log") or []),
    )


def _chain(parents: dict[int, int | None], head: int | None) -> tuple[tuple[int, ...], bool]:
    path: list[int] = []
    visited: set[int] = set()
    at = head
    while at is not None:
        if at in visited or at not in parents:
            return tuple(reversed(path)), False
        visited.add(at)
        path.append(at)
        at = parents[at]
    return tuple(reversed(path)), True


def see_properties(body: bytes) -> dict[str, str] | None:
    """The properties in a GetNamespaceResponse; None for any other body."""
    try:
        found = orjson.loads(body)["properties"]
        return {str(key): str(value) for key, value in (found or {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def see_error(body: bytes) -> tuple[str, str]:
    """(type, message) of an ErrorModel, ("", "") when the body is not one."""
    try:
        error = orjson.loads(body)["error"]
        return str(error.get("type", "")), str(error.get("message", ""))[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""
