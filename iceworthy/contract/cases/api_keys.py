"""API keys: accepted if correct, refused if not, limited to their scope."""

from __future__ import annotations

from iceworthy.contract import logins
from iceworthy.contract.attempts import changing, every, is_open, must_be_let_in, refuse
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk

PLACE = "FR-010"

FR = "FR-010"
KEY = ("api_key",)


def _let_in(desk: Desk) -> None:
    must_be_let_in(desk, logins.key(desk), "API key")


@case("", requirement=FR, needs=KEY, says="a request with a valid key is served")
def the_key_is_good_for_reading_and_changing(desk: Desk) -> None:
    _let_in(desk)
    levels = (*desk.root, desk.name("key"))
    body = {"namespace": list(levels), "properties": {"by": "key"}}
    desk.expect(desk.do("createNamespace", body=body, login=logins.key(desk)), 200)
    found = desk.expect(desk.do("loadNamespaceMetadata", levels, login=logins.key(desk)), 200)
    desk.same("property", "key", found.get("properties", "by"))
    desk.expect(desk.do("dropNamespace", levels, login=logins.key(desk)), 204)


@case(
    "",
    requirement=FR,
    needs=("api_key", "two_nodes"),
    says="every node accepts the key",
    place="FR-007",
)
def the_key_is_good_on_every_node(desk: Desk) -> None:
    _let_in(desk)
    for node in range(len(desk.live.nodes)):
        desk.expect(desk.do("listNamespaces", node=node, login=logins.key(desk)), 200)


@case(
    "",
    requirement=FR,
    needs=KEY,
    each=every(),
    says="a wrong key is answered 401, and nothing is changed",
)
def with_a_wrong_key_it_is_refused(desk: Desk, name: str) -> None:
    _let_in(desk)
    if is_open(desk, name):
        judges_that = f"api_keys.without_a_key_it_is_refused[{name}]"
        desk.skip("served without a login", left_to=judges_that)
    refuse(desk, name, logins.key_of(desk, "iceworthy-no-such-key"), 401)


@case(
    "",
    requirement=FR,
    needs=KEY,
    each=every(),
    says="without a credential the answer is 401, and nothing is changed",
)
def without_a_key_it_is_refused(desk: Desk, name: str) -> None:
    _let_in(desk)
    refuse(desk, name, logins.NOBODY, 401)


@case(
    "",
    requirement=FR,
    needs=KEY,
    each=("cut", "longer", "changed", "swapped case", "empty"),
    says="only the exact key is accepted",
)
def nearly_the_key_is_refused(desk: Desk, how: str) -> None:
    _let_in(desk)
    text = logins.secret_of(desk, "api_key")
    middle = len(text) // 2
    other = "A" if text[middle] != "A" else "B"
    spoilt = {
        "cut": text[:-1],
        "longer": text + "A",
        "swapped case": text.swapcase(),
        "empty": "",
        "changed": text[:middle] + other + text[middle + 1 :],
    }[how]
    login = logins.key_of(desk, spoilt)
    login.shown = {logins.auth_of(desk).api_key_header: f"$API_KEY ({how})"}
    if spoilt == text:
        desk.skip("the key has no letters")
    desk.expect(desk.do("listNamespaces", login=login), 401, 400)
    refuse(desk, "createNamespace", login, 401, 400)


@case("", requirement=FR, needs=("api_key", "oauth2"), says="tokens and keys are both accepted")
def a_key_and_a_token_are_good_at_the_same_time(desk: Desk) -> None:
    _let_in(desk)
    token = logins.bearer(logins.new_token(desk))
    for login in (token, logins.key(desk), token):
        desk.expect(desk.do("listNamespaces", login=login), 200)


@case(
    "",
    requirement=FR,
    needs=("api_key", "reader_key"),
    each=changing(),
    says="403 (or 401) beyond the key's scope, and nothing is changed",
)
def a_reading_key_changes_nothing(desk: Desk, name: str) -> None:
    _let_in(desk)
    refuse(desk, name, logins.reader_key(desk))


@case("", requirement=FR, needs=("api_key", "reader_key"), says="a read-only key may read")
def a_reading_key_reads(desk: Desk) -> None:
    _let_in(desk)
    space = desk.fresh()
    desk.table(space)
    login = logins.reader_key(desk)
    desk.expect(desk.do("listNamespaces", login=login), 200)
    desk.expect(desk.do("listTables", space, login=login), 200)
    desk.expect(desk.do("loadTable", space, "t", login=login), 200)
