"""Errors have the specification's body, and a bad request is refused with 400, never with 5xx."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.client.wire import Call
from iceworthy.contract.survey.desk import Finding, SeenReply, SurveyDesk, said

REQUIREMENTS = ("FR-002",)


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, space = desk.wire, desk.fresh("errors")
    table = desk.table(space, "t")
    wrong = {"type": "assert-table-uuid", "uuid": "00000000-0000-4000-8000-000000000001"}
    change = {"action": "set-properties", "updates": {"a": "b"}}
    errors = (
        ("load a namespace that is not there", wire.load_namespace(desk.name("unknown"))),
        ("create a namespace that is there", wire.create_namespace(space)),
        ("load a table that is not there", wire.load_table(space, "unknown")),
        ("create a table that is there", wire.create_table(space, "t")),
        ("commit whose requirement does not hold", wire.commit(space, "t", [wrong], [change])),
    )
    for what, call in errors:
        yield _body(desk, what, desk.ask(call))
    namespaces = f"{wire.root}/namespaces"
    path = wire.table_path(space, "t")
    as_text = f"{desk.stem}_text"
    for what, call in (
        ("malformed JSON to create a namespace", _raw("createNamespace", namespaces, b"{")),
        (
            "a namespace that is a text",
            _raw("createNamespace", namespaces, b'{"namespace":"%s"}' % as_text.encode()),
        ),
        ("no namespace at all", _raw("createNamespace", namespaces, b"{}")),
        (
            "malformed JSON to create a table",
            _raw("createTable", f"{wire.namespace_path(space)}/tables", b'{"name":'),
        ),
        (
            "a table without a schema",
            _raw("createTable", f"{wire.namespace_path(space)}/tables", b'{"name":"x"}'),
        ),
        ("malformed JSON to commit", _raw("updateTable", path, b"[")),
        ("a commit that is a list", _raw("updateTable", path, b"[]")),
    ):
        # Its body may be plain text: the document allows that for 400 alone.
        yield desk.status("FR-002", f"{what}: the request is refused", desk.ask(call), 400)
    if desk.ask(wire.load_namespace((as_text,))).ok:  # not below the root, so nobody sweeps it
        desk.ask(wire.drop_namespace((as_text,)))
    after = desk.read(space, "t").table
    yield desk.finding(
        "FR-002",
        "refused requests change nothing",
        wanted=f"the table at {table.metadata_location}",
        came=f"at {after.metadata_location if after else None}",
        works=after is not None and after.metadata_location == table.metadata_location,
        call=wire.load_table(space, "t"),
    )


def _raw(operation: str, path: str, body: bytes) -> Call:
    return Call(operation=operation, method="POST", path=path, key="", body=body)


def _body(desk: SurveyDesk, what: str, reply: SeenReply) -> Finding:
    if reply.ok:
        return desk.finding(
            "FR-002",
            f"body of the error: {what}",
            wanted="an error to look at",
            came=said(reply),
            works=None,
            call=reply.call,
        )
    problems = desk.problems(reply)
    return desk.finding(
        "FR-002",
        f"body of the error: {what}",
        wanted='{"error": {"message": text, "type": text, "code": the status}}',
        came="; ".join(problems) or "so it is",
        works=not problems,
        call=reply.call,
    )
