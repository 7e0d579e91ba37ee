"""Each requirement of a commit: what does not hold refuses it, what holds lets it through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iceworthy.client.snapshots import snapshot_id
from iceworthy.client.wire import SCHEMA, SPEC, Namespace
from iceworthy.contract.desk import Needs
from iceworthy.contract.survey.desk import Finding, SeenReply, SurveyDesk, said
from iceworthy.contract.survey.snapshot_range import append, snapshot_range

REQUIREMENTS = ("FR-004", "FR-001")

OTHER_UUID = "00000000-0000-4000-8000-000000000001"

# requirement type, its field, the field of the metadata that it is compared with
_NUMBERS = (
    ("assert-last-assigned-field-id", "last-assigned-field-id", "last-column-id"),
    ("assert-current-schema-id", "current-schema-id", "current-schema-id"),
    ("assert-last-assigned-partition-id", "last-assigned-partition-id", "last-partition-id"),
    ("assert-default-spec-id", "default-spec-id", "default-spec-id"),
    ("assert-default-sort-order-id", "default-sort-order-id", "default-sort-order-id"),
)


def check(desk: SurveyDesk) -> Iterator[Finding]:
    space = desk.fresh("reqs")
    yield from _of_the_table(desk, space)
    yield from _of_refs(desk, space)
    yield from _of_creation(desk, space)


def _of_the_table(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    desk.table(space, "t")
    read = desk.read(space, "t")
    metadata = read.metadata()
    assert read.table is not None
    uuid = {"type": "assert-table-uuid", "uuid": read.table.uuid}
    yield from _both(desk, space, "t", uuid, {**uuid, "uuid": OTHER_UUID})
    for kind, name, source in _NUMBERS:
        value = metadata.get(source)
        if not isinstance(value, int):
            value = _implied(metadata, source)
        if value is None:
            yield desk.finding(
                "FR-004",
                kind,
                wanted="status 200 when it holds, 409 when not",
                came=f"the table's metadata has no {source} to compare with",
                works=None,
                call=read.call,
            )
            continue
        holds = {"type": kind, name: value}
        yield from _both(desk, space, "t", holds, {**holds, name: value + 1000})


def _implied(metadata: Mapping[str, Any], source: str) -> int | None:
    """What a missing number must be for a new table, by what it counts; its lack is FR-002's."""
    if source == "last-column-id":
        ids = [field.get("id") for s in metadata.get("schemas") or [] for field in s["fields"]]
    elif source == "last-partition-id":
        specs = metadata.get("partition-specs") or []
        ids = [field.get("field-id") for spec in specs for field in spec["fields"]]
    else:
        return None
    return max((i for i in ids if isinstance(i, int)), default=None)


def _of_refs(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    def main(snapshot_id: int | None) -> dict[str, Any]:
        return {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": snapshot_id}

    desk.table(space, "empty")
    yield _lets_through(desk, space, "empty", main(None), "null for a ref that is not there")
    yield _refuses(desk, space, "empty", main(12345), "an id for a ref that is not there")
    known = snapshot_range(desk)
    if not known.works:
        raise Needs("needs a snapshot, and the target keeps none (see snapshot_ids)")
    desk.table(space, "filled")
    first = snapshot_id(desk.random, known.id_bits)
    appended = append(desk, space, "filled", first)
    if not appended.ok:
        raise Needs(f"needs a snapshot, refused: {said(appended)}")
    yield _refuses(desk, space, "filled", main(None), "null for a ref that is there")
    yield _refuses(desk, space, "filled", main(first ^ 2), "another id than the ref's")
    yield _lets_through(desk, space, "filled", main(first), "the ref's own id")


def _of_creation(desk: SurveyDesk, space: Namespace) -> Iterator[Finding]:
    create = {"type": "assert-create"}
    yield _refuses(desk, space, "t", create, "for a table that is there")
    body = {"name": "staged", "schema": SCHEMA, "partition-spec": SPEC, "stage-create": True}
    staged = desk.ask(desk.raw("createTable", space, "staged", body))
    what = "assert-create of a staged table that is not there lets the commit through"
    wanted = "status 200, the table is there"
    metadata = staged.metadata()
    early = desk.ask(desk.wire.load_table(space, "staged"))
    yield desk.finding(
        "FR-001",
        "a staged table is not there before it is committed",
        wanted="staged 200, then status 404",
        came=f"staged {said(staged)}, then {said(early)}",
        works=staged.status == 200 and early.status == 404,
        call=staged.call,
    )
    if not staged.ok or not metadata.get("location"):
        yield desk.finding(
            "FR-004",
            what,
            wanted=wanted,
            works=False,
            call=staged.call,
            came=f"staging it: {said(staged)}",
        )
        return
    done = desk.ask(desk.wire.commit(space, "staged", [create], _creation(metadata)))
    loaded = desk.ask(desk.wire.load_table(space, "staged"))
    yield desk.finding(
        "FR-004",
        what,
        wanted=wanted,
        came=f"{said(done)}; then to load it: {said(loaded)}",
        works=done.status == 200 and loaded.status == 200,
        call=done.call,
    )


def _creation(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The changes of a create transaction, as clients send them."""
    schema = (metadata.get("schemas") or [SCHEMA])[0]
    spec = (metadata.get("partition-specs") or [SPEC])[0]
    order = (metadata.get("sort-orders") or [{"order-id": 0, "fields": []}])[0]
    return [
        {"action": "assign-uuid", "uuid": metadata["table-uuid"]},
        {"action": "upgrade-format-version", "format-version": 2},
        {"action": "add-schema", "schema": schema, "last-column-id": metadata["last-column-id"]},
        {"action": "set-current-schema", "schema-id": -1},
        {"action": "add-spec", "spec": spec},
        {"action": "set-default-spec", "spec-id": -1},
        {"action": "add-sort-order", "sort-order": order},
        {"action": "set-default-sort-order", "sort-order-id": -1},
        {"action": "set-location", "location": metadata["location"]},
        {"action": "set-properties", "updates": {"created": "staged"}},
    ]


def _both(
    desk: SurveyDesk,
    space: Namespace,
    name: str,
    holds: Mapping[str, Any],
    fails: Mapping[str, Any],
) -> Iterator[Finding]:
    yield _refuses(desk, space, name, fails, "that does not hold")
    yield _lets_through(desk, space, name, holds, "that holds")


def _refuses(
    desk: SurveyDesk, space: Namespace, name: str, requirement: Mapping[str, Any], case: str
) -> Finding:
    before = desk.read(space, name).metadata()
    done = _commit(desk, space, name, requirement)
    unchanged = desk.read(space, name).metadata() == before
    return desk.finding(
        "FR-004",
        f"{requirement['type']} {case} refuses the commit",
        wanted="status 409, nothing changed",
        came=f"{said(done)}; {'nothing changed' if unchanged else 'the table changed'}",
        works=done.status == 409 and unchanged,
        call=done.call,
    )


def _lets_through(
    desk: SurveyDesk, space: Namespace, name: str, requirement: Mapping[str, Any], case: str
) -> Finding:
    done = _commit(desk, space, name, requirement)
    after = desk.read(space, name).table
    applied = after is not None and after.properties.get("probe") == _token(requirement, name)
    return desk.finding(
        "FR-004",
        f"{requirement['type']} {case} lets the commit through",
        wanted="status 200, the change is there",
        came=f"{said(done)}; the change is {'there' if applied else 'not there'}",
        works=done.status == 200 and applied,
        call=done.call,
    )


def _commit(
    desk: SurveyDesk, space: Namespace, name: str, requirement: Mapping[str, Any]
) -> SeenReply:
    change = {"action": "set-properties", "updates": {"probe": _token(requirement, name)}}
    return desk.ask(desk.wire.commit(space, name, [requirement], [change]))


def _token(requirement: Mapping[str, Any], name: str) -> str:
    return f"{name} {sorted(requirement.items(), key=str)}"
