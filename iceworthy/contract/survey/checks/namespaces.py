"""Namespaces are created once, found, listed, and dropped when empty."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.contract.survey.desk import Finding, SurveyDesk, other_name, said
from iceworthy.record.history import key_of

REQUIREMENTS = ("FR-001", "FR-002")


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, name = desk.wire, desk.name("space")
    created = desk.ask(wire.create_namespace(name, {"owner": "iceworthy"}))
    yield desk.status("FR-001", "create a namespace", created, 200)
    if not created.ok:
        return
    yield desk.shape("create a namespace", created, other_name(name, created))
    loaded = desk.ask(wire.load_namespace(name))
    yield desk.status("FR-001", "load a namespace that was created", loaded, 200)
    yield desk.shape("load a namespace", loaded, other_name(name, loaded))
    exists = desk.ask(wire.namespace_exists(name))
    yield desk.status("FR-001", "HEAD of a namespace that is there", exists, 204)
    listing = desk.namespaces(desk.root)
    count = listing.names.count(key_of(name))
    yield desk.finding(
        "FR-001",
        "a created namespace is listed once",
        wanted="once",
        came=f"{count} times, listing {listing.stopped or 'complete'}",
        works=count == 1 and listing.complete,
        call=wire.list_namespaces(desk.root),
    )
    yield from _created_twice(desk, name)
    yield from _unknown(desk)
    yield from _dropped(desk, name)
    yield from _not_empty(desk)


def _created_twice(desk: SurveyDesk, name: tuple[str, ...]) -> Iterator[Finding]:
    wire = desk.wire
    before = desk.ask(wire.load_namespace(name))
    again = desk.ask(wire.create_namespace(name, {"owner": "another"}))
    after = desk.ask(wire.load_namespace(name))
    unchanged = before.body == after.body
    yield desk.finding(
        "FR-001",
        "create a namespace that is there",
        wanted="status 409, nothing changed",
        came=f"{said(again)}; it is {'as before' if unchanged else 'changed'}",
        works=again.status == 409 and unchanged,
        call=again.call,
    )


def _unknown(desk: SurveyDesk) -> Iterator[Finding]:
    wire, unknown = desk.wire, desk.name("unknown")
    loaded = desk.ask(wire.load_namespace(unknown))
    yield desk.status("FR-001", "load a namespace that is not there", loaded, 404)
    exists = desk.ask(wire.namespace_exists(unknown))
    yield desk.status("FR-001", "HEAD of a namespace that is not there", exists, 404)
    dropped = desk.ask(wire.drop_namespace(unknown))
    yield desk.status("FR-001", "drop a namespace that is not there", dropped, 404)
    listed = desk.ask(wire.list_tables(unknown))
    yield desk.status("FR-001", "list the tables of a namespace that is not there", listed, 404)
    created = desk.ask(wire.create_table(unknown, "t"))
    yield desk.status("FR-001", "create a table in a namespace that is not there", created, 404)


def _dropped(desk: SurveyDesk, name: tuple[str, ...]) -> Iterator[Finding]:
    wire = desk.wire
    dropped = desk.ask(wire.drop_namespace(name))
    yield desk.status("FR-001", "drop an empty namespace", dropped, 204)
    loaded = desk.ask(wire.load_namespace(name))
    listed = key_of(name) in desk.namespaces(desk.root).names
    yield desk.finding(
        "FR-001",
        "a dropped namespace is gone",
        wanted="status 404 and not listed",
        came=f"{said(loaded)}; {'still' if listed else 'not'} listed",
        works=loaded.status == 404 and not listed,
        call=loaded.call,
    )


def _not_empty(desk: SurveyDesk) -> Iterator[Finding]:
    wire, name = desk.wire, desk.fresh("filled")
    desk.table(name, "t")
    dropped = desk.ask(wire.drop_namespace(name))
    table = desk.ask(wire.load_table(name, "t"))
    yield desk.finding(
        "FR-001",
        "drop a namespace that holds a table",
        wanted="status 409, nothing dropped",
        came=f"{said(dropped)}; then the table: status {table.status}",
        works=dropped.status == 409 and table.status == 200,
        call=dropped.call,
    )
