"""Comparing two metadata documents of one table or view without accusing a lawful difference.

Claim: two documents are the same if their members are, except for properties that the catalog adds
by itself (example: the id of its last commit, which changes when any table does) and members that
are optional and empty in one and absent in the other (example: "refs": {}).
What is NOT left out: a property that a request has set, and members that are not empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.contract.comparing import alike
from iceworthy.contract.desk import Desk
from iceworthy.contract.view_scenes import make_view

EMPTY_OR_ABSENT = frozenset(
    {
        "properties",
        "snapshots",
        "refs",
        "snapshot-log",
        "metadata-log",
        "statistics",
        "partition-statistics",
        "encryption-keys",
        "current-snapshot-id",
    }
)
"""Optional members of table metadata (schemas.TableMetadata) for which empty says no more than
absent."""
NONE_AT_ALL: tuple[Any, ...] = (None, [], {}, -1)


def same_metadata(
    desk: Desk,
    expected: Mapping[str, Any],
    found: Mapping[str, Any],
    reply: Reply | None = None,
    *,
    name: str = "metadata",
) -> None:
    """Both must show the same table or view; else the case is broken."""
    if expected == found and alike(dict(expected), dict(found)):
        return
    added = _added_by_the_catalog(desk, "view-uuid" in expected)
    desk.same(name, plain(expected, added), plain(found, added), reply)


def same_properties(
    desk: Desk, expected: Mapping[str, Any], found: Mapping[str, Any], reply: Reply | None = None
) -> None:
    """Both metadata documents must have the same properties, but for those of the catalog."""
    given, now = _properties(expected), _properties(found)
    if given != now:
        added = _added_by_the_catalog(desk, "view-uuid" in expected)
        given = {key: value for key, value in given.items() if key not in added}
        now = {key: value for key, value in now.items() if key not in added}
    desk.same("properties", given, now, reply)


def plain(metadata: Mapping[str, Any], added: Collection[str]) -> dict[str, Any]:
    """The metadata without the properties in `added` and without empty optional members."""
    kept = {key: value for key, value in metadata.items() if key != "properties"}
    kept["properties"] = {k: v for k, v in _properties(metadata).items() if k not in added}
    return {
        key: value
        for key, value in kept.items()
        if key not in EMPTY_OR_ABSENT or value not in NONE_AT_ALL
    }


def _properties(metadata: Mapping[str, Any]) -> dict[str, Any]:
    found = metadata.get("properties")
    return dict(found) if isinstance(found, dict) else {}


def _added_by_the_catalog(desk: Desk, view: bool) -> frozenset[str]:
    """The keys of the properties that a table (or view) has that was created with none."""
    space = desk.fresh()
    made = make_view(desk, space).metadata if view else desk.table(space)
    return frozenset(_properties(made))
