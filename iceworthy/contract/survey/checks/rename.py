"""A rename moves a table whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.client.wire import Namespace
from iceworthy.contract.survey.desk import Finding, SeenReply, SurveyDesk, said
from iceworthy.record.history import key_of

REQUIREMENTS = ("FR-001",)


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, space = desk.wire, desk.fresh("rename")
    uuid = desk.table(space, "old").uuid
    renamed = desk.ask(wire.rename_table(space, "old", space, "new"))
    yield desk.status("FR-001", "rename a table", renamed, 204)
    if not renamed.ok:
        return
    old, new = desk.ask(wire.load_table(space, "old")), desk.ask(wire.load_table(space, "new"))
    names = desk.tables(space).names
    yield desk.finding(
        "FR-001",
        "a renamed table has its new name alone, and its uuid",
        wanted=f"old 404, new 200 with uuid {uuid}, listed {[key_of(space, 'new')]}",
        came=f"old {old.status}, new {new.status} with uuid {_uuid(new)}, listed {list(names)}",
        works=old.status == 404 and _uuid(new) == uuid and names == (key_of(space, "new"),),
        call=renamed.call,
    )
    yield from _taken(desk, space)
    missing = desk.ask(wire.rename_table(space, "unknown", space, "other"))
    yield desk.status("FR-001", "rename a table that is not there", missing, 404)
    nowhere = desk.ask(wire.rename_table(space, "new", desk.name("unknown"), "new"))
    still = desk.ask(wire.load_table(space, "new"))
    yield desk.finding(
        "FR-001",
        "rename into a namespace that is not there",
        wanted="status 404, the table stays (or 406: moving is not supported)",
        came=f"{said(nowhere)}; the table under its name: status {still.status}",
        works=nowhere.status in (404, 406) and still.status == 200,
        call=nowhere.call,
    )
    yield from _moved(desk, space)


def _uuid(reply: SeenReply) -> str | None:
    return reply.table.uuid if reply.table else None


def _taken(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    wire = desk.wire
    desk.table(space, "taken")
    before = [_uuid(desk.read(space, name)) for name in ("new", "taken")]
    onto = desk.ask(wire.rename_table(space, "new", space, "taken"))
    after = [_uuid(desk.ask(wire.load_table(space, name))) for name in ("new", "taken")]
    yield desk.finding(
        "FR-001",
        "rename onto a name that is taken",
        wanted="status 409, both tables stay",
        came=f"{said(onto)}; {'both stay' if before == after else 'they changed'}",
        works=onto.status == 409 and before == after,
        call=onto.call,
    )


def _moved(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    """ "the server implementation is not required to support it": a refusal that moves nothing."""
    wire, other = desk.wire, desk.fresh("rename")
    uuid = _uuid(desk.read(space, "new"))
    moved = desk.ask(wire.rename_table(space, "new", other, "moved"))
    here, there = desk.ask(wire.load_table(space, "new")), desk.ask(wire.load_table(other, "moved"))
    done = moved.status == 204 and here.status == 404 and _uuid(there) == uuid
    refused = moved.status in (400, 406) and _uuid(here) == uuid and there.status == 404
    yield desk.finding(
        "FR-001",
        "rename a table into another namespace",
        wanted="status 204 and it is there alone, or 406 (400) and it stays",
        came=f"{said(moved)}; old name {here.status}, new name {there.status}",
        works=done or refused,
        call=moved.call,
    )
