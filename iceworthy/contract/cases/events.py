"""Change events: each change is sent on every node, once, in order; refused changes are not sent.

The specification defines no events, so no message format is required. An event is recognised by the
unique names that the case created, anywhere in its JSON, and its kind by a word anywhere in it.
Left open: every field, other events, events of earlier changes, filters, and resuming.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from iceworthy.client.events import NotSubscribed, Seen, Subscriber
from iceworthy.client.wire import Namespace
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Unanswered
from iceworthy.contract.view_scenes import CURRENT, added, make_view, replace
from iceworthy.words.blame import REFUSED, EvidenceKind
from iceworthy.words.event_text import kind_text, texts_of
from iceworthy.words.target_text import why_absent

PLACE = "FR-015"

TOLD_S = 3.0
SETTLE_S = 0.15
"""A pause after the handshake (a server may register the subscriber late), and to see
duplicates."""
"""Nothing is known of a stream to which the login, or none, gives no access."""
SAYS = "changes are streamed over WebSocket as they happen, whichever node made them"
streamed = partial(case, "", requirement="FR-015", needs=("events",), slow_s=TOLD_S + 1)


@contextmanager
def _listening(desk: Desk, node: int) -> Iterator[Subscriber]:
    live = desk.live
    url = live.nodes[node % len(live.nodes)].url + live.spec.endpoints.events
    try:
        found = Subscriber(url, headers=desk.login(node), ca_file=live.spec.keyring.ca_file)
    except NotSubscribed as error:
        if error.status in REFUSED:
            raise Unanswered(f"the event stream was refused: status {error.status}") from None
        if error.status:
            absent = why_absent(live.spec, "events", error.status)
            answered = absent or f"status {error}"
            evidence = EvidenceKind.ABSENT if absent else None
            desk.broken("a WebSocket at the target's events endpoint", answered, evidence=evidence)
        raise Unanswered(f"the event stream was not opened: {error}") from None
    with found:
        time.sleep(SETTLE_S)
        yield found


def _names(body: Any, names: tuple[str, ...]) -> bool:
    texts = list(texts_of(body))
    return all(any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", t) for t in texts) for n in names)


def _is(body: Any, kind: str, subject: str, names: tuple[str, ...]) -> bool:
    """Whether a message reports this kind of change for the entity with these names."""
    return _names(body, names) and bool(kind_text(body, kind, subject))


def _check_event(
    desk: Desk, here: Subscriber, kind: str, subject: str, names: tuple[str, ...]
) -> None:
    def enough(seen: list[Seen]) -> bool:
        return any(_is(one.body, kind, subject, names) for one in seen)

    if here.wait(enough, TOLD_S):
        return
    found = [one.body for one in here.seen][-6:]
    expected = f"an event: {subject} {kind}, with {', '.join(names)}, in {TOLD_S} s"
    passed = _is_passed(desk, here) and not enough(here.seen)
    desk.broken(expected, found, evidence=None if passed else EvidenceKind.LATENESS)


def _is_passed(desk: Desk, here: Subscriber) -> bool:
    """Whether the stream tells a change that is made now: what it did not tell is then not late."""
    last = desk.fresh()[-1:]
    return here.wait(lambda seen: any(_names(one.body, last) for one in seen), TOLD_S)


def _table(desk: Desk, space: Namespace) -> str:
    name = desk.name("t")
    desk.table(space, name)
    return name


def _commit(desk: Desk, space: Namespace, name: str, value: int = 0, node: int = 0) -> None:
    update = {"action": "set-properties", "updates": {"step": str(value)}}
    desk.need(desk.commit(space, name, [update], node=node))


@streamed(uses=("createNamespace", "updateProperties", "dropNamespace"), says=SAYS)
def changes_of_a_namespace_are_told_on_the_other_node(desk: Desk) -> None:
    with _listening(desk, 1) as here:
        space = desk.fresh()
        _check_event(desk, here, "created", "namespace", space[-1:])
        desk.need(desk.do("updateProperties", space, body={"updates": {"a": "b"}}))
        _check_event(desk, here, "updated", "namespace", space[-1:])
        desk.need(desk.do("dropNamespace", space))
        _check_event(desk, here, "dropped", "namespace", space[-1:])


@streamed(uses=("createTable", "updateTable", "renameTable", "dropTable"), says=SAYS)
def changes_of_a_table_are_told_on_the_other_node(desk: Desk) -> None:
    with _listening(desk, 1) as here:
        space, other = desk.fresh(), desk.name("u")
        name = _table(desk, space)
        _check_event(desk, here, "created", "table", (space[-1], name))
        _commit(desk, space, name)
        _check_event(desk, here, "committed", "table", (space[-1], name))
        _rename(desk, "renameTable", space, name, other)
        _check_event(desk, here, "renamed", "table", (other,))
        desk.need(desk.do("dropTable", space, other))
        _check_event(desk, here, "dropped", "table", (space[-1], other))


@streamed(uses=("createView", "replaceView", "renameView", "dropView"), says=SAYS)
def changes_of_a_view_are_told_on_the_other_node(desk: Desk) -> None:
    with _listening(desk, 1) as here:
        space, name, other = desk.fresh(), desk.name("v"), desk.name("w")
        make_view(desk, space, name)
        _check_event(desk, here, "created", "view", (space[-1], name))
        desk.need(replace(desk, space, [added("select 2"), CURRENT], name=name))
        _check_event(desk, here, "replaced", "view", (space[-1], name))
        _rename(desk, "renameView", space, name, other)
        _check_event(desk, here, "renamed", "view", (other,))
        desk.need(desk.do("dropView", space, other))
        _check_event(desk, here, "dropped", "view", (space[-1], other))


def _rename(desk: Desk, operation: str, space: Namespace, name: str, other: str) -> None:
    body = {
        "source": {"namespace": list(space), "name": name},
        "destination": {"namespace": list(space), "name": other},
    }
    desk.need(desk.do(operation, body=body))


COMMITS = 6


@streamed(
    uses=("createTable", "updateTable", "dropTable"),
    says="every change is sent once, in the order of the changes, on every node",
)
def changes_of_one_table_by_both_nodes_are_told_once_and_in_order(desk: Desk) -> None:
    with _listening(desk, 0) as here, _listening(desk, 1) as there:
        space = desk.fresh()
        name = _table(desk, space)
        for number in range(COMMITS):
            _commit(desk, space, name, number, node=number % 2)
        desk.need(desk.do("dropTable", space, name, node=1))
        for one in (here, there):
            _check_event(desk, one, "dropped", "table", (space[-1], name))
        time.sleep(SETTLE_S)
        for one in (here, there):
            _in_order(desk, [m.body for m in one.seen if _names(m.body, (space[-1], name))])


def _in_order(desk: Desk, bodies: list[Any]) -> None:
    made, changed, gone = (
        [i for i, body in enumerate(bodies) if _is(body, kind, "table", ())]
        for kind in ("created", "committed", "dropped")
    )
    desk.same("events of the create", 1, len(made))
    desk.same("events of the drop", 1, len(gone))
    # a catalog may send two kinds of event for a commit, each once per commit
    kinds = len({kind_text(bodies[i], "committed", "table") for i in changed}) or 1
    desk.same(f"events of {COMMITS} commits", COMMITS * kinds, len(changed))
    ordered = made[0] < changed[0] and changed[-1] < gone[0]
    desk.that("order", ordered, expected="create, commits, drop", got=bodies)


@streamed(
    uses=("createNamespace",),
    says="a change that was refused did not happen and is not sent",
)
def a_refused_change_is_not_told(desk: Desk) -> None:
    with _listening(desk, 1) as here:
        space = desk.fresh()
        desk.refused(desk.do("createNamespace", body={"namespace": list(space)}))
        last = desk.fresh()
        _check_event(desk, here, "created", "namespace", last[-1:])
        time.sleep(SETTLE_S)
        creations = [m for m in here.seen if _is(m.body, "created", "namespace", space[-1:])]
        desk.same("events of one create and one refused", 1, len(creations))
