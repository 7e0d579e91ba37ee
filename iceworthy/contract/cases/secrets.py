"""Secrets: none in clear text in the database, the logs, the metrics or an error."""

from __future__ import annotations

import time

from iceworthy.client.auth import HeaderSource
from iceworthy.contract import logins
from iceworthy.contract.attempts import every, make
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.secret_search import in_database, in_text, tables
from iceworthy.words.target import CREDENTIALS

PLACE = "FR-011"

FR = "FR-011"
LOG_S = 0.5
"""How long a server may buffer the lines of its log."""


def _secrets(desk: Desk) -> dict[str, str]:
    """name -> value of every secret of the run, including two access tokens; all were used."""

    def use() -> dict[str, str]:
        found = {
            name: logins.secret_of(desk, name) for name in CREDENTIALS if not name.endswith("_id")
        }
        auth = logins.auth_of(desk)
        logged_in = [HeaderSource()]
        if auth.kind == "client_credentials":
            for number in (1, 2):
                found[f"access token {number}"] = text = logins.new_token(desk, node=number)
                logged_in.append(logins.bearer(text))
        if auth.api_key_variable:
            logged_in.append(logins.key(desk))
        for login in logged_in:
            for name in ("listNamespaces", "createNamespace"):
                one = make(desk, name)
                desk.do(name, *one.parts, body=one.body, login=login)
        return {name: secret for name, secret in found.items() if secret}

    return desk.shared("secrets", use)


@case(
    "",
    requirement=FR,
    needs=("login", "database"),
    says="tokens, keys and client secrets are stored only as hashes",
)
def no_secret_is_in_the_database(desk: Desk) -> None:
    secrets, database = _secrets(desk) | _own_secrets(desk), desk.live.database
    assert database is not None
    if not tables(database.query):
        desk.skip("the catalog has no table in the database that the suite sees")
    found = in_database(database.query, secrets)
    desk.that("database", not found, expected="no secret in any column of any table", got=found)


@case("", requirement=FR, needs=("login", "logs"), says="no log contains a secret")
def no_secret_is_in_a_log(desk: Desk) -> None:
    secrets = _secrets(desk) | _own_secrets(desk)
    time.sleep(LOG_S)
    found = [
        f"{name} in {file.name}"
        for file in sorted(desk.live.logs.glob("*.log"))
        if file.name.startswith(("node-", "postgres"))
        for name in in_text(file.read_bytes(), secrets)
    ]
    desk.that("logs", not found, expected="no secret", got=found)


@case("", requirement=FR, needs=("login",), says="no metric contains a secret")
def no_secret_is_in_the_metrics(desk: Desk) -> None:
    path = desk.live.spec.endpoints.metrics
    if not path or "://" in path:
        desk.skip("the target has no metrics on the nodes' own port")
    secrets = _secrets(desk) | _own_secrets(desk)
    for node in range(len(desk.live.nodes)):
        found = in_text(desk.send("GET", path, node=node).raw, secrets)
        desk.that("metrics", not found, expected="no secret", got=found)


@case(
    "",
    requirement=FR,
    needs=("login",),
    each=every(),
    says="no error shows a secret or the address of the catalog's database",
)
def no_secret_is_in_an_error(desk: Desk, name: str) -> None:
    if not desk.offers(name):
        desk.skip(f"{name} is not advertised")
    secrets = _secrets(desk) | _own_secrets(desk) | _address(desk)
    one = make(desk, name)
    wrong = tuple((*desk.root, "none") if isinstance(p, tuple) else p for p in one.parts)
    for parts, body in ((wrong, one.body), (one.parts, b'{"'), (one.parts, [1])):
        reply = desk.do(name, *parts, body=None if one.body is None else body)
        found = in_text(reply.raw, secrets)
        desk.that("answer", not found, expected="no secret or address in it", got=found)
        login = logins.WRONG_TOKEN
        found = in_text(desk.do(name, *parts, body=one.body, login=login).raw, secrets)
        desk.that("answer", not found, expected="no secret or address in it", got=found)


def _own_secrets(desk: Desk) -> dict[str, str]:
    """The passwords and keys that the suite gave the nodes for the database and the store."""
    return dict(desk.live.given_secrets())


def _address(desk: Desk) -> dict[str, str]:
    """The addresses of the nodes' links to the database, as a driver's error would show them."""
    return {
        f"database of node {node.index}": node.database_link.address
        for node in desk.live.nodes
        if node.database_link is not None
    }
