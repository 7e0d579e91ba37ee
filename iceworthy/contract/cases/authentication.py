"""OAuth2 tokens: requested, given, and required by every operation."""

from __future__ import annotations

import base64

from iceworthy.client.asker import Reply
from iceworthy.client.auth import HeaderSource
from iceworthy.contract import logins
from iceworthy.contract.attempts import case_without_token, every, is_open, refuse
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk

PLACE = "security"

FR = "FR-009"
TOKENS, OAUTH2 = ("tokens",), ("oauth2",)
CODES = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


@case("", requirement=FR, needs=OAUTH2, says="the client's id and secret are exchanged for a token")
def the_client_gets_a_token_that_is_good(desk: Desk) -> None:
    reply = desk.expect(logins.ask_token(desk, logins.form_of(desk)), 200)
    text = reply.get("access_token")
    fits = isinstance(text, str) and bool(text)
    desk.that("access_token", fits, expected="a text", got=type(text).__name__)
    kind = str(reply.get("token_type") or "")
    fits = kind.lower() in ("bearer", "n_a")
    desk.that("token_type", fits, expected="bearer", got=kind)
    life = reply.get("expires_in")
    fits = life is None or (isinstance(life, int) and life > 0)
    desk.that("expires_in", fits, expected="seconds, or none", got=life)
    desk.expect(desk.do("getConfig", query=_query(desk), login=logins.bearer(str(text))), 200)


@case(
    "",
    requirement=FR,
    needs=("oauth2", "two_nodes"),
    says="every node accepts every node's tokens",
    place="FR-007",
)
def a_token_of_one_node_is_good_on_the_other(desk: Desk) -> None:
    login = logins.bearer(logins.new_token(desk, node=0))
    desk.expect(desk.do("listNamespaces", node=1, login=login), 200)
    login = logins.bearer(logins.new_token(desk, node=1))
    desk.expect(desk.do("listNamespaces", node=0, login=login), 200)


@case(
    "",
    requirement=FR,
    needs=TOKENS,
    each=every(),
    says="without a token the answer is 401, and nothing is changed",
)
def without_a_token_it_is_refused(desk: Desk, name: str) -> None:
    refuse(desk, name, logins.NOBODY, 401)


@case(
    "",
    requirement=FR,
    needs=TOKENS,
    each=every(),
    says="a malformed or unknown token is answered 401, and nothing is changed",
)
def with_a_wrong_token_it_is_refused(desk: Desk, name: str) -> None:
    if is_open(desk, name):
        desk.skip("served without a token", left_to=case_without_token(name))
    refuse(desk, name, logins.WRONG_TOKEN, 401)


HEADERS = {
    "empty bearer": "Bearer ",
    "no scheme": "iceworthy-no-such-token",
    "other scheme": "Negotiate iceworthy",
    "basic of nobody": "Basic " + base64.b64encode(b"nobody:nothing").decode(),
    "null": "Bearer null",
    "unsigned token": "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJyb290In0.",
    "quote": "Bearer ' or '1'='1",
    "not ASCII": "Bearer \xe9\xff",
    "very long": "Bearer " + "x" * 6000,
}


@case(
    "",
    requirement=FR,
    needs=TOKENS,
    each=HEADERS,
    says="a malformed Authorization is answered 401, never a 5xx",
)
def a_malformed_header_is_refused(desk: Desk, value: str) -> None:
    shown = {"Authorization": value if value.isascii() else "Bearer (not ASCII)"}
    login = HeaderSource({"Authorization": value}, shown=shown)
    # a server may limit a request's head, and may answer 400 to a value that is not a valid header
    desk.expect(desk.do("listNamespaces", login=login), 401, 400, 431)
    refuse(desk, "createNamespace", login, 401, 400, 431)


@case(
    "",
    requirement=FR,
    needs=OAUTH2,
    each=("cut", "longer", "other end", "twice"),
    says="only the exact token is accepted",
)
def nearly_the_token_is_refused(desk: Desk, how: str) -> None:
    text = logins.new_token(desk)
    middle = len(text) // 2
    other = "A" if text[middle] != "A" else "B"
    spoilt = {
        "cut": text[:-4],
        "longer": text + "A",
        "other end": text[:middle] + other + text[middle + 1 :],
        "twice": f"{text} {text}",
    }[how]
    login = logins.bearer(spoilt, f"$TOKEN ({how})")
    desk.expect(desk.do("listNamespaces", login=login), 401, 400)
    refuse(desk, "createNamespace", login, 401, 400)


WRONG_FORMS = {
    "wrong secret": {"client_secret": "iceworthy-wrong-secret"},
    "unknown client": {"client_id": "iceworthy-nobody"},
    "no secret": {"client_secret": ""},
    "no client": {"client_id": "", "client_secret": ""},
    "no grant type": {"grant_type": ""},
    "unknown grant type": {"grant_type": "urn:iceworthy:none"},
}


@case("", requirement=FR, needs=OAUTH2, each=WRONG_FORMS, says="400 or 401, and no token")
def a_wrong_request_for_a_token_is_refused(desk: Desk, fields: dict[str, str]) -> None:
    reply = desk.expect(logins.ask_token(desk, logins.form_of(desk, **fields)), 400, 401)
    desk.that("body", not reply.get("access_token"), expected="no token", got="a token")
    secret = logins.secret_of(desk, "client_secret")
    echoed = secret.encode() in reply.raw
    desk.that("body", not echoed, expected="without the client's secret", got="it is in the body")


@case(
    "",
    requirement="FR-002",
    needs=OAUTH2,
    each=WRONG_FORMS,
    says="a refusal is an OAuth error: `error` is one of six codes",
)
def a_wrong_request_for_a_token_is_an_oauth_error(desk: Desk, fields: dict[str, str]) -> None:
    reply = logins.ask_token(desk, logins.form_of(desk, **fields))
    desk.refused(reply)
    _oauth_error(desk, reply)


def _oauth_error(desk: Desk, reply: Reply) -> None:
    code = reply.get("error")
    desk.that("error", code in CODES, expected=f"one of {', '.join(CODES)}", got=reply.said)


@case(
    "",
    requirement=FR,
    needs=OAUTH2,
    says="a client may exchange its token for one with a new lifetime",
)
def a_token_is_exchanged_or_that_is_refused_in_order(desk: Desk) -> None:
    text = logins.new_token(desk)
    form = {"grant_type": EXCHANGE, "subject_token": text, "subject_token_type": ACCESS}
    reply = logins.ask_token(desk, form, headers={"Authorization": f"Bearer {text}"})
    if reply.status != 200:  # the token endpoint is optional, and so is each of its grants
        desk.expect(reply, 400, 401)
        return
    new = reply.get("access_token")
    desk.that(
        "access_token", isinstance(new, str) and new != text, expected="a new token", got="none"
    )
    desk.expect(desk.do("listNamespaces", login=logins.bearer(str(new))), 200)


@case("", requirement=FR, needs=OAUTH2, says="an invalid token cannot be exchanged")
def an_unknown_token_is_not_exchanged(desk: Desk) -> None:
    form = {
        "grant_type": EXCHANGE,
        "subject_token": "iceworthy-no-such-token",
        "subject_token_type": ACCESS,
    }
    desk.expect(logins.ask_token(desk, form), 400, 401)


def _query(desk: Desk) -> dict[str, str] | None:
    warehouse = desk.live.spec.catalog.warehouse
    return {"warehouse": warehouse} if warehouse else None
