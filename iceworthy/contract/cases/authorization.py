"""Scopes: a read-only login reads and changes nothing."""

from __future__ import annotations

from iceworthy.contract import logins
from iceworthy.contract.attempts import changing, refuse
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk

PLACE = "responses.ForbiddenResponse"

FR = "FR-009"
READING = {
    "listNamespaces": (),
    "loadNamespaceMetadata": ("space",),
    "listTables": ("space",),
    "loadTable": ("space", "t"),
    "tableExists": ("space", "t"),
    "namespaceExists": ("space",),
}


@case(
    "",
    requirement=FR,
    needs=("tokens", "reader"),
    each=changing(),
    says="403 (or 401) without the needed permission, and nothing is changed",
)
def a_reading_token_changes_nothing(desk: Desk, name: str) -> None:
    refuse(desk, name, logins.reader(desk))


@case(
    "", requirement=FR, needs=("tokens", "reader"), each=READING, says="a read-only login may read"
)
def a_reading_token_reads(desk: Desk, parts: tuple[str, ...]) -> None:
    name = next(one for one, expected in READING.items() if expected is parts)
    if not desk.offers(name):
        desk.skip(f"{name} is not advertised")
    space = desk.shared("read space", desk.fresh)
    desk.shared("read table", lambda: desk.table(space))
    given = [space if part == "space" else part for part in parts]
    desk.expect(desk.do(name, *given, login=logins.reader(desk)), 200, 204)


@case("", requirement=FR, needs=("oauth2", "reader"), says="a client gets no scope beyond its own")
def a_reader_gets_no_more_by_asking_for_it(desk: Desk) -> None:
    form = logins.form_of(
        desk,
        client_id=logins.secret_of(desk, "read_only_client_id"),
        client_secret=logins.secret_of(desk, "read_only_client_secret"),
    )
    reply = logins.ask_token(desk, form)
    if reply.status != 200:
        desk.expect(reply, 400, 401)
        return
    # a server may grant less than was requested; the token it granted must not allow the change
    login = logins.bearer(str(reply.get("access_token")), "$READ_ONLY_TOKEN")
    refuse(desk, "createNamespace", login)
