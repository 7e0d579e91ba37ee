"""One attempt at each operation, and a check that a refused attempt changed nothing.

Claim: after a refused attempt the state is read back: what it would have created does not exist,
and what it would have changed or dropped is unchanged. Method: each attempt has its own entities,
made with the target's login. Operations that only read, or whose effect cannot be seen from outside
(a plan, a report), are only checked for the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.auth import HeaderSource
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Unanswered
from iceworthy.contract.view_scenes import make_view, view_body
from iceworthy.specification import OPERATIONS, operation
from iceworthy.words.blame import REFUSED

HIDING = (403, 404)
"""Lawful refusals in place of a 401 or 403 (RFC 9110 15.5.4): a server may say that it will not
serve, and may hide that something is there. Both are remarks."""
OPEN_TO_ALL = frozenset({"getConfig"})
"""What many catalogs serve without a login, so that clients learn how to log in: a remark."""
KEY = "iceworthy.attempt"
Parts = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """untouched: raises Broken if the attempt had an effect; None if no effect could be seen."""

    operation: str
    parts: Parts = ()
    body: Any = None
    untouched: Callable[[], None] | None = None


def every() -> dict[str, str]:
    """operationId -> name of each operation of the specification, except the token endpoint."""
    return {one.id: one.id for one in OPERATIONS if not one.deprecated}


def changing() -> dict[str, str]:
    """The operations whose effect can be read back."""
    return {name: name for name in _MADE}


def refuse(desk: Desk, name: str, login: HeaderSource, *statuses: int) -> Reply:
    """Try an operation with this login: it must be refused and must have no effect."""
    if not desk.offers(name):
        desk.skip(f"{name} is not advertised")
    must_be_let_in(desk)
    one = make(desk, name)
    reply = desk.do(one.operation, *one.parts, body=one.body, login=login)
    expected = statuses or REFUSED
    if reply.status in HIDING and reply.status not in expected:
        desk.remark(f"status {' or '.join(map(str, expected))}", reply.said, reply)
    elif name in OPEN_TO_ALL and reply.ok and is_open(desk, name):
        desk.remark("401: `security` holds for every route", reply.said, reply)
    else:
        desk.expect(reply, *expected)
    if one.untouched is not None:
        one.untouched()
    return reply


def case_without_token(name: str) -> str:
    """The case that asks this operation without a token, and judges that it is served."""
    return f"authentication.without_a_token_it_is_refused[{name}]"


def must_be_let_in(desk: Desk, login: HeaderSource | None = None, what: str = "login") -> None:
    """Unanswered if every node refuses the target's login (or this one): that others are refused
    then shows nothing, and the fault may be the target file's."""

    def ask() -> str:
        replies = [desk.do("listNamespaces", node=n, login=login) for n, _ in nodes]
        refused = [one.said for one in replies if one.status in REFUSED]
        return refused[0] if len(refused) == len(replies) else ""

    nodes = list(enumerate(desk.live.nodes))
    if said := desk.shared(f"refusal of the {what}", ask):
        raise Unanswered(f"the {what} itself is refused: {said}")


def is_open(desk: Desk, name: str) -> bool:
    """Whether an operation that changes nothing is served without a login."""
    if name in _MADE or not desk.offers(name):
        return False

    def ask() -> bool:
        one = make(desk, name)
        return desk.do(one.operation, *one.parts, body=one.body, login=HeaderSource()).ok

    return desk.shared(f"open {name}", ask)


def make(desk: Desk, name: str) -> Attempt:
    """An attempt at this operation, with the entities that it needs."""
    if name in _MADE:
        return _MADE[name](desk)
    space = desk.shared("space of attempts", lambda: _furnished(desk))
    known = {"namespace": space, "table": "t", "view": "v"}
    steps = [step.strip("{}") for step in operation(name).template.split("/") if "{" in step]
    parts = tuple(known.get(step, "none") for step in steps if step != "prefix")
    body: Any = {} if operation(name).method == "POST" else None
    return Attempt(operation=name, parts=parts, body=body)


def _furnished(desk: Desk) -> Namespace:
    """A namespace with a table and a view, so that a 404 in place of a refusal hides something."""
    space = desk.fresh()
    with suppress(Needs, Unanswered):
        desk.table(space)
    if desk.offers("createView"):
        with suppress(Needs, Unanswered):
            make_view(desk, space, "v")
    return space


def _create_namespace(desk: Desk) -> Attempt:
    levels: Namespace = (*desk.root, desk.name("ns"))
    return Attempt(
        operation="createNamespace",
        body={"namespace": list(levels), "properties": {}},
        untouched=lambda: gone(desk, "loadNamespaceMetadata", levels),
    )


def _drop_namespace(desk: Desk) -> Attempt:
    space = desk.fresh()
    return Attempt(
        operation="dropNamespace",
        parts=(space,),
        untouched=lambda: _there(desk, "loadNamespaceMetadata", space),
    )


def _update_properties(desk: Desk) -> Attempt:
    space = desk.fresh()

    def untouched() -> None:
        found = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
        desk.same(f"property {KEY}", None, found.get("properties", KEY))

    return Attempt(
        operation="updateProperties",
        parts=(space,),
        body={"updates": {KEY: "1"}},
        untouched=untouched,
    )


def _create_table(desk: Desk) -> Attempt:
    space = desk.fresh()
    return Attempt(
        operation="createTable",
        parts=(space,),
        body=desk.table_body("t", space),
        untouched=lambda: gone(desk, "loadTable", space, "t"),
    )


def _register_table(desk: Desk) -> Attempt:
    space = desk.fresh()
    desk.table(space)
    location = desk.load(space).get("metadata-location")
    return Attempt(
        operation="registerTable",
        parts=(space,),
        body={"name": "again", "metadata-location": location},
        untouched=lambda: gone(desk, "loadTable", space, "again"),
    )


def _set_property() -> dict[str, Any]:
    return {"action": "set-properties", "updates": {KEY: "1"}}


def _unset(desk: Desk, space: Namespace) -> Callable[[], None]:
    return lambda: desk.same(f"property {KEY}", None, properties_of(desk.load(space)).get(KEY))


def properties_of(reply: Reply) -> dict[str, Any]:
    """The properties of the table or view in an answer; {} if they are missing or null."""
    found = reply.metadata.get("properties")
    return found if isinstance(found, dict) else {}


def _update_table(desk: Desk) -> Attempt:
    space = desk.fresh()
    desk.table(space)
    return Attempt(
        operation="updateTable",
        parts=(space, "t"),
        body={"requirements": [], "updates": [_set_property()]},
        untouched=_unset(desk, space),
    )


def _commit_transaction(desk: Desk) -> Attempt:
    space = desk.fresh()
    desk.table(space)
    change = {
        "identifier": {"namespace": list(space), "name": "t"},
        "requirements": [],
        "updates": [_set_property()],
    }
    return Attempt(
        operation="commitTransaction",
        body={"table-changes": [change]},
        untouched=_unset(desk, space),
    )


def _drop_table(desk: Desk) -> Attempt:
    return _table_gone(desk, "dropTable")


def _unregister_table(desk: Desk) -> Attempt:
    return _table_gone(desk, "unregisterTable")


def _table_gone(desk: Desk, operation: str) -> Attempt:
    """An attempt to drop or unregister a new table, which must still be there afterwards."""
    space = desk.fresh()
    desk.table(space)
    return Attempt(
        operation=operation,
        parts=(space, "t"),
        untouched=lambda: _there(desk, "loadTable", space, "t"),
    )


def _moved(space: Namespace, name: str) -> dict[str, Any]:
    return {
        "source": {"namespace": list(space), "name": name},
        "destination": {"namespace": list(space), "name": "moved"},
    }


def _rename_table(desk: Desk) -> Attempt:
    space = desk.fresh()
    desk.table(space)

    def untouched() -> None:
        _there(desk, "loadTable", space, "t")
        gone(desk, "loadTable", space, "moved")

    return Attempt(operation="renameTable", body=_moved(space, "t"), untouched=untouched)


def _view(desk: Desk) -> Namespace:
    space = desk.fresh()
    make_view(desk, space)
    return space


def _create_view(desk: Desk) -> Attempt:
    space = desk.fresh()
    return Attempt(
        operation="createView",
        parts=(space,),
        body=view_body("v"),
        untouched=lambda: gone(desk, "loadView", space, "v"),
    )


def _replace_view(desk: Desk) -> Attempt:
    space = _view(desk)

    def untouched() -> None:
        found = desk.expect(desk.do("loadView", space, "v"), 200)
        desk.same(f"property {KEY}", None, properties_of(found).get(KEY))

    return Attempt(
        operation="replaceView",
        parts=(space, "v"),
        body={"requirements": [], "updates": [_set_property()]},
        untouched=untouched,
    )


def _drop_view(desk: Desk) -> Attempt:
    space = _view(desk)
    return Attempt(
        operation="dropView",
        parts=(space, "v"),
        untouched=lambda: _there(desk, "loadView", space, "v"),
    )


def _rename_view(desk: Desk) -> Attempt:
    space = _view(desk)

    def untouched() -> None:
        _there(desk, "loadView", space, "v")
        gone(desk, "loadView", space, "moved")

    return Attempt(operation="renameView", body=_moved(space, "v"), untouched=untouched)


def _register_view(desk: Desk) -> Attempt:
    space = _view(desk)
    found = desk.expect(desk.do("loadView", space, "v"), 200)
    return Attempt(
        operation="registerView",
        parts=(space,),
        body={"name": "again", "metadata-location": found.get("metadata-location")},
        untouched=lambda: gone(desk, "loadView", space, "again"),
    )


def _there(desk: Desk, load: str, *parts: Namespace | str) -> None:
    desk.expect(desk.do(load, *parts), 200)


def gone(desk: Desk, load: str, *parts: Namespace | str) -> None:
    """Check, with a login that may see everything, that an entity does not exist."""
    desk.expect(desk.do(load, *parts), 404)


_MADE: dict[str, Callable[[Desk], Attempt]] = {
    "createNamespace": _create_namespace,
    "dropNamespace": _drop_namespace,
    "updateProperties": _update_properties,
    "createTable": _create_table,
    "registerTable": _register_table,
    "updateTable": _update_table,
    "commitTransaction": _commit_transaction,
    "dropTable": _drop_table,
    "unregisterTable": _unregister_table,
    "renameTable": _rename_table,
    "createView": _create_view,
    "replaceView": _replace_view,
    "dropView": _drop_view,
    "renameView": _rename_view,
    "registerView": _register_view,
}
