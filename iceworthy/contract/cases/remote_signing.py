"""Remote signing: the catalog signs requests for the table's files, and no other requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from iceworthy.client.asker import Reply
from iceworthy.client.auth import HeaderSource
from iceworthy.client.s3_address import split_location
from iceworthy.contract import logins
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.elsewhere import allowed_or_path
from iceworthy.contract.object_access import SIGNED, Pair, own_view, pair, send, store_of

PLACE = "schemas.RemoteSignRequest"

FR = "FR-018"
SIGN = "signRequest"


def _signing_pair(desk: Desk) -> tuple[Pair, str]:
    """(the two tables, the store's address). Skips if nothing is signed, or the store is remote."""
    tables = pair(desk)
    config = desk.load(tables.space, "mine", headers=SIGNED).get("config") or {}
    if str(config.get("s3.remote-signing-enabled")).lower() != "true":
        desk.skip("the target does not advertise remote signing")
    return tables, store_of(desk, config).endpoint


def _sign(
    desk: Desk, tables: Pair, method: str, url: str, login: HeaderSource | None = None, **more: Any
) -> Reply:
    config = desk.load(tables.space, "mine", headers=SIGNED).get("config") or {}
    region = config.get("client.region") or "us-east-1"
    body = {"method": method, "uri": url, "region": region, "headers": {}, **more}
    return desk.do(SIGN, tables.space, "mine", body=body, login=login)


def _done(
    desk: Desk, reply: Reply, method: str, data: bytes = b"", more: Mapping[str, str] | None = None
) -> Any:
    """The store's answer to a request that the catalog signed."""
    headers = {name: ", ".join(values) for name, values in (reply.get("headers") or {}).items()}
    return send(desk, method, reply, {**headers, **(more or {})}, data)


def _url(root: str, location: str, below: str = "") -> str:
    bucket, key = split_location(location)
    return f"{root}/{bucket}/{key}{below}"


@case(
    SIGN,
    requirement=FR,
    uses=("createTable", "loadTable"),
    says="the answer's uri and headers are the request, signed",
)
def a_signed_read_of_the_tables_own_file_works(desk: Desk) -> None:
    tables, root = _signing_pair(desk)
    reply = desk.expect(_sign(desk, tables, "GET", _url(root, tables.mine_file)), 200)
    found = _done(desk, reply, "GET")
    desk.same("the store's status", 200, found.status, reply)
    uuid = desk.load(tables.space, "mine").metadata.get("table-uuid")
    desk.same("the file's table-uuid", uuid, orjson.loads(found.body).get("table-uuid"))


@case(
    SIGN,
    requirement=FR,
    uses=("createTable", "loadTable"),
    says="requests that write the table's files are signed too",
)
def what_was_written_with_a_signature_is_read_back(desk: Desk) -> None:
    tables, root = _signing_pair(desk)
    url = _url(root, tables.mine, f"/data/{desk.name('part')}.parquet")
    put = desk.expect(_sign(desk, tables, "PUT", url), 200)
    desk.same("the store's status", 200, _done(desk, put, "PUT", b"PAR1").status, put)
    got = desk.expect(_sign(desk, tables, "GET", url), 200)
    desk.same("what was written", b"PAR1", _done(desk, got, "GET").body, got)


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    each=("s3.signer.uri", "signer.uri"),
    says="a table's settings say where a client asks for signatures",
    place="schemas.LoadTableResult.properties.config",
)
def a_client_is_sent_for_signatures_nowhere_unseen(desk: Desk, key: str) -> None:
    tables, _ = _signing_pair(desk)
    reply = desk.load(tables.space, "mine", headers=SIGNED)
    where = reply.get("config", key)
    if where is None:
        desk.skip(f"a client asks the catalog itself: a table's settings have no {key}")
    allowed_or_path(desk, f"{key} of loadTable", str(where), reply)


ATTEMPTS: dict[str, tuple[str, str]] = {
    "read": ("GET", "{file}"),
    "head": ("HEAD", "{file}"),
    "overwrite": ("PUT", "{file}"),
    "write": ("PUT", "{other}/planted"),
    "delete": ("DELETE", "{file}"),
    "start an upload": ("POST", "{other}/planted?uploads="),
    "list": ("GET", "{bucket}?list-type=2&prefix={key}/"),
    "list everything": ("GET", "{bucket}?list-type=2"),
    "list by a prefix that only begins alike": ("GET", "{bucket}?list-type=2&prefix={beside}"),
    "read up through dots": ("GET", "{mine}/../{name}/{rest}"),
    "read up through encoded dots": ("GET", "{mine}/%2e%2e/{name}/{rest}"),
}


@case(
    SIGN,
    requirement=FR,
    uses=("createTable", "loadTable"),
    each=ATTEMPTS,
    says="only requests for the table's own files are signed",
)
def another_tables_files_are_not_signed_for(desk: Desk, attempt: tuple[str, str]) -> None:
    tables, root = _signing_pair(desk)
    method, template = attempt
    bucket, key = split_location(tables.other)
    url = template.format(
        file=_url(root, tables.other_file),
        other=_url(root, tables.other),
        key=key,
        bucket=f"{root}/{bucket}",
        mine=_url(root, tables.mine),
        name=key.rpartition("/")[2],
        rest=split_location(tables.other_file)[1].removeprefix(f"{key}/"),
        beside=split_location(tables.mine)[1][:-1],
    )
    data = b"planted" if method == "PUT" else b""
    _not_done(desk, _sign(desk, tables, method, url), method, data)


@case(
    SIGN,
    requirement=FR,
    uses=("createTable", "loadTable"),
    says="only requests for the table's own files are signed",
)
def another_tables_file_is_not_copied_from(desk: Desk) -> None:
    tables, root = _signing_pair(desk)
    bucket, key = split_location(tables.other_file)
    source = f"/{bucket}/{key}"
    reply = _sign(
        desk,
        tables,
        "PUT",
        _url(root, tables.mine, "/data/stolen"),
        headers={"x-amz-copy-source": [source]},
    )
    _not_done(desk, reply, "PUT", b"", {"x-amz-copy-source": source})


@case(
    SIGN,
    requirement=FR,
    needs=("tokens", "reader"),
    uses=("createTable", "loadTable"),
    each=("PUT", "DELETE"),
    says="a signature does not allow a login more than the login itself",
)
def a_reader_gets_no_signature_to_change_a_table(desk: Desk, method: str) -> None:
    tables, root = _signing_pair(desk)
    reply = _sign(desk, tables, method, _url(root, tables.mine, "/data/x"), logins.reader(desk))
    _not_done(desk, reply, method, b"planted" if method == "PUT" else b"")


@case(
    SIGN,
    requirement=FR,
    uses=("createTable", "loadTable"),
    says="the body is sent along if its content must be checked before signing",
)
def another_tables_file_is_not_deleted_by_a_list(desk: Desk) -> None:
    tables, root = _signing_pair(desk)
    bucket, key = split_location(tables.other_file)
    body = f"<Delete><Object><Key>{key}</Key></Object></Delete>"
    reply = _sign(desk, tables, "POST", f"{root}/{bucket}?delete", body=body)
    desk.refused(reply)


def _not_done(
    desk: Desk, reply: Reply, method: str, data: bytes = b"", more: Mapping[str, str] | None = None
) -> None:
    """Check that the catalog refuses to sign, or that the store refuses the signed request."""
    if 400 <= reply.status < 500:
        return
    desk.expect(reply, 200)
    found = _done(desk, reply, method, data, more)
    desk.that(
        "the store's status",
        found.status == 403,
        expected="403: this request must not be signed",
        got=found.status,
        reply=reply,
    )


WRONG: dict[str, Any] = {
    "nothing": {},
    "no uri": {"method": "GET", "region": "us-east-1", "headers": {}},
    "a number for the method": {
        "method": 1,
        "uri": "http://127.0.0.1/b/k",
        "region": "us-east-1",
        "headers": {},
    },
    "headers that are a list": {
        "method": "GET",
        "uri": "http://127.0.0.1/b/k",
        "headers": [],
        "region": "us-east-1",
    },
}


@case(SIGN, uses=("createTable",), each=WRONG, says="400 for a request that is malformed")
def what_is_no_request_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.refused(desk.do(SIGN, space, "t", body=body))


@case(SIGN, says="no request is signed for a table that does not exist")
def a_table_that_is_not_there_has_nothing_signed(desk: Desk) -> None:
    space = desk.fresh()
    body = {"method": "GET", "uri": "http://127.0.0.1/b/k", "region": "us-east-1", "headers": {}}
    desk.refused(desk.do(SIGN, space, "none", body=body))


@case(
    SIGN,
    requirement=FR,
    needs=("s3_bucket",),
    uses=("createTable", "loadTable"),
    says="the catalog's own keys are never given to clients",
)
def a_signature_does_not_hold_the_secret(desk: Desk) -> None:
    tables, root = _signing_pair(desk)
    reply = desk.expect(_sign(desk, tables, "GET", _url(root, tables.mine_file)), 200)
    text = reply.raw.decode("utf-8", "replace")
    desk.that(
        "the catalog's own secret key",
        own_view(desk).keys.secret not in text,
        expected="not handed out",
        got="in the answer",
    )
