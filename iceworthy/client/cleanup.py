"""Drops everything that the suite created in a catalog that lives on after the run.

Claim: after sweep() no namespace whose first level below `root` begins with the stem is left,
except those in the returned list.
Method: listings, children before parents, drops; bounded in depth.
What it does NOT do: purge files, or touch a name that does not begin with the stem.
"""

from __future__ import annotations

from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.pages import list_namespaces, list_tables, list_views
from iceworthy.client.view_calls import drop_view
from iceworthy.client.wire import Call, Namespace, Wire
from iceworthy.record.history import UNIT

DEPTH_MAX = 16


def sweep(client: CatalogClient, wire: Wire, root: Namespace, *, stem: str) -> list[str]:
    """Drop every namespace below root whose own name begins with the stem, with all in it."""
    if not stem:
        raise ValueError("an empty stem would drop what is not ours")
    stayed: list[str] = []
    for namespace in _children(client, wire, root):
        if namespace[-1].startswith(stem):
            _drop_all(client, wire, namespace, stayed, DEPTH_MAX)
    return stayed


def _drop_all(
    client: CatalogClient, wire: Wire, namespace: Namespace, stayed: list[str], depth: int
) -> None:
    if depth:
        for child in _children(client, wire, namespace):
            _drop_all(client, wire, child, stayed, depth - 1)
    prefix = f"{UNIT.join(namespace)}/"
    for key in list_tables(client, wire, namespace).names:
        _drop(client, wire.drop_table(namespace, key.removeprefix(prefix)), stayed)
    if wire.offered is not None and {"listViews", "dropView"} <= wire.offered:
        for key in list_views(client, wire, namespace).names:
            _drop(client, drop_view(wire, namespace, key.removeprefix(prefix)), stayed)
    _drop(client, wire.drop_namespace(namespace), stayed)


def _children(client: CatalogClient, wire: Wire, parent: Namespace) -> list[Namespace]:
    """Direct children only, so that a listing with other names cannot make us drop those."""
    found = (tuple(key.split(UNIT)) for key in list_namespaces(client, wire, parent).names)
    return [n for n in found if len(n) == len(parent) + 1 and n[: len(parent)] == parent]


def _drop(client: CatalogClient, call: Call, stayed: list[str]) -> None:
    answer = client.ask(call)
    if not answer.ok and answer.status != 404:
        stayed.append(f"{call.method} {call.path}: {answer.status or answer.error} {answer.detail}")
