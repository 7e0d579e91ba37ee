"""Snapshot ids, and the commit that appends a snapshot: each made here and nowhere else.

Claim: an id has exactly as many bits as was asked for, and follows from the random source alone, so
that the same seed gives the same ids. Above 53 bits it is odd: a catalog that keeps ids as floating
point numbers then shows another id than the one that was sent. What is made here is what an engine
sends when it appends: one snapshot on top of the head of main, and main moved to it, under the
requirements that the table is the same one and main still is where it was read.
"""

from __future__ import annotations

import random
import time
from typing import Any

FLOAT_BITS = 53  # integers of up to so many bits are exact as floating point numbers


def snapshot_id(source: random.Random, bits: int) -> int:
    """A random id of exactly `bits` bits (the highest is set), odd when it has more than 53.

    With 62 bits, for example, it lies between 2**61 and 2**62: real engines draw ids as large.
    """
    return source.getrandbits(bits - 1) | 1 << (bits - 1) | (bits > FLOAT_BITS)


def snapshot_document(
    *, snapshot_id: int, parent: int | None, sequence: int, location: str, listed: str = ""
) -> dict[str, Any]:
    """A snapshot as the table specification writes it, without any file; parent None: the first.

    location: of the table; the manifest list is named below it, if `listed` names no other. It is
    not written here: iceworthy/client/manifest_lists.py does that.
    """
    document: dict[str, Any] = {
        "snapshot-id": snapshot_id,
        "sequence-number": sequence,
        "timestamp-ms": time.time_ns() // 1_000_000,
        "manifest-list": listed or f"{location}/metadata/snap-{snapshot_id}.avro",
        "summary": {"operation": "append"},
        "schema-id": 0,
    }
    if parent is not None:
        document["parent-snapshot-id"] = parent
    return document


def set_ref(snapshot_id: int, name: str = "main", kind: str = "branch") -> dict[str, Any]:
    """The update that points a branch or a tag at a snapshot."""
    return {
        "action": "set-snapshot-ref",
        "ref-name": name,
        "type": kind,
        "snapshot-id": snapshot_id,
    }


def append_updates(
    *, snapshot_id: int, parent: int | None, sequence: int, location: str, listed: str = ""
) -> list[dict[str, Any]]:
    """The updates that add one snapshot at the head of main, as an engine's append would."""
    added = snapshot_document(
        snapshot_id=snapshot_id,
        parent=parent,
        sequence=sequence,
        location=location,
        listed=listed,
    )
    return [{"action": "add-snapshot", "snapshot": added}, set_ref(snapshot_id)]


def append_requirements(uuid: str, parent: int | None) -> list[dict[str, Any]]:
    """What an append asserts: the table's uuid, and main at `parent` (None: main is not there)."""
    return [
        {"type": "assert-table-uuid", "uuid": uuid},
        {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": parent},
    ]
