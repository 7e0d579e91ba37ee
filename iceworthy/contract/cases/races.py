"""Concurrent requests that exclude each other: one wins, and every answer is consistent with that.

A dozen requests of each kind are sent at the same moment over all nodes. The case does not check
which request wins. It checks that the answers, and the state read back afterwards, are possible for
some order of the requests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.snapshots import append_updates
from iceworthy.client.wire import Namespace
from iceworthy.contract.asks import Ask
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Unanswered, all_busy
from iceworthy.contract.table_metadata import snapshot_ids
from iceworthy.words.blame import NOT_NOW

PLACE = "schemas.TableRequirement"

CROWD = 12
FR = "FR-004"
ONE_WINS = "of requests that exclude each other one is answered 2xx, the others 409"


def _crowd(desk: Desk, make: Callable[[int], Ask]) -> list[Reply | None]:
    return desk.at_once(*(make(number) for number in range(CROWD)))


def _one_wins(desk: Desk, replies: list[Reply | None], *losers: int) -> Reply:
    """The answer of the winner. Unanswered if a request without an answer may have won."""
    answered = [one for one in replies if one is not None]
    winners = [one for one in answered if one.ok]
    others = Counter(one.status for one in answered if not one.ok)
    wrong = {status: n for status, n in others.items() if status not in losers}
    refused = [one for one in answered if one.status in wrong]
    worst = min(refused, key=lambda one: one.status in NOT_NOW, default=None)
    desk.that(
        "statuses of the losers",
        not wrong,
        expected=f"only {losers}",
        got=dict(others),
        reply=worst,
        evidence=all_busy(refused),
    )
    if len(winners) == 1:
        return winners[0]
    if not winners and len(answered) < len(replies):
        silent = len(replies) - len(answered)
        raise Unanswered(f"no answer to {silent} of {len(replies)} requests: one may have won")
    desk.broken(
        "exactly one winner",
        f"{len(winners)} of {len(replies)} answered 2xx",
        winners[0] if winners else None,
    )


@case("createTable", requirement=FR, says=ONE_WINS)
def of_many_creates_of_one_table_one_wins(desk: Desk) -> None:
    space = desk.fresh()

    def create(number: int) -> Ask:
        body = desk.table_body("t", space, properties={"number": str(number)})
        return Ask(operation="createTable", parts=(space,), body=body, node=number)

    winner = _one_wins(desk, _crowd(desk, create), 409)
    for node in range(2):
        loaded = desk.load(space, node=node).metadata
        desk.same("table-uuid", winner.metadata.get("table-uuid"), loaded.get("table-uuid"))
        found = (loaded.get("properties") or {}).get("number")
        desk.same("property", (winner.metadata.get("properties") or {}).get("number"), found)
    listed = desk.expect(desk.do("listTables", space), 200)
    desk.same("tables", 1, len(listed.get("identifiers") or []))


@case("createNamespace", requirement=FR, says=ONE_WINS)
def of_many_creates_of_one_namespace_one_wins(desk: Desk) -> None:
    levels = (*desk.root, desk.name())

    def create(number: int) -> Ask:
        body = {"namespace": list(levels), "properties": {"number": str(number)}}
        return Ask(operation="createNamespace", body=body, node=number)

    winner = _one_wins(desk, _crowd(desk, create), 409)
    loaded = desk.expect(desk.do("loadNamespaceMetadata", levels), 200)
    if expected := winner.get("properties", "number"):
        desk.same("property", expected, loaded.get("properties", "number"))


@case(
    "dropTable",
    requirement=FR,
    uses=("createTable",),
    says="a table is dropped once: one drop is answered 204, the others 404 or 409",
)
def of_many_drops_of_one_table_one_wins(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    drops = _crowd(desk, lambda n: Ask(operation="dropTable", parts=(space, "t"), node=n))
    _one_wins(desk, drops, 404, 409)
    desk.is_there("tableExists", space, "t", there=False)


@case("renameTable", requirement=FR, uses=("createTable",), says=ONE_WINS)
def of_many_renames_onto_one_name_one_wins(desk: Desk) -> None:
    space = desk.fresh()
    tables = {f"t{n}": desk.table(space, f"t{n}") for n in range(CROWD)}

    def rename(number: int) -> Ask:
        return Ask(operation="renameTable", body=_rename(space, f"t{number}", "won"), node=number)

    replies = _crowd(desk, rename)
    _one_wins(desk, replies, 409)
    uuids = {metadata.get("table-uuid"): name for name, metadata in tables.items()}
    won = uuids.get(desk.load(space, "won").metadata.get("table-uuid"))
    desk.that("the winner", won is not None, expected="one of the tables", got=won)
    names = sorted({"won", *tables} - {str(won)})
    listed = desk.expect(desk.do("listTables", space), 200)
    desk.same("tables", names, sorted(one["name"] for one in listed.get("identifiers")))
    for name in sorted(set(tables) - {str(won)}):
        table_uuid = desk.load(space, name).metadata.get("table-uuid")
        desk.same(f"table-uuid of {name}", tables[name].get("table-uuid"), table_uuid)


@case(
    "renameTable",
    requirement=FR,
    uses=("createTable",),
    says="a table has one name: one rename is answered 204, the others 404",
)
def of_many_renames_of_one_table_one_wins(desk: Desk) -> None:
    space = desk.fresh()
    before = desk.table(space)

    def rename(number: int) -> Ask:
        return Ask(operation="renameTable", body=_rename(space, "t", f"u{number}"), node=number)

    _one_wins(desk, _crowd(desk, rename), 404, 409)
    listed = desk.expect(desk.do("listTables", space), 200)
    names = [one["name"] for one in listed.get("identifiers")]
    desk.same("names of the table", 1, len(names))
    table_uuid = desk.load(space, names[0]).metadata.get("table-uuid")
    desk.same("table-uuid", before.get("table-uuid"), table_uuid)


def _rename(space: Namespace, old: str, new: str) -> dict[str, Any]:
    return {
        "source": {"namespace": list(space), "name": old},
        "destination": {"namespace": list(space), "name": new},
    }


@case(
    "updateTable",
    requirement=FR,
    uses=("createTable",),
    says="assert-ref-snapshot-id null: the ref must not exist",
)
def of_many_first_snapshots_one_wins(desk: Desk) -> None:
    space = desk.fresh()
    table = desk.table(space)
    _one_append_wins(desk, space, table, None)


@case(
    "updateTable",
    requirement=FR,
    uses=("createTable",),
    says="assert-ref-snapshot-id: the ref must be at that snapshot",
)
def of_many_commits_on_one_parent_one_wins(desk: Desk) -> None:
    space = desk.fresh()
    table = desk.table(space)
    first = desk.snapshot_id()
    desk.need(desk.do("updateTable", space, "t", body=_append(table, first, None)))
    _one_append_wins(desk, space, table, first)


def _one_append_wins(
    desk: Desk, space: Namespace, table: dict[str, Any], parent: int | None
) -> None:
    """Many append to a table at the same moment, each on the same parent (None: no snapshot)."""
    numbers = [desk.snapshot_id() for _ in range(CROWD)]

    def commit(number: int) -> Ask:
        return Ask(
            operation="updateTable",
            parts=(space, "t"),
            node=number,
            body=_append(table, numbers[number], parent),
        )

    replies = _crowd(desk, commit)
    _one_wins(desk, replies, 409)
    loaded = desk.load(space).metadata
    won = numbers[next(i for i, one in enumerate(replies) if one is not None and one.ok)]
    earlier = [] if parent is None or desk.known.newest_only else [parent]
    desk.same("snapshots", [*earlier, won], snapshot_ids(loaded))
    desk.same("current-snapshot-id", won, loaded.get("current-snapshot-id"))


def _append(table: dict[str, Any], number: int, parent: int | None) -> dict[str, Any]:
    sequence = 1 if parent is None else 2
    updates = append_updates(
        snapshot_id=number, parent=parent, sequence=sequence, location=str(table["location"])
    )
    required = {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": parent}
    return {"requirements": [required], "updates": updates}


@case(
    "updateProperties",
    requirement="FR-016",
    needs=("namespace_properties",),
    says="a request neither changes nor removes properties that it does not name",
    place="updateProperties.description",
)
def of_many_property_changes_none_is_lost(desk: Desk) -> None:
    space = desk.fresh(properties={"kept": "1"})
    replies = _crowd(
        desk,
        lambda n: Ask(
            operation="updateProperties",
            parts=(space,),
            node=n,
            body={"updates": {f"p{n}": str(n)}},
        ),
    )
    loaded = desk.expect(desk.do("loadNamespaceMetadata", space), 200)
    found = loaded.get("properties") or {}
    expected = {f"p{n}": str(n) for n, one in enumerate(replies) if one is not None and one.ok}
    lost = sorted(key for key in {**expected, "kept": "1"} if key not in found)
    desk.that(
        f"properties of {len(expected)} answered 200", not lost, expected="all there", got=lost
    )
    wrong = [one for one in replies if one is not None and one.status >= 500]
    desk.that(
        "statuses",
        not wrong,
        expected="no 5xx",
        got=[one.said for one in wrong[:2]],
        reply=wrong[0] if wrong else None,
        evidence=all_busy(wrong),
    )


@case(
    "dropNamespace",
    requirement=FR,
    uses=("createTable",),
    says="a namespace that is not empty is not dropped",
    place="dropNamespace.responses.409",
)
def a_table_never_lives_in_a_dropped_namespace(desk: Desk) -> None:
    for _ in range(4):
        space = desk.fresh()
        creates = [
            Ask(
                operation="createTable",
                parts=(space,),
                node=n,
                body=desk.table_body(f"t{n}", space),
            )
            for n in range(CROWD // 2)
        ]
        drop = Ask(operation="dropNamespace", parts=(space,), node=1)
        *created, dropped = desk.at_once(*creates, drop)
        wrong = [one for one in (*created, dropped) if one is not None and one.status >= 500]
        desk.that(
            "statuses",
            not wrong,
            expected="no 5xx",
            got=[one.said for one in wrong][:2],
            reply=wrong[0] if wrong else None,
        )
        if dropped is not None and dropped.ok:
            desk.is_there("namespaceExists", space, there=False)
            alive = [one for one in created if one is not None and one.ok]
            desk.same("tables acknowledged in it", 0, len(alive), dropped)
        elif dropped is not None:
            for n, one in enumerate(created):
                if one is not None and one.ok:
                    desk.load(space, f"t{n}")
