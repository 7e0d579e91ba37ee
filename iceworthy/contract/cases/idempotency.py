"""Idempotency keys: a request with a key has one effect, if the target's config advertises keys."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.wire import Namespace
from iceworthy.contract.asks import Ask
from iceworthy.contract.case import Body, case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import all_busy, hindered
from iceworthy.contract.view_scenes import CURRENT, added, make_view, view_body

PLACE = "parameters.idempotency-key"

SAYS = "a request that is sent again with its key has no further effect, and an equivalent answer"
PARTS = tuple[Any, ...]
Made = tuple[str, PARTS, Any]


def new_key(desk: Desk) -> str:
    """A new UUIDv7, random from the seed."""
    raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + desk.random.randbytes(10))
    raw[6], raw[8] = 0x70 | raw[6] & 0x0F, 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def _check_promised(desk: Desk) -> None:
    reply = desk.expect(desk.do("getConfig"), 200)
    if not reply.get("idempotency-key-lifetime"):
        desk.skip("the target's configuration has no idempotency-key-lifetime")


def _keyed(desk: Desk, made: Made, key: str, node: int = 0) -> Reply:
    operation_id, parts, body = made
    headers = {"Idempotency-Key": key}
    return desk.do(operation_id, *parts, body=body, headers=headers, node=node)


KEPT = ("namespace_properties",)
"""A server need not have properties of namespaces: it then answers 406."""


def _move(space: Namespace, source: str, target: str) -> dict[str, Any]:
    return {
        "source": {"namespace": list(space), "name": source},
        "destination": {"namespace": list(space), "name": target},
    }


def _properties(desk: Desk) -> Made:
    body = {"removals": ["nothing"], "updates": {"a": "1"}}
    return "updateProperties", (desk.fresh(),), body


def _namespace(desk: Desk) -> Made:
    body = {"namespace": [*desk.root, desk.name()], "properties": {"a": "1"}}
    return "createNamespace", (), body


def _table(desk: Desk) -> Made:
    space = desk.fresh()
    return "createTable", (space,), desk.table_body("t", space)


def _commit(desk: Desk) -> Made:
    space = desk.fresh()
    made = desk.table(space)
    requirements = [
        {"type": "assert-table-uuid", "uuid": made.get("table-uuid")},
        {"type": "assert-current-schema-id", "current-schema-id": 0},
    ]
    fields = [
        *made["schemas"][0]["fields"],
        {"id": 90, "name": "more", "type": "long", "required": False},
    ]
    schema = {"type": "struct", "schema-id": 1, "fields": fields}
    updates = [
        {"action": "add-schema", "schema": schema, "last-column-id": 90},
        {"action": "set-current-schema", "schema-id": -1},
    ]
    return "updateTable", (space, "t"), {"requirements": requirements, "updates": updates}


def _transaction(desk: Desk) -> Made:
    _, (space, name), body = _commit(desk)
    change = {"identifier": {"namespace": list(space), "name": name}, **body}
    return "commitTransaction", (), {"table-changes": [change]}


def _drop(desk: Desk) -> Made:
    space = desk.fresh()
    desk.table(space)
    return "dropTable", (space, "t"), None


def _rename(desk: Desk) -> Made:
    space = desk.fresh()
    desk.table(space)
    return "renameTable", (), _move(space, "t", "u")


def _drop_namespace(desk: Desk) -> Made:
    return "dropNamespace", (desk.fresh(),), None


def _replace_view(desk: Desk) -> Made:
    space = desk.fresh()
    make_view(desk, space)
    body = {"requirements": [], "updates": [added("select 2"), CURRENT]}
    return "replaceView", (space, "v"), body


def _drop_view(desk: Desk) -> Made:
    space = desk.fresh()
    make_view(desk, space)
    return "dropView", (space, "v"), None


def _rename_view(desk: Desk) -> Made:
    space = desk.fresh()
    make_view(desk, space)
    return "renameView", (), _move(space, "v", "w")


def _register_view(desk: Desk) -> Made:
    space = desk.fresh()
    made = make_view(desk, space)
    body = {"name": "w", "metadata-location": made.get("metadata-location")}
    return "registerView", (space,), body


def _register_table(desk: Desk) -> Made:
    space = desk.fresh()
    desk.table(space)
    location = desk.load(space).get("metadata-location")
    desk.need(desk.do("dropTable", space, "t", query={"purgeRequested": False}))
    return "registerTable", (space,), {"name": "w", "metadata-location": location}


_MUTATIONS: dict[str, Callable[[Desk], Made]] = {
    "createNamespace": _namespace,
    "updateProperties": _properties,
    "dropNamespace": _drop_namespace,
    "createTable": _table,
    "updateTable": _commit,
    "dropTable": _drop,
    "renameTable": _rename,
    "registerTable": _register_table,
    "commitTransaction": _transaction,
    "replaceView": _replace_view,
    "dropView": _drop_view,
    "renameView": _rename_view,
    "registerView": _register_view,
}


def _of(
    says: str, names: Iterable[str] = _MUTATIONS, needs: tuple[str, ...] = (), **more: Any
) -> Callable[[Body], Body]:
    """One case for each of these mutations; each judges its mutation."""

    def register(body: Body) -> Body:
        for name in names:
            uses = ("createView" if "View" in name else "createTable",)
            kept = KEPT if name == "updateProperties" else ()
            each = {name: _MUTATIONS[name]}
            case(name, says=says, uses=uses, each=each, needs=(*needs, *kept), **more)(body)
        return body

    return register


def _first(desk: Desk, made: Made, key: str) -> Reply:
    reply = _keyed(desk, made, key)
    if not reply.ok and made[0].startswith("register"):
        desk.skip("the target deletes the metadata of what is dropped, as it may")
    busy = all_busy([reply])
    desk.that("the first answer", reply.ok, expected="a 2xx", got=reply.said, evidence=busy)
    return reply


def _check_equivalent(desk: Desk, first: Reply, again: Reply) -> None:
    desk.same("status", first.status, again.status, again)
    for key in ("table-uuid", "view-uuid"):
        desk.same(key, first.metadata.get(key), again.metadata.get(key), again)
    for key in ("namespace", "updated", "removed"):
        desk.same(key, first.get(key), again.get(key), again)


def _check_one_effect(desk: Desk, made: Made) -> None:
    """Check that every effect of the change that can be read exists exactly once."""
    operation_id, parts, _ = made
    if operation_id == "updateTable":
        schemas = desk.load(parts[0]).metadata.get("schemas") or []
        desk.same("number of schemas", 2, len(schemas))
    elif operation_id == "replaceView":
        found = desk.expect(desk.do("loadView", *parts), 200).metadata
        desk.same("entries of the log", 2, len(found.get("version-log") or []))


@_of(SAYS)
def sent_again_it_has_no_further_effect(desk: Desk, make: Callable[[Desk], Made]) -> None:
    _check_promised(desk)
    made, key = make(desk), new_key(desk)
    first = _first(desk, made, key)
    for _ in range(2):
        _check_equivalent(desk, first, _keyed(desk, made, key))
    _check_one_effect(desk, made)


@_of(f"{SAYS}, from every node", needs=("two_nodes",))
def sent_again_to_the_other_node_it_has_no_further_effect(
    desk: Desk, make: Callable[[Desk], Made]
) -> None:
    _check_promised(desk)
    made, key = make(desk), new_key(desk)
    first = _first(desk, made, key)
    _check_equivalent(desk, first, _keyed(desk, made, key, node=1))
    _check_one_effect(desk, made)


@case(
    "createTable", says="a key's answer is repeated even if the table it created was dropped since"
)
def a_drop_in_between_is_not_undone(desk: Desk) -> None:
    _check_promised(desk)
    made, key = _table(desk), new_key(desk)
    space = made[1][0]
    desk.expect(_keyed(desk, made, key), 200)
    desk.expect(desk.do("dropTable", space, "t"), 204)
    again = _keyed(desk, made, key)
    desk.that("status", again.status < 500, expected="a final answer", got=again.said)
    desk.is_there("tableExists", space, "t", there=False)


@case(
    "dropTable",
    uses=("createTable",),
    says="a repeated drop does not drop a new table of the same name",
)
def a_successor_is_not_dropped(desk: Desk) -> None:
    _check_promised(desk)
    made, key = _drop(desk), new_key(desk)
    desk.expect(_keyed(desk, made, key), 204)
    desk.table(made[1][0])
    desk.expect(_keyed(desk, made, key, node=1), 204)
    desk.load(made[1][0])


@case("updateProperties", says="a repeated older change does not undo a newer one", needs=KEPT)
def a_newer_property_stays(desk: Desk) -> None:
    _check_promised(desk)
    made, key = _properties(desk), new_key(desk)
    desk.expect(_keyed(desk, made, key), 200)
    newer = {"removals": [], "updates": {"a": "2"}}
    desk.need(desk.do("updateProperties", *made[1], body=newer))
    desk.expect(_keyed(desk, made, key, node=1), 200)
    found = desk.expect(desk.do("loadNamespaceMetadata", *made[1]), 200)
    desk.same("property", "2", found.get("properties", "a"))


@case("createTable", says="two requests with two keys are two requests")
def another_key_is_another_request(desk: Desk) -> None:
    _check_promised(desk)
    made = _table(desk)
    desk.expect(_keyed(desk, made, new_key(desk)), 200)
    desk.expect(_keyed(desk, made, new_key(desk)), 409, error="AlreadyExistsException")


@case("createTable", says="a final 4xx is repeated: a conflict whose cause is gone")
def a_conflict_is_replayed(desk: Desk) -> None:
    _check_promised(desk)
    made, key = _table(desk), new_key(desk)
    space = made[1][0]
    desk.table(space)
    desk.expect(_keyed(desk, made, key), 409, error="AlreadyExistsException")
    desk.need(desk.do("dropTable", space, "t"))
    desk.expect(_keyed(desk, made, key, node=1), 409, error="AlreadyExistsException")
    desk.is_there("tableExists", space, "t", there=False)


@case("dropNamespace", says="a final 4xx is repeated: a namespace that was not found")
def a_not_found_is_replayed(desk: Desk) -> None:
    _check_promised(desk)
    space, key = (*desk.root, desk.name()), new_key(desk)
    made: Made = ("dropNamespace", (space,), None)
    desk.expect(_keyed(desk, made, key), 404)
    desk.namespace(space)
    desk.expect(_keyed(desk, made, key, node=1), 404)
    desk.is_there("namespaceExists", space)


@case(
    "createTable",
    each={
        "no uuid": "x",
        "version 4": str(uuid.UUID(int=0x0123456789AB4CDE8123456789ABCDEF)),
        "too long": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "no hyphens": "017f22e279b07cc398c4dc0c0c07398f",
    },
    says="a key is a UUIDv7 of 36 characters",
)
def a_key_that_is_no_uuid_of_version_7_is_refused(desk: Desk, key: str) -> None:
    _check_promised(desk)
    made = _table(desk)
    reply = _keyed(desk, made, key)
    if reply.ok:
        desk.skip("the target does not check the key's form, as the contract permits")
    desk.refused(reply)
    desk.is_there("tableExists", made[1][0], "t", there=False)


@case("createTable", says="a key must not be used for another operation: it has no effect there")
def a_key_of_another_request_has_no_effect(desk: Desk) -> None:
    _check_promised(desk)
    made, key = _table(desk), new_key(desk)
    space = made[1][0]
    desk.expect(_keyed(desk, made, key), 200)
    other: Made = ("createTable", (space,), desk.table_body("u", space))
    reply = _keyed(desk, other, key, node=1)
    desk.that("status", reply.status < 500, expected="an answer", got=reply.said)
    desk.is_there("tableExists", space, "u", there=False)


@_of(
    "of concurrent requests with one key one has the effect",
    ("createTable", "updateProperties", "updateTable", "replaceView"),
)
def twins_at_the_same_moment_have_one_effect(desk: Desk, make: Callable[[Desk], Made]) -> None:
    _check_promised(desk)
    made, key = make(desk), new_key(desk)
    operation_id, parts, body = made
    asks = [
        Ask(
            operation=operation_id,
            parts=parts,
            body=body,
            node=number,
            headers={"Idempotency-Key": key},
        )
        for number in range(4)
    ]
    answered = desk.at_once(*asks)
    replies = [one for one in answered if one is not None]
    first = _keyed(desk, made, key)
    busy = all_busy([first])
    desk.that("the answer in the end", first.ok, expected="a 2xx", got=first.said, evidence=busy)
    for one in replies:
        # the concurrent twin that does not wait is asked to retry
        if one.status not in (409, 425, 429, 503):
            _check_equivalent(desk, first, one)
    desk.that(
        "twins that were answered 2xx",
        any(one.ok for one in replies),
        expected="at least one",
        got=[one.status for one in replies],
        evidence=hindered(answered),
    )
    _check_one_effect(desk, made)


@case("createView", says="a mutation with a key works like one without", place="RFC 9110 5.1")
def a_key_on_a_view_made_is_no_hindrance(desk: Desk) -> None:
    _check_promised(desk)
    made: Made = ("createView", (desk.fresh(),), view_body())
    desk.expect(_keyed(desk, made, new_key(desk)), 200)
    desk.is_there("viewExists", made[1][0], "v")
