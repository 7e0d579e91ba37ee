"""Random schemas, partition specs, sort orders and create requests.

Claim: valid ones, and some that a catalog must refuse, each with a description of its special
property. Some contain ids that a client may send and a catalog may renumber.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

ID = {"id": 1, "name": "id", "type": "long", "required": True}
DATA = {"id": 2, "name": "data", "type": "string", "required": False}
AT = {"id": 3, "name": "at", "type": "timestamptz", "required": False}


def struct(*fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A schema."""
    return {"type": "struct", "schema-id": 0, "fields": list(fields), **more}


def _typed(kind: Any, number: int = 4, name: str = "more") -> dict[str, Any]:
    return {"id": number, "name": name, "type": kind, "required": False}


NESTED = {
    "type": "struct",
    "fields": [
        {"id": 11, "name": "x", "type": "double", "required": True},
        {
            "id": 12,
            "name": "y",
            "type": {
                "type": "list",
                "element-id": 13,
                "element": "decimal(9,2)",
                "element-required": True,
            },
            "required": False,
        },
    ],
}
MAP = {
    "type": "map",
    "key-id": 14,
    "key": "string",
    "value-id": 15,
    "value": "fixed[4]",
    "value-required": False,
}
SCHEMAS: Mapping[str, dict[str, Any]] = {
    "": struct(ID, DATA),
    "schema with a time": struct(ID, DATA, AT),
    "schema with identifiers": struct(ID, DATA, **{"identifier-field-ids": [1]}),
    "nested schema": struct(ID, DATA, _typed(NESTED), _typed(MAP, 5, "map")),
    "schema with a doc": struct({**ID, "doc": "the id"}, DATA),
    "schema ids not in order": struct({**ID, "id": 7}, {**DATA, "id": 3}),
    "empty schema": struct(),
    "field id twice": struct(ID, {**DATA, "id": 1}),
    "field name twice": struct(ID, {**DATA, "name": "id"}),
    "unknown type": struct(ID, _typed("strange")),
    "bad decimal": struct(ID, _typed("decimal(50,2)")),
    "unknown identifier field": struct(ID, DATA, **{"identifier-field-ids": [99]}),
    "optional identifier field": struct(ID, DATA, **{"identifier-field-ids": [2]}),
    "type of version 3": struct(ID, _typed("timestamp_ns")),
    "default value of version 3": struct(ID, {**_typed("int"), "initial-default": 4}),
}


def spec(*fields: tuple[int, int | None, str, str]) -> dict[str, Any]:
    """A partition spec of (source, field id, name, transform)."""
    shown = [
        {"source-id": source, "name": name, "transform": transform}
        | ({"field-id": number} if number is not None else {})
        for source, number, name, transform in fields
    ]
    return {"spec-id": 0, "fields": shown}


SPECS: Mapping[str, dict[str, Any]] = {
    "empty spec": spec(),
    "identity spec": spec((2, 1000, "data", "identity")),
    "bucket spec": spec((1, 1000, "id_bucket", "bucket[16]")),
    "two-field spec": spec((1, 1000, "id_bucket", "bucket[4]"), (2, 1001, "data_2", "truncate[2]")),
    "spec without field ids": spec((1, None, "id_bucket", "bucket[8]")),
    "void spec": spec((1, 1000, "id_void", "void")),
    "spec of an unknown source": spec((99, 1000, "nothing", "identity")),
    "spec of an unknown transform": spec((1, 1000, "strange", "strange")),
    "spec of a wrong type": spec((2, 1000, "data_day", "day")),
    "partition name twice": spec((1, 1000, "p", "bucket[4]"), (2, 1001, "p", "identity")),
    "partition named as a column": spec((1, 1000, "data", "bucket[4]")),
}


def order(number: int, *fields: tuple[int, str, str, str]) -> dict[str, Any]:
    """A sort order of (source, transform, direction, nulls)."""
    shown = [
        {"source-id": source, "transform": transform, "direction": direction, "null-order": nulls}
        for source, transform, direction, nulls in fields
    ]
    return {"order-id": number, "fields": shown}


ORDERS: Mapping[str, dict[str, Any]] = {
    "unsorted": order(0),
    "sorted": order(1, (1, "identity", "asc", "nulls-first")),
    "sorted by two": order(
        1, (2, "truncate[3]", "desc", "nulls-last"), (1, "identity", "asc", "nulls-last")
    ),
    "order id 5": order(5, (1, "bucket[4]", "asc", "nulls-first")),
    "order of an unknown source": order(1, (99, "identity", "asc", "nulls-first")),
    "order of an unknown direction": order(1, (1, "identity", "up", "nulls-first")),
}
REFUSED = (
    "twice",
    "unknown",
    "bad",
    "optional identifier",
    "version 3",
    "version 9",
    "wrong",
    "named as a column",
)
"""Words in the names of values that a catalog of format version 2 may or must refuse."""
REFUSED_ONE_IN = 16


def picked(draw: DrawFn, choices: Mapping[str, Any], *first: str) -> str:
    """The name of a choice; rarely of one that may be refused."""
    names = (*first, *choices)
    good = tuple(name for name in names if not any(word in name for word in REFUSED))
    all_of_them = draw(st.integers(0, REFUSED_ONE_IN - 1)) == REFUSED_ONE_IN - 1
    return draw(st.sampled_from(names if all_of_them else good))


PROPERTIES: Mapping[str, dict[str, str]] = {
    "properties": {"k": "1", "odd key": "日本"},
    "format version 1": {"format-version": "1"},
    "format version 3": {"format-version": "3"},
    "format version 9": {"format-version": "9"},
    "reserved property": {"uuid": "1", "k": "1"},
    "one previous version": {"write.metadata.previous-versions-max": "1"},
}


AS_CLIENTS: Mapping[str, Any] = {
    "partition-spec": SPECS["empty spec"],
    "write-order": ORDERS["unsorted"],
    "stage-create": False,
    "properties": {},
}
"""Fields that clients send although they are optional."""


def create_table_body(
    draw: DrawFn | None, name: str, *, plain: bool = False
) -> tuple[dict[str, Any], frozenset[str]]:
    """(a CreateTableRequest, its traits). With draw None or plain, the request has no traits."""
    if draw is None or plain:
        return {"name": name, "schema": SCHEMAS[""], **AS_CLIENTS}, frozenset()
    chosen = picked(draw, SCHEMAS, "", "", "")
    body: dict[str, Any] = {"name": name, "schema": SCHEMAS[chosen], **AS_CLIENTS}
    traits = {chosen}
    if draw(st.integers(0, 5)) == 5:
        left_out = draw(st.sampled_from(tuple(AS_CLIENTS)))
        del body[left_out]
        traits.add(f"no {left_out}")
    for field, choices in (
        ("partition-spec", SPECS),
        ("write-order", ORDERS),
        ("properties", PROPERTIES),
    ):
        name_of_it = picked(draw, choices, *("",) * 8)
        if name_of_it:
            body[field] = choices[name_of_it]
            traits.add(name_of_it)
    if draw(st.integers(0, 15)) == 15:
        body["stage-create"] = True
        traits.add("stage-create")
    return body, frozenset(traits - {""})
