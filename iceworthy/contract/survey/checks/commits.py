"""A commit changes what it says, all of it, and refuses what it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iceworthy.client.wire import SCHEMA, Namespace
from iceworthy.contract.survey.desk import Finding, SurveyDesk, said
from iceworthy.contract.survey.table_metadata import unreadable

REQUIREMENTS = ("FR-001", "FR-002")


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, space = desk.wire, desk.fresh("commits")
    desk.table(space, "t")
    before = desk.read(space, "t")
    updates = [{"action": "set-properties", "updates": {"a": "1", "b": "2"}}]
    done = desk.ask(wire.commit(space, "t", [], updates))
    yield desk.status("FR-001", "commit new properties to a table", done, 200)
    if not done.ok:
        return
    yield desk.shape("commit to a table", done, unreadable(done.body))
    after = desk.read(space, "t")
    assert before.table is not None
    assert after.table is not None
    held = {key: after.table.properties.get(key) for key in ("a", "b")}
    yield desk.finding(
        "FR-001",
        "committed properties are there",
        wanted="{'a': '1', 'b': '2'}",
        came=str(held),
        works=held == {"a": "1", "b": "2"},
        call=done.call,
    )
    moved = after.table.metadata_location not in ("", before.table.metadata_location)
    same = done.table is not None and done.table.metadata_location == after.table.metadata_location
    yield desk.finding(
        "FR-001",
        "a commit moves metadata-location, and its answer names the new one",
        wanted="a new location, the same in the answer and in the next load",
        came=f"{'new' if moved else 'not new'}, {'the same' if same else 'not the same'}",
        works=moved and same,
        call=done.call,
    )
    yield from _removed(desk, space)
    yield from _schema(desk, space)
    yield from _unknown_parts(desk, space)
    missing = desk.ask(wire.commit(space, "unknown", [], updates))
    yield desk.status("FR-001", "commit to a table that is not there", missing, 404)


def _removed(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    removal = [{"action": "remove-properties", "removals": ["a"]}]
    done = desk.ask(desk.wire.commit(space, "t", [], removal))
    after = desk.read(space, "t").table
    assert after is not None
    kept = {key: after.properties.get(key) for key in ("a", "b")}
    yield desk.finding(
        "FR-001",
        "commit the removal of a property",
        wanted="status 200, it is gone and the other one kept",
        came=f"{said(done)}; {kept}",
        works=done.status == 200 and kept == {"a": None, "b": "2"},
        call=done.call,
    )


def _schema(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    """-1 names the schema that this very commit added: order matters."""
    metadata = desk.read(space, "t").metadata()
    last = metadata.get("last-column-id")
    new_id = last + 1 if isinstance(last, int) else 5
    current = next(
        (
            s
            for s in metadata.get("schemas") or []
            if s.get("schema-id") == metadata.get("current-schema-id")
        ),
        SCHEMA,
    )
    column = {"id": new_id, "name": "added", "required": False, "type": "string"}
    schema = {**current, "schema-id": 1, "fields": [*current["fields"], column]}
    updates = [
        {"action": "add-schema", "schema": schema, "last-column-id": new_id},
        {"action": "set-current-schema", "schema-id": -1},
    ]
    done = desk.ask(desk.wire.commit(space, "t", [], updates))
    after = desk.read(space, "t").metadata()
    columns = _columns(after)
    yield desk.finding(
        "FR-001",
        "commit a new column to the schema",
        wanted=f"status 200, the current schema has it, last-column-id {new_id}",
        came=f"{said(done)}; columns {columns}, last-column-id {after.get('last-column-id')}",
        works=done.status == 200 and "added" in columns and after.get("last-column-id") == new_id,
        call=done.call,
    )


def _columns(metadata: Mapping[str, Any]) -> Sequence[str]:
    for schema in metadata.get("schemas") or []:
        if schema.get("schema-id") == metadata.get("current-schema-id"):
            return [str(field.get("name")) for field in schema.get("fields") or []]
    return []


def _unknown_parts(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    """ "required to fail with a 400 status code if any unknown updates or requirements"."""
    change = {"action": "set-properties", "updates": {"unknown": "1"}}
    cases: tuple[tuple[str, list[dict[str, Any]], list[dict[str, Any]]], ...] = (
        ("update", [], [change, {"action": "iw-unknown", "value": 1}]),
        ("requirement", [{"type": "iw-unknown", "value": 1}], [change]),
    )
    for what, requirements, updates in cases:
        before = desk.read(space, "t").metadata()
        done = desk.ask(desk.wire.commit(space, "t", requirements, updates))
        unchanged = desk.read(space, "t").metadata() == before
        yield desk.finding(
            "FR-001",
            f"commit with an unknown {what}",
            wanted="status 400, nothing changed",
            came=f"{said(done)}; {'nothing' if unchanged else 'something'} changed",
            works=done.status == 400 and unchanged,
            call=done.call,
        )
