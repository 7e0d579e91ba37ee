"""Manifest lists without an entry: valid files for the snapshots that the suite commits.

Claim: every reader of tables reads such a file as "no manifests". It is an Avro container of the
table format's schema with no block, made by hand: the load needs no Avro library. A catalog that
reads the manifest list of a commit can so accept the suite's snapshots.
`keeper_of` says where the suite can put files: below the folder, or in the bucket, that it made.
What it does NOT do: write anywhere else; then the list of a snapshot is named and is not there.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from iceworthy.words.live import LiveTarget

MAGIC = b"Obj\x01"
Put = Callable[[str, bytes], None]


def _field(name: str, kind: Any, number: int) -> dict[str, Any]:
    return {"name": name, "type": kind, "field-id": number}


SCHEMA = {
    "type": "record",
    "name": "manifest_file",
    "fields": [
        _field("manifest_path", "string", 500),
        _field("manifest_length", "long", 501),
        _field("partition_spec_id", "int", 502),
        _field("content", "int", 517),
        _field("sequence_number", "long", 515),
        _field("min_sequence_number", "long", 516),
        _field("added_snapshot_id", "long", 503),
        _field("added_files_count", "int", 504),
        _field("existing_files_count", "int", 505),
        _field("deleted_files_count", "int", 506),
        _field("added_rows_count", "long", 512),
        _field("existing_rows_count", "long", 513),
        _field("deleted_rows_count", "long", 514),
    ],
}
"""The required fields of version 2; a list without entries has nothing to say in the others."""
SHARED = "snap-empty.avro"
"""The one list, below a table's metadata folder, that all snapshots of the load name: the load
writes no files."""


def empty_list(facts: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a manifest list without an entry; facts: further metadata of the file."""
    facts = {
        "avro.schema": json.dumps(SCHEMA, separators=(",", ":")),
        "avro.codec": "null",
        "format-version": "2",
        **(facts or {}),
    }
    pairs = b"".join(_text(key) + _text(value) for key, value in facts.items())
    head = MAGIC + _long(len(facts)) + pairs + _long(0)
    return head + blake2b(head, digest_size=16).digest()  # the mark between blocks


def lists_of(updates: Any) -> dict[str, bytes]:
    """Location -> bytes, of the manifest lists that the add-snapshot updates of a commit name."""
    found: dict[str, bytes] = {}
    for one in updates if isinstance(updates, list | tuple) else ():
        added = one.get("snapshot") if isinstance(one, Mapping) else None
        if not isinstance(added, Mapping):
            continue
        location, number = added.get("manifest-list"), added.get("snapshot-id")
        if isinstance(location, str) and isinstance(number, int):
            parent = added.get("parent-snapshot-id")
            facts = {
                "snapshot-id": str(number),
                "parent-snapshot-id": "null" if parent is None else str(parent),
                "sequence-number": str(added.get("sequence-number") or 0),
            }
            found[location] = empty_list(facts)
    return found


def put_lists(keep: Put | None, commit: Any) -> None:
    """Put the lists that the body of a commit, or of a transaction, names; as put_shared. The body
    of any other request names none."""
    if keep is None or not isinstance(commit, dict):
        return
    changes = commit.get("table-changes")
    for one in changes if isinstance(changes, list) else (commit,):
        for location, data in lists_of(one.get("updates") if isinstance(one, dict) else ()).items():
            with contextlib.suppress(OSError):
                keep(location, data)


def put_shared(keep: Put | None, location: str) -> None:
    """Put the shared list into a new table's metadata folder; without a keeper, do nothing. A file
    that cannot be written is left out: a catalog that reads it will say so."""
    if keep is not None:
        with contextlib.suppress(OSError):
            keep(shared_list(location), empty_list())


def shared_list(location: str) -> str:
    """Where the shared list of the table at this location is."""
    return f"{location.rstrip('/')}/metadata/{SHARED}"


def path_of(location: str) -> Path:
    """The path that a location on this machine names: file:///folder, file:/folder or /folder."""
    return Path(unquote(location.removeprefix("file://").removeprefix("file:")))


def keeper_of(live: LiveTarget) -> Put | None:
    """Writes a file at a location of the target's warehouse, unless there is one; None where the
    suite cannot reach it. A location outside the warehouse is left alone."""
    if live.warehouse_folder is not None:
        return keeper_in(live.warehouse_folder)
    if live.warehouse_bucket is not None:
        return _keeper_of_bucket(live)
    return None


def keeper_in(root: Path) -> Put:
    """Writes a file at a location below this folder, unless there is one."""

    def keep(location: str, data: bytes) -> None:
        path = path_of(location)
        inside = path.is_relative_to(root) and ".." not in PurePosixPath(path).parts
        if inside and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    return keep


def _keeper_of_bucket(live: LiveTarget) -> Put:
    from iceworthy.client.s3 import s3_of
    from iceworthy.client.s3_address import split_location

    bucket = live.warehouse_bucket
    assert bucket is not None
    store = functools.cache(lambda: s3_of(bucket))  # a client takes long to make; few need it

    def keep(location: str, data: bytes) -> None:
        if location.startswith(f"s3://{bucket.name}/"):
            name, key = split_location(location)
            if not store().is_there(name, key):
                store().put(name, key, data)

    return keep


def _long(number: int) -> bytes:
    """A non-negative number as Avro writes it: zigzag, seven bits a byte."""
    left, written = number << 1, b""
    while left > 0x7F:
        written += bytes((left & 0x7F | 0x80,))
        left >>= 7
    return written + bytes((left,))


def _text(value: str) -> bytes:
    data = value.encode()
    return _long(len(data)) + data
