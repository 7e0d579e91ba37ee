"""What a case may need of a target beyond the operations that the target advertises.

Claim: each capability returns "" if the target has it, else the reason why the case does not apply,
in words for the report. To add a capability, add a function to the table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Unanswered


def _two_nodes(desk: Desk) -> str:
    return "" if len(desk.live.nodes) > 1 else "the target has one node"


def _database(desk: Desk) -> str:
    return "" if desk.live.database is not None else "the suite has no access to its database"


def _own_namespaces(desk: Desk) -> str:
    """Whether namespaces outside the root may be used, which are not dropped afterwards."""
    return "the target remains in use after the run" if desk.live.spec.lives_on else ""


def _local_folder(desk: Desk) -> str:
    """Whether table locations are files that this process can read and write."""
    return "" if desk.warehouse is not None else "the warehouse is not a folder that the suite made"


def _tokens(desk: Desk) -> str:
    kind = desk.live.spec.auth.kind
    known = kind in ("token", "client_credentials")
    return "" if known else "the target's [auth] has no token (kind token or client_credentials)"


def _oauth2(desk: Desk) -> str:
    known = desk.live.spec.auth.kind == "client_credentials"
    return "" if known else "the target's [auth] has no OAuth2 client (kind client_credentials)"


def _api_key(desk: Desk) -> str:
    known = desk.live.spec.auth.api_key_variable
    return "" if known else "the target's [auth] names no api_key_variable"


def _reader(desk: Desk) -> str:
    auth = desk.live.spec.auth
    known = auth.read_only_client_id_variable and auth.read_only_client_secret_variable
    return "" if known else "the target's [auth] names no read_only_client_id_variable"


def _reader_key(desk: Desk) -> str:
    known = desk.live.spec.auth.read_only_api_key_variable
    return "" if known else "the target's [auth] names no read_only_api_key_variable"


def _login(desk: Desk) -> str:
    return "" if desk.live.spec.auth.kind != "none" else 'the target\'s [auth] kind is "none"'


def _tls(desk: Desk) -> str:
    known = desk.live.nodes[0].url.startswith("https:")
    return "" if known else "the target has an http URL, not https"


def _logs(desk: Desk) -> str:
    known = any(desk.live.logs.glob("node-*.log"))
    return "" if known else "the suite cannot read the nodes' logs"


def _s3_bucket(desk: Desk) -> str:
    """Whether the suite started the store, so that it may read the bucket."""
    is_ours = desk.live.warehouse_bucket is not None
    return "" if is_ours else "the storage is not an S3 store that the suite started"


def _events(desk: Desk) -> str:
    known = desk.live.spec.endpoints.events
    return "" if known else "the target's [endpoints] names no events"


def _earlier_snapshots(desk: Desk) -> str:
    """Whether a table keeps the snapshots before its newest; nobody asked: yes."""
    is_gone = desk.known.newest_only
    return "the target keeps a table's newest snapshot alone" if is_gone else ""


def _namespace_properties(desk: Desk) -> str:
    kept = keeps_properties(desk)
    return "" if kept else "the target has no properties of namespaces, as it may"


def keeps_properties(desk: Desk) -> bool:
    """False if a new namespace has none of its properties and they cannot be changed (406, or not
    advertised): "server implementations are not required to support namespace properties"."""

    def ask() -> bool:
        levels = (*desk.root, desk.name("ns"))
        made = desk.do(
            "createNamespace", body={"namespace": list(levels), "properties": {"p": "1"}}
        )
        found = desk.do("loadNamespaceMetadata", levels) if made.ok else None
        if found is None or not found.ok or found.get("properties", "p") == "1":
            return True
        if not desk.offers("updateProperties"):
            return False
        return desk.do("updateProperties", levels, body={"updates": {"p": "2"}}).status != 406

    return desk.shared("keeps properties of namespaces", ask)


CAPABILITIES: dict[str, Callable[[Desk], str]] = {
    "two_nodes": _two_nodes,
    "database": _database,
    "own_namespaces": _own_namespaces,
    "local_folder": _local_folder,
    "login": _login,
    "tokens": _tokens,
    "oauth2": _oauth2,
    "api_key": _api_key,
    "reader": _reader,
    "reader_key": _reader_key,
    "tls": _tls,
    "logs": _logs,
    "events": _events,
    "s3_bucket": _s3_bucket,
    "namespace_properties": _namespace_properties,
    "earlier_snapshots": _earlier_snapshots,
}


def missing(desk: Desk, needs: tuple[str, ...]) -> str:
    """The reason for the first missing capability; "" if none is missing."""
    for name in needs:
        if name not in CAPABILITIES:
            raise KeyError(f"no capability {name!r}; known: {', '.join(sorted(CAPABILITIES))}")
        with suppress(Needs, Unanswered):  # the case itself will say so
            if why := CAPABILITIES[name](desk):
                return why
    return ""
