"""Transactions over several tables: all or none, visible to every reader at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.wire import SCHEMA, Namespace
from iceworthy.contract.asks import Ask
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import hindered
from iceworthy.contract.liberal import refused_or_ignored
from iceworthy.contract.table_scenes import append, branch, put, snapshot, unchanged
from iceworthy.contract.view_scenes import make_view

PLACE = "schemas.CommitTransactionRequest"

COMMIT = "commitTransaction"
MADE = ("createTable", "loadTable")
CREATE = [{"type": "assert-create"}]
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000001"
Change = dict[str, Any]


def change(
    space: Namespace, name: str, updates: Sequence[Any] = (), requirements: Sequence[Any] = ()
) -> Change:
    """One entry of table-changes."""
    return {
        "identifier": {"namespace": list(space), "name": name},
        "requirements": list(requirements),
        "updates": list(updates),
    }


def creation(desk: Desk, space: Namespace, name: str) -> Change:
    """The change that creates a table of format version 2."""
    updates: list[dict[str, Any]] = [
        {"action": "upgrade-format-version", "format-version": 2},
        {"action": "add-schema", "schema": dict(SCHEMA), "last-column-id": 4},
        {"action": "set-current-schema", "schema-id": -1},
        {"action": "add-spec", "spec": {"spec-id": 0, "fields": []}},
        {"action": "set-default-spec", "spec-id": -1},
        {"action": "add-sort-order", "sort-order": {"order-id": 0, "fields": []}},
        {"action": "set-default-sort-order", "sort-order-id": -1},
    ]
    staged = desk.do(
        "createTable", space, body=desk.table_body(name, space) | {"stage-create": True}
    )
    if staged.ok and (location := staged.metadata.get("location")):
        updates.append({"action": "set-location", "location": location})
    if staged.ok and (uuid := staged.metadata.get("table-uuid")):
        updates.insert(0, {"action": "assign-uuid", "uuid": uuid})
    return change(space, name, updates, CREATE)


def _commit(desk: Desk, *changes: Any, **options: Any) -> Reply:
    return desk.do(COMMIT, body={"table-changes": list(changes)}, **options)


def _pair(desk: Desk) -> tuple[Namespace, dict[str, Any], dict[str, Any]]:
    space = desk.fresh()
    return space, desk.table(space, "a"), desk.table(space, "b")


def _properties(desk: Desk, space: Namespace, name: str, node: int = 0) -> dict[str, Any]:
    found = desk.load(space, name, node=node).metadata.get("properties")
    return found if isinstance(found, dict) else {}


@case(COMMIT, uses=MADE, says="204; the updates of every table are applied")
def changes_of_two_tables_land(desk: Desk) -> None:
    space, _, _ = _pair(desk)
    reply = _commit(desk, change(space, "a", [put(k="1")]), change(space, "b", [put(k="2")]))
    desk.expect(reply, 204)
    for node in range(len(desk.live.nodes)):
        for name, expected in (("a", "1"), ("b", "2")):
            desk.same(
                f"property of {name}", expected, _properties(desk, space, name, node).get("k")
            )


@case(COMMIT, uses=MADE, says="tables of several namespaces may be changed together")
def tables_of_two_namespaces_land(desk: Desk) -> None:
    one, other = desk.fresh(), desk.fresh()
    desk.table(one)
    desk.table(other)
    desk.expect(
        _commit(desk, change(one, "t", [put(k="1")]), change(other, "t", [put(k="2")])), 204
    )
    desk.same("property of the first", "1", _properties(desk, one, "t").get("k"))
    desk.same("property of the second", "2", _properties(desk, other, "t").get("k"))


@case(COMMIT, uses=MADE, says="snapshots of two tables become current together")
def appends_to_two_tables_land(desk: Desk) -> None:
    space, *tables = _pair(desk)
    numbers = [desk.snapshot_id(), desk.snapshot_id()]
    changes = [
        change(
            space,
            name,
            [snapshot(table, number), branch(number)],
            [
                {"type": "assert-table-uuid", "uuid": table.get("table-uuid")},
                {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None},
            ],
        )
        for name, table, number in zip("ab", tables, numbers, strict=True)
    ]
    desk.expect(_commit(desk, *changes), 204)
    for name, number in zip("ab", numbers, strict=True):
        found = desk.load(space, name).metadata
        desk.same(f"current-snapshot-id of {name}", number, found.get("current-snapshot-id"))


@case(COMMIT, uses=MADE, says="updates of one table apply in their order")
def updates_of_a_member_apply_in_order(desk: Desk) -> None:
    space, _, _ = _pair(desk)
    take = {"action": "remove-properties", "removals": ["k"]}
    updates = [put(k="1"), take, put(k="2", gone="1"), {**take, "removals": ["gone"]}]
    desk.expect(_commit(desk, change(space, "a", updates), change(space, "b", [put(k="1")])), 204)
    found = _properties(desk, space, "a")
    desk.same("properties", ("2", None), (found.get("k"), found.get("gone")))


def _wrong(what: str) -> Change:
    updates: list[dict[str, Any]] = [put(k="1")]
    requirements: list[dict[str, Any]] = []
    if what == "requirement":
        requirements = [{"type": "assert-table-uuid", "uuid": UNKNOWN_UUID}]
    elif what == "assert-create":
        requirements = CREATE
    elif what == "update":
        updates = [{"action": "iceworthy-no-such-update"}]
    elif what == "unknown requirement":
        requirements = [{"type": "iceworthy-no-such-requirement"}]
    elif what == "reference":
        updates = [{"action": "set-current-schema", "schema-id": 77}]
    elif what == "shape":
        updates = [{"action": "set-properties", "updates": ["k"]}]
    return {"requirements": requirements, "updates": updates}


FAILS = {
    "a false requirement": ("requirement", (409,)),
    "a table that exists and must not": ("assert-create", (409,)),
    "a table that does not exist": ("missing", (404,)),
    "an unknown update": ("update", (400,)),
    "an unknown requirement": ("unknown requirement", (400,)),
    "an update of what is not there": ("reference", (400, 409, 422)),
    "an update of the wrong shape": ("shape", (400,)),
    "no identifier": ("nameless", (400, 404)),
}


@case(
    COMMIT,
    uses=MADE,
    says="atomic: if the change of one table fails, no change is applied",
    each={
        f"{why}, {place}": (*how, place)
        for why, how in FAILS.items()
        for place in ("first", "last")
    },
)
def a_failed_member_leaves_nothing(desk: Desk, how: tuple[str, tuple[int, ...], str]) -> None:
    what, statuses, place = how
    space, first, second = _pair(desk)
    good = [change(space, "a", [put(k="1")])]
    name = "missing" if what == "missing" else "b"
    bad = change(space, name) | _wrong(what)
    if what == "nameless":
        del bad["identifier"]
    reply = _commit(desk, *([bad, *good] if place == "first" else [*good, bad]))
    desk.expect(reply, *statuses)
    if 409 in statuses and reply.status == 409:
        desk.expect(reply, 409, error="CommitFailedException")
    unchanged(desk, space, first, "a")
    unchanged(desk, space, second, "b")


@case(COMMIT, uses=MADE, says="a stale parent is a 409, and no other table changes")
def a_lost_race_of_one_member_moves_nothing(desk: Desk) -> None:
    space, first, _ = _pair(desk)
    append(desk, space, "b")
    now = desk.load(space, "b").metadata
    number = desk.snapshot_id()
    null_parent = [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None}]
    stale = change(space, "b", [snapshot(now, number), branch(number)], null_parent)
    reply = _commit(desk, change(space, "a", [put(k="1")]), stale)
    desk.expect(reply, 409, error="CommitFailedException")
    unchanged(desk, space, first, "a")
    unchanged(desk, space, now, "b")


@case(COMMIT, uses=MADE, says="a transaction can create a table and change others")
def a_table_is_created_with_a_change_of_another(desk: Desk) -> None:
    space, _, _ = _pair(desk)
    reply = _commit(desk, change(space, "a", [put(k="1")]), creation(desk, space, "new"))
    if reply.status in (400, 404, 406) and _properties(desk, space, "a").get("k") is None:
        desk.is_there("tableExists", space, "new", there=False)
        desk.skip(f"the target creates no tables in transactions: {reply.said}")
    desk.expect(reply, 204)
    desk.same("property", "1", _properties(desk, space, "a").get("k"))
    columns = desk.load(space, "new").metadata.get("last-column-id")
    desk.same("last-column-id of the new table", 4, columns)


@case(COMMIT, uses=MADE, says="atomic: if another change fails, the new table does not exist")
def a_creation_is_undone_with_the_rest(desk: Desk) -> None:
    space, _, second = _pair(desk)
    bad = change(space, "b", [put(k="1")], [{"type": "assert-table-uuid", "uuid": UNKNOWN_UUID}])
    desk.refused(_commit(desk, creation(desk, space, "new"), bad))
    desk.is_there("tableExists", space, "new", there=False)
    unchanged(desk, space, second, "b")


@case(COMMIT, uses=(*MADE, "createView"), says="404: a view is not a table")
def a_view_is_no_member(desk: Desk) -> None:
    space, first, _ = _pair(desk)
    make_view(desk, space, "v")
    reply = _commit(desk, change(space, "a", [put(k="1")]), change(space, "v", [put(k="1")]))
    desk.expect(reply, 404, 400)
    unchanged(desk, space, first, "a")
    desk.is_there("viewExists", space, "v")


@case(
    COMMIT,
    uses=MADE,
    each={
        "nothing": {},
        "null": {"table-changes": None},
        "an object": {"table-changes": {}},
        "a text": {"table-changes": "x"},
        "a list of texts": {"table-changes": ["x"]},
        "no JSON": b'{"table-changes":',
        "a list of lists": {"table-changes": [[]]},
    },
    says="400 for a body that is not a CommitTransactionRequest",
)
def a_body_of_the_wrong_shape_is_refused(desk: Desk, body: Any) -> None:
    refused_or_ignored(desk, desk.do(COMMIT, body=body))


@case(COMMIT, uses=MADE, says="a table without updates stays as it was; its requirements count")
def a_member_without_updates_only_asserts(desk: Desk) -> None:
    space, first, _ = _pair(desk)
    true = [{"type": "assert-table-uuid", "uuid": first.get("table-uuid")}]
    reply = _commit(desk, change(space, "a", (), true), change(space, "b", [put(k="1")]))
    desk.expect(reply, 204)
    desk.same("property", "1", _properties(desk, space, "b").get("k"))
    false = [{"type": "assert-table-uuid", "uuid": UNKNOWN_UUID}]
    reply = _commit(desk, change(space, "a", (), false), change(space, "b", [put(k="2")]))
    desk.expect(reply, 409)
    desk.same("property", "1", _properties(desk, space, "b").get("k"))


@case(
    COMMIT,
    uses=MADE,
    requirement="FR-004",
    slow_s=3.0,
    says="of concurrent transactions on one state one is applied completely, the others not at all",
)
def of_many_transactions_on_one_state_one_lands(desk: Desk) -> None:
    space, *tables = _pair(desk)
    parent = [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None}]

    def ask(number: int) -> Ask:
        changes = []
        for name, table in zip("ab", tables, strict=True):
            updates = [snapshot(table, number), branch(number)]
            changes.append(change(space, name, updates, parent))
        if number % 2:
            changes.reverse()
        return Ask(
            operation=COMMIT, body={"table-changes": changes}, node=number % len(desk.live.nodes)
        )

    replies = desk.at_once(*(ask(desk.snapshot_id()) for _ in range(8)))
    heads = {name: desk.load(space, name).metadata.get("current-snapshot-id") for name in "ab"}
    desk.that("snapshots of a and b", heads["a"] == heads["b"], expected="the same", got=heads)
    won = [reply for reply in replies if reply is not None and reply.ok]
    desk.that("transactions that landed", len(won) <= 1, expected="one at most", got=len(won))
    for reply in replies:
        if reply is not None and not reply.ok:
            desk.expect(reply, 409, 429, 500, 503)
    if won:
        expected = won[0].asked_body["table-changes"][0]["updates"][1]["snapshot-id"]
        desk.same("the snapshot of the one that landed", expected, heads["a"])
    elif not any(reply is None or reply.status in (500, 503) for reply in replies):
        desk.broken("one transaction to land", "none")


@case(
    COMMIT,
    uses=MADE,
    slow_s=3.0,
    says="readers see a transaction on all its tables at once, and it stays visible",
)
def no_reader_sees_half_a_transaction(desk: Desk) -> None:
    space, _, _ = _pair(desk)
    nodes = len(desk.live.nodes)
    for turn in range(1, 13):
        value = str(turn)
        both = [change(space, name, [put(k=value)]) for name in ("a", "b")]
        asks = [Ask(operation=COMMIT, body={"table-changes": both})]
        asks += [
            Ask(operation="loadTable", parts=(space, name), node=turn % nodes)
            for name in ("b", "a")
        ]
        done, *_ = desk.at_once(*asks)
        desk.that(
            "the transaction",
            done is not None and done.ok,
            expected="a 2xx",
            got="no answer" if done is None else done.said,
            evidence=hindered([done]),
        )
        first = int(_properties(desk, space, "a", turn % nodes).get("k") or 0)
        then = int(_properties(desk, space, "b", (turn + 1) % nodes).get("k") or 0)
        desk.same("a after its acknowledgement", turn, first)
        desk.that("b, read after a", then >= first, expected=f"{first} or later", got=then)
