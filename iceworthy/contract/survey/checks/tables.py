"""Tables are created once, loaded whole, found, listed and dropped."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.client.wire import SCHEMA, SPEC, Namespace
from iceworthy.contract.survey.desk import Finding, SeenReply, SurveyDesk, said
from iceworthy.contract.survey.table_metadata import unreadable
from iceworthy.record.history import key_of

REQUIREMENTS = ("FR-001", "FR-002")


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, space = desk.wire, desk.fresh("tables")
    created = desk.ask(wire.create_table(space, "t", properties={"owner": "iceworthy"}))
    yield desk.status("FR-001", "create a table", created, 200)
    if created.table is None:
        if created.ok:
            yield desk.shape("create a table", created, unreadable(created.body))
        return
    yield desk.shape("create a table", created, unreadable(created.body))
    loaded = desk.ask(wire.load_table(space, "t"))
    yield desk.status("FR-001", "load a table that was created", loaded, 200)
    yield desk.shape("load a table", loaded, unreadable(loaded.body))
    yield from _as_asked(desk, created, loaded)
    exists = desk.ask(wire.table_exists(space, "t"))
    yield desk.status("FR-001", "HEAD of a table that is there", exists, 204)
    listed = desk.ask(wire.list_tables(space))
    yield desk.shape("list tables", listed)
    names = desk.tables(space).names
    yield desk.finding(
        "FR-001",
        "a created table is listed once",
        wanted=str([key_of(space, "t")]),
        came=f"status {listed.status}, {list(names)}",
        works=names == (key_of(space, "t"),),
        call=listed.call,
    )
    yield from _bare(desk, space)
    yield from _created_twice(desk, space)
    yield from _unknown(desk, space)
    yield from _dropped(desk, space)


def _bare(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    """Name and schema are all that a request needs; what it leaves out is not null in the table."""
    created = desk.ask(desk.raw("createTable", space, "bare", {"name": "bare", "schema": SCHEMA}))
    yield desk.status("FR-001", "create a table with a name and a schema alone", created, 200)
    if created.ok:
        what = "load a table that was created with a name and a schema alone"
        loaded = desk.ask(desk.wire.load_table(space, "bare"))
        yield desk.shape(what, loaded, unreadable(loaded.body))
        desk.ask(desk.wire.drop_table(space, "bare"))


def _as_asked(desk: SurveyDesk, created: SeenReply, loaded: SeenReply) -> Iterator[Finding]:
    first, second = created.table, loaded.table
    same = (
        second is not None
        and first is not None
        and ((first.uuid, first.metadata_location) == (second.uuid, second.metadata_location))
    )
    yield desk.finding(
        "FR-001",
        "a created table is the one that is loaded",
        wanted="the same table-uuid and metadata-location",
        came="the same" if same else f"{first and first.uuid} and {second and second.uuid}",
        works=same,
        call=loaded.call,
    )
    metadata = loaded.metadata()
    wanted = {
        "format-version": 2,
        "columns": [(field["name"], field["type"]) for field in SCHEMA["fields"]],
        "partition": [(field["name"], field["transform"]) for field in SPEC["fields"]],
        "owner": "iceworthy",
    }
    came = {
        "format-version": metadata.get("format-version"),
        "columns": _current(
            metadata, "schemas", "schema-id", "current-schema-id", "fields", ("name", "type")
        ),
        "partition": _current(
            metadata,
            "partition-specs",
            "spec-id",
            "default-spec-id",
            "fields",
            ("name", "transform"),
        ),
        "owner": (metadata.get("properties") or {}).get("owner"),
    }
    differing = [name for name in wanted if wanted[name] != came[name]]
    yield desk.finding(
        "FR-001",
        "a created table is as it was asked for",
        wanted="; ".join(f"{name} {wanted[name]}" for name in differing or wanted),
        came="; ".join(f"{name} {came[name]}" for name in differing) or "so it is",
        works=not differing,
        call=loaded.call,
    )


def _current(
    metadata: object, listed: str, key: str, current: str, parts: str, names: tuple[str, str]
) -> object:
    if not isinstance(metadata, dict):
        return None
    for entry in metadata.get(listed) or []:
        if isinstance(entry, dict) and entry.get(key) == metadata.get(current):
            return [tuple(part.get(name) for name in names) for part in entry.get(parts) or []]
    return None


def _created_twice(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    wire = desk.wire
    before = desk.read(space, "t")
    again = desk.ask(wire.create_table(space, "t", properties={"owner": "another"}))
    after = desk.ask(wire.load_table(space, "t"))
    unchanged = before.metadata() == after.metadata()
    yield desk.finding(
        "FR-001",
        "create a table that is there",
        wanted="status 409, nothing changed",
        came=f"{said(again)}; it is {'as before' if unchanged else 'changed'}",
        works=again.status == 409 and unchanged,
        call=again.call,
    )


def _unknown(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    wire = desk.wire
    loaded = desk.ask(wire.load_table(space, "unknown"))
    yield desk.status("FR-001", "load a table that is not there", loaded, 404)
    exists = desk.ask(wire.table_exists(space, "unknown"))
    yield desk.status("FR-001", "HEAD of a table that is not there", exists, 404)
    dropped = desk.ask(wire.drop_table(space, "unknown"))
    yield desk.status("FR-001", "drop a table that is not there", dropped, 404)


def _dropped(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    wire = desk.wire
    dropped = desk.ask(wire.drop_table(space, "t"))
    yield desk.status("FR-001", "drop a table", dropped, 204)
    loaded = desk.ask(wire.load_table(space, "t"))
    exists = desk.ask(wire.table_exists(space, "t"))
    names = desk.tables(space).names
    yield desk.finding(
        "FR-001",
        "a dropped table is gone",
        wanted="status 404, HEAD 404, not listed",
        came=f"{said(loaded)}; HEAD {exists.status}; listed {list(names)}",
        works=loaded.status == exists.status == 404 and not names,
        call=loaded.call,
    )
    again = desk.ask(wire.create_table(space, "t"))
    yield desk.status("FR-001", "create a table under a name that was dropped", again, 200)
