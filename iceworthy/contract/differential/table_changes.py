"""Random updates and requirements of table commits: every type, true and false.

Claim: each type in the specification is drawn, in any order and number, with values that hold for
the table on that side, and values that do not; and one type that no specification has. Snapshot ids
are 63-bit and few, so that steps often use the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from iceworthy.contract.differential.steps import NOWHERE_UUID, Known, Place
from iceworthy.contract.differential.table_shapes import (
    DATA,
    ID,
    ORDERS,
    SCHEMAS,
    SPECS,
    picked,
    struct,
)

IDS = (4611686018427511361, 9223372036854775806, 9007199254740993, 3055729675574597004)
REFS = ("main", "branch", "tag", "odd ref/日本")
Update = dict[str, Any]

_NUMBERS = {
    "assert-last-assigned-field-id": ("last-assigned-field-id", "last-column-id"),
    "assert-current-schema-id": ("current-schema-id", "current-schema-id"),
    "assert-last-assigned-partition-id": ("last-assigned-partition-id", "last-partition-id"),
    "assert-default-spec-id": ("default-spec-id", "default-spec-id"),
    "assert-default-sort-order-id": ("default-sort-order-id", "default-sort-order-id"),
}
_REQUIREMENTS = (
    *("assert-table-uuid", "assert-ref-snapshot-id") * 3,
    *_NUMBERS,
    *_NUMBERS,
    "assert-create",
    "assert-unknown",
)


def an_id(draw: DrawFn) -> int:
    return draw(st.sampled_from(IDS) | st.integers(1, 2**63 - 1))


def table_requirement(draw: DrawFn, place: Place) -> tuple[dict[str, Any], str]:
    """A requirement, and its trait."""
    kind = draw(st.sampled_from(_REQUIREMENTS))
    true = draw(st.sampled_from((*(True,) * 5, False)))
    word = kind if true else f"{kind}, false"
    if kind == "assert-table-uuid":
        uuid = Known("table-uuid", place) if true else NOWHERE_UUID
        return {"type": kind, "uuid": uuid}, word
    if kind == "assert-ref-snapshot-id":
        number: Any = Known("current-snapshot-or-null", place) if true else an_id(draw)
        return {
            "type": kind,
            "ref": "main" if true else draw(st.sampled_from(REFS)),
            "snapshot-id": number,
        }, word
    if kind in _NUMBERS:
        field, known = _NUMBERS[kind]
        return {"type": kind, field: Known(known, place, plus=0 if true else 7)}, word
    return {"type": kind}, kind


def _snapshot(draw: DrawFn, place: Place, number: int) -> dict[str, Any]:
    return {
        "snapshot-id": number,
        "parent-snapshot-id": Known("current-snapshot", place),
        "sequence-number": Known("next-sequence", place),
        "timestamp-ms": Known("now", place),
        "manifest-list": Known("location", place, suffix=f"/metadata/snap-{number}.avro"),
        "summary": {"operation": draw(st.sampled_from(("append", "overwrite", "delete")))},
        "schema-id": 0,
    }


def _set_ref(name: str, number: Any, kind: str, **more: Any) -> Update:
    return {
        "action": "set-snapshot-ref",
        "ref-name": name,
        "type": kind,
        "snapshot-id": number,
        **more,
    }


def _append(draw: DrawFn, place: Place) -> list[Update]:
    number = an_id(draw)
    snapshot = _snapshot(draw, place, number)
    ref = "main" if draw(st.integers(0, 3)) < 3 else "branch"
    return [{"action": "add-snapshot", "snapshot": snapshot}, _set_ref(ref, number, "branch")]


def _add_snapshot(draw: DrawFn, place: Place) -> list[Update]:
    return [{"action": "add-snapshot", "snapshot": _snapshot(draw, place, an_id(draw))}]


def _ref_update(draw: DrawFn, place: Place) -> list[Update]:
    kind = draw(st.sampled_from(("branch", "tag")))
    number = draw(st.sampled_from((Known("current-snapshot-or-null", place), *IDS)))
    more = draw(
        st.sampled_from(
            (
                {},
                {"max-ref-age-ms": 1000},
                {"min-snapshots-to-keep": 2},
                {"max-snapshot-age-ms": 5},
                {"max-ref-age-ms": 0},
            )
        )
    )
    return [_set_ref(draw(st.sampled_from(REFS)), number, kind, **more)]


def _statistics(draw: DrawFn, place: Place) -> list[Update]:
    number = draw(st.sampled_from((Known("current-snapshot-or-null", place), *IDS[:2])))
    blob = {
        "type": "apache-datasketches-theta-v1",
        "snapshot-id": IDS[0],
        "sequence-number": 1,
        "fields": [1],
    }
    path = Known("location", place, suffix="/metadata/stats.puffin")
    return [
        {
            "action": "set-statistics",
            "snapshot-id": number,
            "statistics": {
                "snapshot-id": number,
                "statistics-path": path,
                "file-size-in-bytes": 100,
                "file-footer-size-in-bytes": 42,
                "blob-metadata": [blob],
            },
        }
    ]


def _partition_statistics(draw: DrawFn, place: Place) -> list[Update]:
    number = draw(st.sampled_from((Known("current-snapshot-or-null", place), *IDS[:2])))
    path = Known("location", place, suffix="/metadata/partition-stats.parquet")
    return [
        {
            "action": "set-partition-statistics",
            "partition-statistics": {
                "snapshot-id": number,
                "statistics-path": path,
                "file-size-in-bytes": 100,
            },
        }
    ]


ADDED: Mapping[str, dict[str, Any]] = {
    "another column": struct(
        ID, DATA, {"id": 3, "name": "extra", "type": "int", "required": False}
    ),
    "a column less": struct(ID),
    "a column renamed": struct(ID, {**DATA, "name": "renamed"}),
    "a required column": struct(
        ID, DATA, {"id": 9, "name": "must", "type": "int", "required": True}
    ),
    **{
        name: SCHEMAS[name]
        for name in ("", "nested schema", "field id twice", "unknown type", "type of version 3")
    },
}


def _choice(
    action: str, field: str, choices: Mapping[str, Any]
) -> Callable[[DrawFn, Place], list[Update]]:
    def drawn(draw: DrawFn, place: Place) -> list[Update]:
        name = picked(draw, choices)
        return [{"action": action, field: choices[name], "_trait": name}]

    return drawn


def _number(action: str, field: str, numbers: tuple[Any, ...]) -> Callable[..., list[Update]]:
    def drawn(draw: DrawFn, place: Place) -> list[Update]:
        number = draw(st.sampled_from(numbers))
        return [{"action": action, field: number, "_trait": f"{field} {number}"}]

    return drawn


def _properties(draw: DrawFn, place: Place) -> list[Update]:
    updates = draw(st.sampled_from(({"k": "1"}, {"k": "2", "l": "1"}, {}, {"odd key": "日本"})))
    return [{"action": "set-properties", "updates": updates}]


_UPDATES: Mapping[str, tuple[int, Callable[[DrawFn, Place], list[Update]]]] = {
    "set-properties": (5, _properties),
    "remove-properties": (
        3,
        lambda draw, place: [
            {
                "action": "remove-properties",
                "removals": draw(st.sampled_from((["k"], ["k", "l"], []))),
            }
        ],
    ),
    "append": (6, _append),
    "add-snapshot": (2, _add_snapshot),
    "set-snapshot-ref": (3, _ref_update),
    "remove-snapshot-ref": (
        2,
        lambda draw, place: [
            {"action": "remove-snapshot-ref", "ref-name": draw(st.sampled_from(REFS))}
        ],
    ),
    "remove-snapshots": (
        2,
        lambda draw, place: [
            {"action": "remove-snapshots", "snapshot-ids": [draw(st.sampled_from(IDS))]}
        ],
    ),
    "add-schema": (3, _choice("add-schema", "schema", ADDED)),
    "set-current-schema": (3, _number("set-current-schema", "schema-id", (-1, 0, 0, 0, 1, 2))),
    "add-spec": (3, _choice("add-spec", "spec", SPECS)),
    "set-default-spec": (2, _number("set-default-spec", "spec-id", (-1, 0, 0, 0, 1, 2))),
    "add-sort-order": (3, _choice("add-sort-order", "sort-order", ORDERS)),
    "set-default-sort-order": (
        2,
        _number("set-default-sort-order", "sort-order-id", (-1, 0, 0, 0, 1, 2)),
    ),
    "remove-partition-specs": (1, _number("remove-partition-specs", "spec-ids", ([1], [0]))),
    "remove-schemas": (1, _number("remove-schemas", "schema-ids", ([1], [0]))),
    "assign-uuid": (
        1,
        lambda draw, place: [
            {
                "action": "assign-uuid",
                "uuid": draw(st.sampled_from((Known("table-uuid", place), NOWHERE_UUID))),
            }
        ],
    ),
    "upgrade-format-version": (
        2,
        _number("upgrade-format-version", "format-version", (2, 2, 2, 1, 3, 9)),
    ),
    "set-location": (
        1,
        lambda draw, place: [
            {"action": "set-location", "location": Known("location", place, suffix="/moved")}
        ],
    ),
    "set-statistics": (1, _statistics),
    "remove-statistics": (
        1,
        lambda draw, place: [
            {"action": "remove-statistics", "snapshot-id": draw(st.sampled_from(IDS[:2]))}
        ],
    ),
    "set-partition-statistics": (1, _partition_statistics),
    "remove-partition-statistics": (
        1,
        lambda draw, place: [
            {"action": "remove-partition-statistics", "snapshot-id": draw(st.sampled_from(IDS[:2]))}
        ],
    ),
    "add-encryption-key": (
        1,
        lambda draw, place: [
            {
                "action": "add-encryption-key",
                "encryption-key": {"key-id": "k1", "encrypted-key-metadata": "YWJj"},
            }
        ],
    ),
    "remove-encryption-key": (
        1,
        lambda draw, place: [{"action": "remove-encryption-key", "key-id": "k1"}],
    ),
    "unknown-update": (1, lambda draw, place: [{"action": "unknown-update"}]),
}
_WEIGHTED = tuple(kind for kind, (weight, _) in _UPDATES.items() for _ in range(weight))


def table_updates(draw: DrawFn, place: Place) -> tuple[list[Update], str]:
    """One update, or the two updates of an append; and their trait."""
    kind = draw(st.sampled_from(_WEIGHTED))
    updates = _UPDATES[kind][1](draw, place)
    special = updates[0].pop("_trait", "")
    return updates, f"{kind}: {special}" if special else kind
