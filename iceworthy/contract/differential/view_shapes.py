"""Random views: create requests, updates and requirements, valid and invalid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from iceworthy.contract.differential.steps import NOWHERE_UUID, Known, Place, Space
from iceworthy.contract.differential.table_shapes import DATA, ID, struct

SQL = ("select id from t", "select 'é' as x")
SCHEMAS: Mapping[str, Any] = {"": struct(ID), "wider view": struct(ID, DATA)}


def _version(space: Space, sql: str, number: int, schema: int, dialects: int = 1) -> dict[str, Any]:
    return {
        "version-id": number,
        "timestamp-ms": Known("now", Place(space.levels, "")),
        "schema-id": schema,
        "summary": {"engine": "test"},
        "representations": [
            {"type": "sql", "sql": sql, "dialect": f"dialect{n}"} for n in range(dialects)
        ],
        "default-namespace": space,
    }


def create_view_body(
    draw: DrawFn | None, name: str, space: Space
) -> tuple[dict[str, Any], frozenset[str]]:
    """(a CreateViewRequest, its traits). With draw None the request has no traits."""
    if draw is None:
        body = {
            "name": name,
            "schema": SCHEMAS[""],
            "properties": {},
            "view-version": _version(space, SQL[0], 1, 0),
        }
        return body, frozenset()
    chosen = draw(st.sampled_from(tuple(SCHEMAS)))
    traits = {chosen}
    number, dialects = draw(st.sampled_from((1, 1, 5))), draw(st.sampled_from((1, 1, 2, 0)))
    traits.add("" if number == 1 else f"version-id {number}")
    traits.add("" if dialects == 1 else f"{dialects} dialects")
    body = {
        "name": name,
        "schema": SCHEMAS[chosen],
        "properties": draw(st.sampled_from(({}, {"k": "1"}, {"version.history.num-entries": "1"}))),
        "view-version": _version(space, draw(st.sampled_from(SQL)), number, 0, dialects),
    }
    return body, frozenset(traits - {""})


def view_requirement(draw: DrawFn, place: Place) -> tuple[dict[str, Any], str]:
    """A requirement, and its trait."""
    kind = draw(st.sampled_from(("true", "false", "unknown")))
    if kind == "unknown":
        return {"type": "assert-unknown"}, "assert-unknown"
    if kind == "false":
        return {"type": "assert-view-uuid", "uuid": NOWHERE_UUID}, "assert-view-uuid, false"
    return {"type": "assert-view-uuid", "uuid": Known("view-uuid", place)}, "assert-view-uuid"


def view_updates(draw: DrawFn, space: Space) -> tuple[list[dict[str, Any]], str]:
    """One update, or the updates of a new version; and their trait."""
    kind = draw(
        st.sampled_from(
            (
                "set-properties",
                "new version",
                "remove-properties",
                "add-view-version",
                "set-current-view-version",
                "add-schema",
                "set-location",
                "assign-uuid",
                "upgrade-format-version",
                "unknown-update",
            )
        )
    )
    number = draw(st.sampled_from((2, 1, 7)))
    version = _version(space, draw(st.sampled_from(SQL)), number, draw(st.sampled_from((0, -1, 9))))
    add = {"action": "add-view-version", "view-version": version}
    choices: dict[str, list[dict[str, Any]]] = {
        "new version": [add, {"action": "set-current-view-version", "view-version-id": -1}],
        "add-view-version": [add],
        "set-current-view-version": [
            {
                "action": "set-current-view-version",
                "view-version-id": draw(st.sampled_from((1, 2, -1, 9))),
            }
        ],
        "set-properties": [{"action": "set-properties", "updates": {"k": "2"}}],
        "remove-properties": [{"action": "remove-properties", "removals": ["k", "l"]}],
        "add-schema": [{"action": "add-schema", "schema": SCHEMAS["wider view"]}],
        "set-location": [
            {
                "action": "set-location",
                "location": Known("location", Place(space.levels, "w"), suffix="/moved"),
            }
        ],
        "assign-uuid": [{"action": "assign-uuid", "uuid": NOWHERE_UUID}],
        "upgrade-format-version": [{"action": "upgrade-format-version", "format-version": 1}],
        "unknown-update": [{"action": "unknown-update"}],
    }
    return choices[kind], kind
