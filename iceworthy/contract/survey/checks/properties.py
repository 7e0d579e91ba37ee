"""Namespace properties are set, removed, kept, and never both set and removed."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.client.observe import see_properties
from iceworthy.contract.desk import Needs
from iceworthy.contract.survey.desk import Finding, SurveyDesk, said

REQUIREMENTS = ("FR-001", "FR-002")


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, name = desk.wire, desk.name("props")
    created = desk.ask(wire.create_namespace(name, {"kept": "1", "removed": "2"}))
    if not created.ok:
        raise Needs(f"needs a namespace, refused: {said(created)}")
    updated = desk.ask(
        wire.update_namespace_properties(name, {"set": "3 \u00e9\u96ea"}, ["removed", "never"])
    )
    # "Server implementations are not required to support namespace properties": 406 says so.
    yield desk.status("FR-001", "set and remove properties of a namespace", updated, 200, 406)
    if updated.status != 200:
        return
    yield desk.shape("set and remove properties", updated)
    body = updated.body if isinstance(updated.body, dict) else {}
    yield desk.finding(
        "FR-001",
        "the answer tells which properties were set and removed",
        wanted="updated ['set'], removed ['removed']",
        came=f"updated {body.get('updated')}, removed {body.get('removed')}",
        works=body.get("updated") == ["set"] and body.get("removed") == ["removed"],
        call=updated.call,
    )
    loaded = desk.ask(wire.load_namespace(name))
    held = see_properties(loaded.answer.body) or {}
    seen = {key: held.get(key) for key in ("kept", "set", "removed")}
    wanted = {"kept": "1", "set": "3 \u00e9\u96ea", "removed": None}
    yield desk.finding(
        "FR-001",
        "properties are as they were set, removed and left",
        wanted=str(wanted),
        came=f"status {loaded.status}, {seen}",
        works=seen == wanted,
        call=loaded.call,
    )
    both = desk.ask(wire.update_namespace_properties(name, {"kept": "9"}, ["kept"]))
    after = see_properties(desk.ask(wire.load_namespace(name)).answer.body) or {}
    yield desk.finding(
        "FR-001",
        "set and remove one property in one request",
        wanted="status 422, nothing changed",
        came=f"{said(both)}; the property is {after.get('kept')!r}",
        works=both.status == 422 and after.get("kept") == "1",
        call=both.call,
    )
    unknown = desk.ask(wire.update_namespace_properties(desk.name("unknown"), {"a": "b"}))
    yield desk.status("FR-001", "set properties of a namespace that is not there", unknown, 404)
