"""Access of a case to the storage: the suite's own view of the bucket, and a client's view.

Claim: a client's view uses only what the catalog handed out. A store to which the suite must not
connect (iceworthy/client/gate.py) is asked nothing: where the catalog only says that its files are
there, the case cannot be decided (Needs) and names the host; where a signed request comes back for
such a host, or the address is one that readers of URLs understand differently, it is Broken. Two
tables are made once: `mine`, whose access is tried, and `other`, which that access must not reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iceworthy.client import gate
from iceworthy.client.asker import Reply
from iceworthy.client.connection import NOT_ALLOWED, Connection, Exchange
from iceworthy.client.s3_address import Keys, Store, split_location
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.elsewhere import allowed

if TYPE_CHECKING:
    from iceworthy.client.s3 import S3

DELEGATION = "X-Iceberg-Access-Delegation"
VENDED = {DELEGATION: "vended-credentials"}
SIGNED = {DELEGATION: "remote-signing"}
FILE_BYTES_MAX = 16 * 1024 * 1024
STORE_S_MAX = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two tables in one namespace, with the locations and metadata files that the catalog named."""

    space: Namespace
    mine: str
    mine_file: str
    other: str
    other_file: str


def own_view(desk: Desk) -> S3:
    """The suite's login to the store that it started (capability s3_bucket)."""
    from iceworthy.client.s3 import s3_of

    bucket = desk.live.warehouse_bucket
    if bucket is None:
        desk.skip("the storage is not an S3 store that the suite started")
    return s3_of(bucket)


def pair(desk: Desk) -> Pair:
    """The two tables; the first case that needs them makes them."""
    return desk.shared("two tables on a store", lambda: _make_pair(desk))


def _make_pair(desk: Desk) -> Pair:
    space = desk.fresh()
    found = []
    for name in ("mine", "other"):
        reply = desk.need(desk.do("createTable", space, body=desk.table_body(name, space)))
        found += [str(reply.metadata.get("location")).rstrip("/"), reply.get("metadata-location")]
    if not found[0].startswith(("s3://", "s3a://")):
        desk.skip(f"its tables are not on S3: {found[0].partition(':')[0]}")
    return Pair(space=space, mine=found[0], mine_file=found[1], other=found[2], other_file=found[3])


def place(reply: Reply, location: str) -> tuple[str, str]:
    """(bucket, key) of a location that the catalog named; Broken if it is not on S3."""
    try:
        return split_location(location)
    except ValueError:
        raise AssertionError(f"no location on S3: {location} in {reply.said}") from None


def given(reply: Reply, location: str) -> dict[str, str]:
    """The client settings for a location in a LoadTableResult or a credentials answer: `config`,
    overridden by the storage-credentials with the longest matching prefix."""
    config = reply.get("config")
    found = dict(config) if isinstance(config, dict) else {}
    fitting = [
        one
        for one in reply.get("storage-credentials") or []
        if location.startswith(str(one.get("prefix")))
    ]
    if fitting:
        found |= max(fitting, key=lambda one: len(one["prefix"]))["config"]
    return found


def vended(desk: Desk, reply: Reply, location: str) -> dict[str, str]:
    """As `given`; Skipped if the settings contain no credentials."""
    found = given(reply, location)
    if not found.get("s3.access-key-id") or not found.get("s3.secret-access-key"):
        desk.skip("the target vends no credentials for S3 there")
    return found


def client(desk: Desk, config: Mapping[str, str]) -> S3:
    """A client of the store with these settings."""
    from iceworthy.client.s3 import S3

    store = store_of(desk, config)
    keys = Keys(
        access=config["s3.access-key-id"],
        secret=config["s3.secret-access-key"],
        token=config.get("s3.session-token", ""),
    )
    return S3(store, keys)


def store_of(desk: Desk, config: Mapping[str, str]) -> Store:
    """The store's address in the settings: Skipped for AWS itself, Needs for a host that the suite
    must not ask, Broken for text that is not one plain URL.
    """
    endpoint = str(config.get("s3.endpoint") or "")
    if not endpoint:
        desk.skip("its storage is not on this machine: AWS")
    allowed(desk, "s3.endpoint", endpoint)
    return Store(endpoint=endpoint.rstrip("/"), region=config.get("client.region") or "us-east-1")


def refused(desk: Desk, what: str, ask: Any) -> None:
    """Check that the store refuses with 403; Broken if the request succeeds or gets a 404."""
    from iceworthy.client.s3 import Refused

    try:
        ask()
    except Refused as error:
        desk.that(what, error.status == 403, expected="refused with 403", got=str(error))
    except FileNotFoundError as error:
        desk.broken(f"{what}: refused with 403", f"404: {error}")
    else:
        desk.broken(f"{what}: refused with 403", "done")


def works(desk: Desk, what: str, ask: Any) -> Any:
    """The result of the request; Broken if the store refuses it."""
    from iceworthy.client.s3 import Refused

    try:
        return ask()
    except (Refused, FileNotFoundError) as error:
        desk.broken(f"{what}: done", str(error))


def send(
    desk: Desk, method: str, signed: Reply, headers: Mapping[str, str], body: bytes
) -> Exchange:
    """Send one request to a store as the catalog signed it; Broken, and nothing is sent, if the
    answer's uri is for a host that the suite must not ask."""
    expected = "uri: the request that was to be signed, at its own host"
    url = str(signed.get("uri"))
    try:
        parts = gate.plain_url(url)
    except ValueError as error:
        desk.broken(expected, str(error), signed)
    link = Connection(f"{parts.scheme}://{parts.netloc}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        found = link.request(
            method, path, headers=headers, body=body or None, timeout_s=STORE_S_MAX
        )
    finally:
        link.close()
    if found.error == NOT_ALLOWED:
        desk.broken(expected, f"{url}: {found.detail}", signed)
    return found
