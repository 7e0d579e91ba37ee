"""What an engine needs of table metadata beyond the REST specification's schema.

Claim: metadata without which no engine can read the table is named. The REST schema makes most
fields of metadata optional; the table specification demands them of format version 2, and that the
current schema, partition spec and sort order are among those listed. Types are not looked at here:
the schema decides them (iceworthy/specification/validation.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Table specification, "Table Metadata Fields": required in v2.
REQUIRED = (
    "format-version",
    "table-uuid",
    "location",
    "last-sequence-number",
    "last-updated-ms",
    "last-column-id",
    "schemas",
    "current-schema-id",
    "partition-specs",
    "default-spec-id",
    "last-partition-id",
    "sort-orders",
    "default-sort-order-id",
)
_CURRENT = (
    ("current-schema-id", "schemas", "schema-id"),
    ("default-spec-id", "partition-specs", "spec-id"),
    ("default-sort-order-id", "sort-orders", "order-id"),
)


def unreadable(body: Any) -> list[str]:
    """What lacks in the body of an answer that shows a table, in words; [] when nothing does."""
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if not isinstance(metadata, dict):
        return []  # the schema says so
    found = [f"metadata.{name} is missing" for name in REQUIRED if metadata.get(name) is None]
    if not isinstance(body.get("metadata-location"), str):
        found.insert(0, "metadata-location is missing or null")
    for current, listed, key in _CURRENT:
        entries = metadata.get(listed)
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            ids = [entry.get(key) for entry in entries]
            if current in metadata and metadata[current] not in ids:
                found.append(f"metadata.{current} is {metadata[current]}, but {listed} has {ids}")
    return found


def snapshots_of(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The snapshots by their sequence numbers: the list in the metadata has no order."""
    listed = [one for one in metadata.get("snapshots") or [] if isinstance(one, dict)]
    return sorted(listed, key=_sequence)


def snapshot_ids(metadata: Mapping[str, Any]) -> list[Any]:
    """Their ids, in this order."""
    return [one.get("snapshot-id") for one in snapshots_of(metadata)]


def _sequence(snapshot: Mapping[str, Any]) -> int:
    number = snapshot.get("sequence-number")
    return number if isinstance(number, int) else 0
