"""/v1/config: what the catalog states about itself is true."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from iceworthy.client.asker import Asker
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.elsewhere import allowed, allowed_or_path
from iceworthy.contract.endings import Unanswered
from iceworthy.specification import BY_DEFAULT, OPERATIONS, Operation, advertised_name, operation

PLACE = "schemas.CatalogConfig"

CONFIG = "getConfig"
EVERY_CLIENT = {name: advertised_name(operation(name)) for name in sorted(BY_DEFAULT)}
ENDPOINT = re.compile(r"(GET|HEAD|POST|PUT|DELETE|PATCH) /\S+")


@case(CONFIG, says="defaults and overrides are required maps of strings", early=True)
def the_configuration_has_its_two_maps(desk: Desk) -> None:
    reply = desk.expect(desk.do(CONFIG, query=desk.config_query), 200)
    for key in ("defaults", "overrides"):
        found = reply.get(key)
        fits = isinstance(found, dict) and all(isinstance(v, str) for v in found.values())
        desk.that(key, fits, expected="a map of strings", got=found)


@case(CONFIG, says='endpoints are strings of the form "METHOD /path/{parameter}"', early=True)
def the_endpoints_are_written_as_they_must_be(desk: Desk) -> None:
    reply = desk.expect(desk.do(CONFIG, query=desk.config_query), 200)
    listed = reply.get("endpoints")
    if listed is None:
        desk.skip("endpoints is not sent; the default endpoints are assumed")
    wrong = [one for one in listed if not isinstance(one, str) or not ENDPOINT.fullmatch(one)]
    desk.that("endpoints", not wrong, expected="METHOD /path", got=wrong[:5])
    twice = sorted({one for one in listed if listed.count(one) > 1})
    desk.that("endpoints named twice", not twice, expected="none", got=twice)


@case(
    CONFIG,
    early=True,
    each=EVERY_CLIENT,
    says="clients compare endpoints as whole texts, and do not send what is not listed",
)
def what_every_client_needs_is_advertised(desk: Desk, endpoint: str) -> None:
    reply = desk.expect(desk.do(CONFIG, query=desk.config_query), 200)
    listed = reply.get("endpoints")
    if listed is None:
        return  # the specification's default list then holds, and has it
    if not isinstance(listed, list):
        desk.broken("a list of endpoints", reply.said, reply)
    bare = endpoint.replace("/{prefix}", "")
    similar = [one for one in listed if str(one).replace("/{prefix}", "") == bare]
    if not similar:
        desk.skip(f"{endpoint} is not listed: a catalog may leave it out (FR-001 has all in view)")
    found = f"{similar[0]!r}, which is another text"
    desk.that("endpoints", endpoint in listed, expected=repr(endpoint), got=found)


@case(CONFIG, needs=("two_nodes",), says="every node has the same configuration", place="FR-007")
def both_nodes_say_the_same(desk: Desk) -> None:
    one = desk.expect(desk.do(CONFIG, query=desk.config_query), 200)
    two = desk.expect(desk.do(CONFIG, query=desk.config_query, node=1), 200)
    desk.same("endpoints", sorted(one.get("endpoints") or []), sorted(two.get("endpoints") or []))
    for key in ("defaults", "overrides"):
        keys = sorted(one.get(key) or {})
        desk.same(f"keys of {key}", keys, sorted(two.get(key) or {}))


@case(
    CONFIG,
    says="overrides replace a client's settings: a client asks the catalog at overrides.uri",
    place="schemas.CatalogConfig.properties.overrides",
)
def the_uri_that_clients_must_use_serves(desk: Desk) -> None:
    reply = desk.expect(desk.do(CONFIG, query=desk.config_query), 200)
    uri = reply.get("overrides", "uri")
    if uri is None:
        desk.skip("no uri among the overrides: clients stay at the address that they were given")
    parts = allowed(desk, "overrides.uri of /v1/config", str(uri), reply)
    query = f"?{urlencode(desk.config_query)}" if desk.config_query else ""
    asker = Asker(f"{parts.scheme}://{parts.netloc}", headers=desk.askers[0].login)
    try:
        there = asker.send("GET", f"{parts.path.rstrip('/')}/v1/config{query}", operation=CONFIG)
    finally:
        asker.close()
    if there.undecided:
        raise Unanswered(f"overrides.uri is {uri}: {there.undecided}", there.asked)
    desk.expect(there, 200)


OTHER_HOSTS = ("oauth2-server-uri", "s3.signer.uri", "signer.uri")


@case(
    CONFIG,
    each=OTHER_HOSTS,
    says="defaults and overrides are settings of clients, which log in and sign where they say",
)
def clients_are_sent_nowhere_unseen(desk: Desk, key: str) -> None:
    reply = desk.expect(desk.do(CONFIG, query=desk.config_query), 200)
    where = reply.get("overrides", key) or reply.get("defaults", key)
    if where is None:
        desk.skip(f"/v1/config has no {key}")
    allowed_or_path(desk, f"{key} of /v1/config", str(where), reply)


@case(CONFIG, says="404 for a warehouse that is not found")
def an_unknown_warehouse_is_told_or_ignored(desk: Desk) -> None:
    reply = desk.do(CONFIG, query={"warehouse": f"unknown-{desk.name()}"})
    desk.expect(reply, 200, 400, 403, 404)


@case(
    CONFIG,
    each={advertised_name(one): one for one in OPERATIONS if not one.deprecated},
    says="an operation that is not advertised answers 4xx, never 5xx",
)
def what_is_not_advertised_is_refused_by_a_4xx(desk: Desk, one: Operation) -> None:
    if desk.offers(one.id):
        desk.skip(f"{advertised_name(one)} is advertised")
    space = desk.fresh()
    parts = [space if p == "namespace" else "unknown" for p in path_parameters(one)]
    body: dict[str, str] | None = {} if one.method == "POST" else None
    reply = desk.do(one.id, *parts, body=body, anyway=True)
    desk.that("status", reply.status < 500 or reply.status == 501, expected="4xx", got=reply.said)


def path_parameters(one: Operation) -> list[str]:
    """The names of an operation's path parameters after the prefix."""
    return [name for name in re.findall(r"{([^}]+)}", one.template) if name != "prefix"]
