"""Expired tokens: a 401, a new token, and the client goes on; no change is lost or done twice.

Each request with an expired token follows one with a good token to the same node. Example: a node
that remembers that it saw a good token, and then lets in any, is shown by that order alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from iceworthy.client.asker import Reply
from iceworthy.client.auth import HeaderSource
from iceworthy.contract import logins
from iceworthy.contract.attempts import (
    case_without_token,
    every,
    is_open,
    properties_of,
    refuse,
)
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.words.blame import EvidenceKind

PLACE = "responses.UnauthorizedResponse"

EC = "EC-5"
OAUTH2 = ("oauth2",)
SLOW_S = logins.LIFE_S_MAX + logins.LEEWAY_S
ANSWER_S = 2.0
HELD_S = 1.5
"""How long a COMMIT is held; shorter than the 3 s after which some catalogs give up on their
database."""


@case(
    "",
    requirement=EC,
    needs=OAUTH2,
    slow_s=SLOW_S,
    says="an expired token is answered 401; 419 is allowed, 401 should be preferred",
)
def a_session_goes_on_with_a_new_token(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    token = logins.aging(desk)
    desk.expect(_set(desk, space, "before", logins.bearer(token.text)), 200)
    old = logins.bearer(token.text, "$EXPIRED_TOKEN")
    crossing = _across(desk, token, lambda: _set(desk, space, "crossing", old))
    logins.expired(desk)

    def late() -> Reply:
        _see_a_good_token(desk)
        return _set(desk, space, "late", old)

    desk.expect(logins.until_refused(desk, late, token.ends_at), 401)
    began = time.monotonic()
    desk.expect(_set(desk, space, "refused", old), 401)
    took = time.monotonic() - began
    turned, bound = EvidenceKind.LATENESS, f"within {ANSWER_S} s"
    desk.that("answer", took < ANSWER_S, expected=bound, got=f"{took:.1f} s", evidence=turned)
    properties = properties_of(desk.load(space))
    desk.same("the refused change", None, properties.get("refused"))
    new = logins.bearer(logins.new_token(desk))
    desk.expect(_set(desk, space, "after", new), 200)
    properties = properties_of(desk.load(space))
    found = {name: properties.get(name) for name in ("before", "refused", "after")}
    desk.same("changes", {"before": "1", "refused": None, "after": "1"}, found)
    if crossing is not None and crossing.status < 500:  # after a 5xx the outcome is unknown
        expected = "1" if crossing.ok else None
        desk.same(
            "the change in progress when the token ended",
            expected,
            properties.get("crossing"),
            crossing,
        )


def _across(desk: Desk, token: logins.Aging, change: Callable[[], Reply]) -> Reply | None:
    """Send a change before the token ends; its COMMIT is acknowledged only after the token
    ended."""
    database = desk.live.database
    if database is None or token.life_s > logins.LIFE_S_MAX:
        return None
    _sleep_until(token.ends_at - HELD_S)
    database.hold_acks()
    try:
        with ThreadPoolExecutor(1) as aside:
            under_way = aside.submit(change)
            _sleep_until(token.ends_at + 0.5)
            database.release_acks()
            return under_way.result()
    finally:
        database.release_acks()


def _see_a_good_token(desk: Desk, node: int = 0) -> None:
    """Let the node serve a request with a good token, right before an expired one is sent."""
    desk.need(desk.do("listNamespaces", node=node))


def _sleep_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.monotonic()))


def _set(desk: Desk, space: tuple[str, ...], name: str, login: HeaderSource) -> Reply:
    update = {"action": "set-properties", "updates": {name: "1"}}
    return desk.commit(space, "t", [update], login=login)


@case(
    "",
    requirement=EC,
    needs=OAUTH2,
    each=every(),
    slow_s=SLOW_S,
    says="with an expired token the answer is 401, and nothing is changed",
)
def with_an_expired_token_it_is_refused(desk: Desk, name: str) -> None:
    if is_open(desk, name):
        desk.skip("served without a token", left_to=case_without_token(name))
    for login in _surely_expired(desk):
        _see_a_good_token(desk)
        refuse(desk, name, login, 401)


@case(
    "",
    requirement=EC,
    needs=("oauth2", "two_nodes"),
    slow_s=SLOW_S,
    says="an expired token is refused by every node",
)
def an_expired_token_is_refused_on_every_node(desk: Desk) -> None:
    for login in _surely_expired(desk):
        for node in range(len(desk.live.nodes)):
            _see_a_good_token(desk, node)
            desk.expect(desk.do("listNamespaces", node=node, login=login), 401)


def _surely_expired(desk: Desk) -> list[HeaderSource]:
    """The expired tokens, after reads with them were refused or the leeway of clocks was over."""
    found = logins.expired(desk)

    def wait() -> bool:
        ends_at = logins.aging(desk).ends_at
        for login in found:
            logins.until_refused(desk, partial(desk.do, "listNamespaces", login=login), ends_at)
        return True

    desk.shared("expired", wait)
    return found
