"""The first requests to a target, as its file words them: token, configuration, a listing, and a
table at the location that the file names.

Claim: where no node lets the suite in, and a key of the target file may be why, the experiment ends
with the line of that key, and no case is asked. Method: each node is asked once, after one served,
and what it answers is recorded (first_answers.jsonl); iceworthy/record/not_let_in.py decides.
What this does NOT show: whether the login suffices for changes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from iceworthy.client.auth import NoToken, header_source
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.connect import Config, ask_config, read_config, wire_of
from iceworthy.client.wire import Namespace, Wire
from iceworthy.record.not_let_in import mistake_in
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FirstAnswer
from iceworthy.words.errors import NotLetIn
from iceworthy.words.live import LiveTarget, Node

ASK_S = 5.0
NEEDED = frozenset({"createNamespace", "createTable", "dropTable", "dropNamespace"})


def be_let_in(live: LiveTarget, folder: RunFolder, *, timeout_s: float = ASK_S) -> None:
    """Record the first answers of each node; NotLetIn where the target file may be wrong."""
    answers = [answer for node in live.nodes for answer in _ask(live, node, timeout_s)]
    for answer in answers:
        folder.append(answer)
    if why := mistake_in(live.spec, answers):
        raise NotLetIn(f"the catalog does not let the suite in: {why}")


def _ask(live: LiveTarget, node: Node, timeout_s: float) -> Iterator[FirstAnswer]:
    spec = live.spec
    source = header_source(spec, node.url)
    if spec.auth.kind == "client_credentials":
        status, word = 200, ""
        try:
            source.headers()
        except NoToken as error:
            status, word = error.status, error.word
        yield FirstAnswer(
            t_ns=time.monotonic_ns(), node=node.index, asked="token", status=status, error=word
        )
        if status != 200:
            return
    with CatalogClient(node.url, node=node.index, headers=source, timeout_s=timeout_s) as client:
        answer = ask_config(spec, client)
        yield FirstAnswer(**_facts(node, answer), asked="config")
        config = read_config(answer.json()) if answer.ok else None
        wire = wire_of(spec, config or Config())
        offered = wire.offered or frozenset()
        root = tuple(spec.catalog.root_namespace)
        if root and "loadNamespaceMetadata" in offered:
            yield FirstAnswer(**_facts(node, client.ask(wire.load_namespace(root))), asked="root")
        elif "listNamespaces" in offered:
            listing = client.ask(wire.list_namespaces())
            yield FirstAnswer(**_facts(node, listing), asked="namespaces")
        if wire.location and offered >= NEEDED and node is live.nodes[0]:
            yield from _location(node, client, wire, root)


def _location(
    node: Node, client: CatalogClient, wire: Wire, root: Namespace
) -> Iterator[FirstAnswer]:
    """A table at a location as the target file words it; an answer where it was refused alone."""
    space = (*root, f"iw_first_{time.time_ns():x}")
    if not client.ask(wire.create_namespace(space)).ok:
        return
    there = client.ask(wire.create_table(space, "t"))
    if there.ok:
        client.ask(wire.drop_table(space, "t"))
    elif client.ask(replace(wire, location="").create_table(space, "u")).ok:
        yield FirstAnswer(**_facts(node, there), asked="location")
        client.ask(wire.drop_table(space, "u"))
    client.ask(wire.drop_namespace(space))


def _facts(node: Node, answer: Answer) -> dict[str, Any]:
    return {
        "t_ns": time.monotonic_ns(),
        "node": node.index,
        "status": answer.status if answer.complete else 0,
        "error": "" if answer.complete and answer.status else answer.error,
    }
