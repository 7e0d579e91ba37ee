"""GET /v1/config answers, and advertises every operation of the first phase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iceworthy.contract.survey.desk import Finding, SeenReply, SurveyDesk

REQUIREMENTS = ("FR-001", "FR-002")

# Assumed of a server that does not send `endpoints` (description of GET /v1/config).
DEFAULTS = frozenset(
    {
        "GET /v1/{prefix}/namespaces",
        "POST /v1/{prefix}/namespaces",
        "GET /v1/{prefix}/namespaces/{namespace}",
        "DELETE /v1/{prefix}/namespaces/{namespace}",
        "POST /v1/{prefix}/namespaces/{namespace}/properties",
        "GET /v1/{prefix}/namespaces/{namespace}/tables",
        "POST /v1/{prefix}/namespaces/{namespace}/tables",
        "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
        "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}",
        "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
        "POST /v1/{prefix}/tables/rename",
    }
)
# Clients that do not find these listed load the entity instead, so leaving them out is lawful.
EXISTENCE = frozenset(
    {
        "HEAD /v1/{prefix}/namespaces/{namespace}",
        "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    }
)


def check(desk: SurveyDesk) -> Iterator[Finding]:
    call = desk.wire.config(desk.live.spec.catalog.warehouse)
    reply = SeenReply(call=call, answer=desk.config_answer)
    yield desk.status("FR-001", "load the configuration", reply, 200)
    if not reply.ok:
        return
    yield desk.shape("load the configuration", reply, _unlike_endpoints(reply.body))
    listed = desk.config.endpoints if desk.config else None
    for operation in sorted(DEFAULTS | EXISTENCE):
        if listed is None and operation in EXISTENCE:
            continue
        there = operation in (DEFAULTS if listed is None else listed)
        came = "listed" if there else _nearest(operation, listed or ())
        if listed is None:
            came = "no endpoints field, so the default set is assumed: it is in it"
        yield desk.finding(
            "FR-001",
            f"{operation} is advertised",
            wanted="listed in endpoints, word for word as in the specification",
            came=came,
            works=there or operation in EXISTENCE,
            call=reply.call,
        )


def _unlike_endpoints(body: Any) -> list[str]:
    """The first endpoint that is not "<VERB> /v1/..."."""
    listed = body.get("endpoints") if isinstance(body, dict) else None
    for entry in listed if isinstance(listed, list) else ():
        words = entry.split(" ") if isinstance(entry, str) else []
        if len(words) != 2 or not words[0].isupper() or not words[1].startswith("/v1/"):
            return [f'endpoints holds {entry!r}, not "<VERB> /v1/..."']
    return []


def _nearest(operation: str, listed: tuple[str, ...]) -> str:
    """Clients compare whole strings, so a path of other words is not advertised to them."""
    verb, _, path = operation.partition(" ")
    bare = path.replace("/{prefix}", "")
    similar = [entry for entry in listed if entry.replace("/{prefix}", "") == f"{verb} {bare}"]
    return f"not listed; {similar[0]!r} is, which clients do not know" if similar else "not listed"
