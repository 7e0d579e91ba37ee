"""Errors: the specification's body, the status as its code, and no internals of the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import COERCED, MORE_THAN_JSON, refused_or_ignored
from iceworthy.contract.same_metadata import same_metadata
from iceworthy.specification.validation import is_plain_text

PLACE = "schemas.ErrorModel"

FR = "FR-002"
INSIDE = re.compile(
    r"(?i)\b(select|insert into|update \w+ set|delete from)\b.{0,80}\b(from|values|where)\b"
    r"|sqlstate|pgx|psycopg|asyncpg|jdbc:|org\.postgresql|duplicate key value"
    r"|violates (foreign key|unique) constraint|goroutine \d|Traceback \(most recent"
    r"|\bat [\w.$]+\([\w]+\.java:\d+\)|panic:|/usr/(local/)?(lib|go|src)/"
)
"""Patterns that reveal an SQL statement, a driver, or a stack trace of the server."""


def _unknown_table(desk: Desk) -> Reply:
    return desk.do("loadTable", desk.fresh(), "unknown")


def _unknown_namespace(desk: Desk) -> Reply:
    return desk.do("loadNamespaceMetadata", (*desk.root, desk.name()))


def _taken_namespace(desk: Desk) -> Reply:
    return desk.do("createNamespace", body={"namespace": list(desk.fresh()), "properties": {}})


def _taken_table(desk: Desk) -> Reply:
    space = desk.fresh()
    desk.table(space)
    return desk.do("createTable", space, body=desk.table_body("t", space))


def _false_requirement(desk: Desk) -> Reply:
    space = desk.fresh()
    desk.table(space)
    wrong = {"type": "assert-table-uuid", "uuid": "00000000-0000-4000-8000-000000000001"}
    return desk.commit(space, "t", [{"action": "set-properties", "updates": {"a": "b"}}], [wrong])


def _not_empty(desk: Desk) -> Reply:
    space = desk.fresh()
    desk.table(space)
    return desk.do("dropNamespace", space)


def _both_set_and_removed(desk: Desk) -> Reply:
    body = {"updates": {"a": "1"}, "removals": ["a"]}
    return desk.do("updateProperties", desk.fresh(), body=body)


def _malformed(desk: Desk) -> Reply:
    return desk.do("createTable", desk.fresh(), body=b'{"name":')


ERRORS: dict[str, tuple[int, Callable[[Desk], Reply]]] = {
    "unknown table": (404, _unknown_table),
    "unknown namespace": (404, _unknown_namespace),
    "taken namespace": (409, _taken_namespace),
    "taken table": (409, _taken_table),
    "requirement that does not hold": (409, _false_requirement),
    "namespace that is not empty": (409, _not_empty),
    "key both set and removed": (422, _both_set_and_removed),
    "malformed body": (400, _malformed),
}
ANSWERED_BY = {
    "unknown table": "loadTable",
    "unknown namespace": "loadNamespaceMetadata",
    "taken namespace": "createNamespace",
    "taken table": "createTable",
    "requirement that does not hold": "updateTable",
    "namespace that is not empty": "dropNamespace",
    "key both set and removed": "updateProperties",
    "malformed body": "createTable",
}


@case(
    ANSWERED_BY,
    requirement=FR,
    each=ERRORS,
    says="an error has message, type and code, and code is the status",
    early=(
        "unknown table",
        "unknown namespace",
        "taken namespace",
        "taken table",
        "requirement that does not hold",
    ),
)
def an_error_has_the_body_of_an_error(desk: Desk, error: tuple[int, Any]) -> None:
    status, provoke = error
    reply = desk.expect(provoke(desk), status)
    kind = reply.headers.get("content-type", "")
    if reply.status == 400 and reply.raw and is_plain_text(kind):
        desk.remark("application/json, as usual", kind, reply)
        return
    body = reply.get("error")
    if not isinstance(body, dict):
        desk.broken('{"error": {"message", "type", "code"}}', reply.said, reply)
    for key in ("message", "type"):
        text = body.get(key)
        desk.that(key, isinstance(text, str), expected="a text", got=text, reply=reply)
        if not text:  # a text all the same
            desk.remark(f"{key}: words", text, reply)
    desk.same("code", reply.status, body.get("code"), reply)
    desk.that("Content-Type", "json" in kind.lower(), expected="JSON", got=kind, reply=reply)


@case(
    ANSWERED_BY,
    requirement=FR,
    each=ERRORS,
    says="an error's body shows no internals of the server",
)
def an_error_tells_nothing_of_the_inside(desk: Desk, error: tuple[int, Any]) -> None:
    reply = error[1](desk)
    stack = reply.get("error", "stack")
    if stack:  # ErrorModel has this field
        desk.remark("stack: none", stack, reply)
    text = reply.raw.decode("utf-8", "replace") if not stack else str(reply.get("error", "message"))
    found = INSIDE.search(text)
    desk.that(
        "body",
        found is None,
        expected="no statement, driver or stack",
        got=text[max(0, found.start() - 60) : found.end() + 60] if found else "",
        reply=reply,
    )


MALFORMED: dict[str, tuple[str, bytes]] = {
    "namespace, broken JSON": ("createNamespace", b"{"),
    "namespace, a text": ("createNamespace", b'{"namespace":"text"}'),
    "namespace, left out": ("createNamespace", b"{}"),
    "table, broken JSON": ("createTable", b'{"name":'),
    "table, no schema": ("createTable", b'{"name":"x"}'),
    "commit, broken JSON": ("updateTable", b"["),
    "commit, a list": ("updateTable", b"[]"),
}


@case(
    "updateTable",
    requirement=FR,
    uses=("createNamespace", "createTable"),
    early=True,
    each=MALFORMED,
    says="a request that is not as its schema says is refused with a 4xx, and changes nothing",
)
def a_malformed_request_is_refused(desk: Desk, request: tuple[str, bytes]) -> None:
    operation_id, body = request
    space = desk.fresh()
    desk.table(space)
    before = desk.load(space).metadata
    parts = {"createNamespace": (), "createTable": (space,), "updateTable": (space, "t")}
    reply = desk.do(operation_id, *parts[operation_id], body=body)
    if reply.ok and b"text" in body and not desk.root:
        desk.do("dropNamespace", ("text",))  # of another name than the suite's, so it is not swept
    if operation_id == "updateTable":
        refused_or_ignored(desk, reply)
    else:
        desk.refused(reply)
    same_metadata(desk, before, desk.load(space).metadata)


@case(
    {"namespace": "listTables", "table": "loadTable"},
    requirement=FR,
    each=("namespace", "table"),
    says="the type of a 404 says what was not found; clients rely on it",
)
def not_found_tells_what_was_not_found(desk: Desk, what: str) -> None:
    if what == "namespace":
        reply = desk.do("listTables", (*desk.root, desk.name()))
        desk.expect(reply, 404, error="NoSuchNamespaceException")
    else:
        desk.expect(_unknown_table(desk), 404, error="NoSuchTableException")


@case(
    "getConfig",
    requirement=FR,
    each=("/v1/unknown", "/v1", "/v2/config", "/v1/config/x"),
    says="a path that does not exist answers 4xx",
)
def an_unknown_path_is_a_4xx(desk: Desk, path: str) -> None:
    desk.refused(desk.send("GET", f"{desk.wire.base}{path}"))


@case(
    "",
    requirement=FR,
    each=("PUT", "PATCH", "DELETE"),
    says="a method that a path does not have answers 4xx",
)
def an_unknown_method_is_a_4xx(desk: Desk, method: str) -> None:
    reply = desk.send(method, f"{desk.wire.root}/namespaces", body=b"{}")
    if reply.status != 501:  # of a method that the server knows nowhere (RFC 9110 15.6.2)
        desk.refused(reply)


@case(
    "createNamespace",
    requirement=FR,
    each={
        "NUL": "a\0b",
        "unit separator": "a\x1fb",
        "only spaces": "   ",
        "very long": "n" * 70_000,
    },
    needs=("own_namespaces",),
    says="a name that cannot be stored is refused with a 4xx, not a 5xx",
)
def a_name_that_cannot_be_kept_is_refused(desk: Desk, odd: str) -> None:
    levels = (*desk.root, f"{desk.name()}{odd}")
    reply = desk.do("createNamespace", body={"namespace": list(levels), "properties": {}})
    if not reply.ok:
        desk.refused(reply)
        return
    names = [reply.get("namespace")]
    desk.same("namespace of the answer", [list(levels)], names)
    if "\0" not in odd and "\x1f" not in odd and len(odd) < 5000:
        desk.is_there("namespaceExists", levels)
        desk.expect(desk.do("dropNamespace", levels), 204)


@case(
    "createNamespace",
    requirement=FR,
    each={
        "deep": b'{"namespace":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        "big number": b'{"namespace":["iw"],"properties":{"a":' + b"9" * 400 + b"}}",
        "duplicate keys": b'{"namespace":[],"namespace":[]}',
        "huge": b'{"namespace":["' + b"x" * 3_000_000 + b'"]}',
    },
    says="a malformed or oversized body is refused with a 4xx, not a 5xx",
    reading={"big number": COERCED, "duplicate keys": MORE_THAN_JSON},
)
def a_hostile_body_is_refused(desk: Desk, body: bytes) -> None:
    desk.refused(desk.do("createNamespace", body=body))
