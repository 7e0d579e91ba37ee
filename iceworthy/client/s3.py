"""Speaks to an S3-compatible store: the only user of boto3 and botocore.

Claim: every request is bounded in time and tries, addresses the bucket in the path, and uses the
given keys, whatever AWS_* variables and profiles say. An unreachable store raises StoreDown, a
refusal raises Refused with the store's code, a store that is a stranger's gate.NotAllowed; all are
OSErrors. No proxy is asked, and each connection passes iceworthy/client/gate.py.
Method: one botocore client, which threads may share. `create` never overwrites an object: it uses
If-None-Match where the store supports it, and looks first where it does not.
What it does NOT do: wait in an event loop's thread; callers use threads.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partialmethod
from typing import Any, TypeVar

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSRequest,
)
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session

from iceworthy.client import gate
from iceworthy.client.bounded_reading import Bounded
from iceworthy.client.http_answer import HEAD_BYTES_MAX, INTERIM_ANSWERS_MAX
from iceworthy.client.s3_address import Keys, Store
from iceworthy.words.live import Bucket

CONNECT_S = 2.0
ANSWER_S = 5.0
TRIES = 2
BODY_S = 30.0
ANSWER_BYTES_MAX = 64 * 1024 * 1024
READ_BYTES = 64 * 1024
PAGES_MAX = 200
DELETED_AT_ONCE = 500
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_Found = TypeVar("_Found")


class StoreDown(OSError):
    """No answer: the store is unreachable, or too slow."""


class Refused(OSError):
    """The store refused. code: the store's error code, such as AccessDenied."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(errno.EACCES, f"{code}: {message}"[:300])
        self.code, self.status = code, status


class S3:
    """A store, seen with one login. is_ours: for a catalog, whose operator named the store."""

    def __init__(
        self, store: Store, keys: Keys, *, connections: int = 8, is_ours: bool = False
    ) -> None:
        self.store, self.keys = store, keys
        config = Config(
            s3={"addressing_style": "path"} if store.endpoint else {},
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            connect_timeout=CONNECT_S,
            read_timeout=ANSWER_S,
            max_pool_connections=connections,
            proxies={},  # HTTP_PROXY would be a stranger that sees every request
            defaults_mode="legacy",  # others may ask the machine's metadata service
            # other stores than AWS's do not know the newer checksums
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        through = None if is_ours else _GatedSession(connections)
        self._ask_sts = _client("sts", store, keys, config, through)
        self._s3 = _client("s3", store, keys, config, through)()

    def create(self, bucket: str, key: str, data: bytes) -> None:
        """Put a new object; FileExistsError when there is one already."""
        try:
            self._put(bucket, key, data, IfNoneMatch="*")
        except Refused as error:
            if error.status == 412:
                # A first try may have worked although its answer was lost.
                if self.get(bucket, key, most_bytes=len(data) + 1) != data:
                    raise FileExistsError(errno.EEXIST, "the object is there already") from None
            elif error.code == "NotImplemented":
                if self.is_there(bucket, key):
                    raise FileExistsError(errno.EEXIST, "the object is there already") from None
                self._put(bucket, key, data)
            else:
                raise

    def _put(self, bucket: str, key: str, data: bytes, **more: str) -> None:
        _bounded(lambda: self._s3.put_object(Bucket=bucket, Key=key, Body=data, **more))

    def put(self, bucket: str, key: str, data: bytes) -> None:
        """Put an object; overwrites an existing one."""
        self._put(bucket, key, data)

    def get(self, bucket: str, key: str, *, most_bytes: int) -> bytes:
        """An object; FileNotFoundError without one, OSError beyond most_bytes."""

        def ask() -> bytes:
            found = self._s3.get_object(Bucket=bucket, Key=key)
            with found["Body"] as body:
                if found.get("ContentLength", 0) > most_bytes:
                    raise OSError(errno.EFBIG, "too large")
                return _within(body, most_bytes)

        return _bounded(ask)

    def is_there(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""
        try:
            _bounded(lambda: self._s3.head_object(Bucket=bucket, Key=key))
        except FileNotFoundError:
            return False
        return True

    def keys_below(self, bucket: str, prefix: str) -> list[str]:
        """The keys with this prefix, at most PAGES_MAX pages of them."""
        found: list[str] = []
        more: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            page = self._page(bucket, prefix, more)
            found += [entry["Key"] for entry in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                break
            more = {"ContinuationToken": page["NextContinuationToken"]}
        return found

    def _page(self, bucket: str, prefix: str, more: Mapping[str, str]) -> Any:
        return _bounded(lambda: self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **more))

    def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete objects; a key without an object is no error."""
        for start in range(0, len(keys), DELETED_AT_ONCE):
            named = [{"Key": key} for key in keys[start : start + DELETED_AT_ONCE]]
            self._delete(bucket, named)

    def _delete(self, bucket: str, named: list[dict[str, str]]) -> None:
        content = {"Objects": named, "Quiet": True}
        _bounded(lambda: self._s3.delete_objects(Bucket=bucket, Delete=content))

    def delete_one(self, bucket: str, key: str) -> None:
        """Delete one object."""
        _bounded(lambda: self._s3.delete_object(Bucket=bucket, Key=key))

    def make_bucket(self, bucket: str) -> None:
        """A bucket of ours; it may be there already."""
        try:
            _bounded(lambda: self._s3.create_bucket(Bucket=bucket))
        except Refused as error:
            if error.code != "BucketAlreadyOwnedByYou":
                raise

    def check_bucket(self, bucket: str) -> None:
        """StoreDown, Refused or FileNotFoundError when its objects cannot be listed."""
        _bounded(lambda: self._s3.list_objects_v2(Bucket=bucket, MaxKeys=1))

    def assume(self, role: str, *, session: str, policy: Mapping[str, Any], life_s: int) -> Keys:
        """Keys of the role, narrowed by a session policy, for so many seconds."""
        sts = self._ask_sts()
        found = _bounded(
            lambda: sts.assume_role(
                RoleArn=role,
                RoleSessionName=session,
                Policy=json.dumps(policy, separators=(",", ":")),
                DurationSeconds=life_s,
            )
        )["Credentials"]
        expires: datetime = found["Expiration"]
        return Keys(
            access=found["AccessKeyId"],
            secret=found["SecretAccessKey"],
            token=found["SessionToken"],
            expires_ms=int(expires.timestamp() * 1000),
        )

    def checks_bodies(self, bucket: str) -> bool:
        """Whether it refuses a body that is not the one whose hash was signed. SeaweedFS 4.48 does
        not, where objects are deleted by a list in the body."""
        if not self.store.endpoint:
            return True
        url = f"{self.store.endpoint}/{bucket}?delete"
        hashed = hashlib.sha256(b"another body").hexdigest()
        added = self.sign("POST", url, [("x-amz-content-sha256", hashed)])
        body = f"<Delete><Object><Key>none-{secrets.token_hex(16)}</Key></Object></Delete>".encode()
        request = AWSRequest("POST", url, {**added, "x-amz-content-sha256": hashed}, body)
        session = _GatedSession(1)
        answer = _bounded(lambda: session.send(request.prepare()))
        return int(answer.status_code) >= 400

    def sign(self, method: str, url: str, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Headers to add to a request so that it is this login's (signature version 4)."""
        request = AWSRequest(method=method, url=url)
        for name, value in headers:
            request.headers.add_header(name, value)
        login = Credentials(self.keys.access, self.keys.secret, self.keys.token or None)
        _Signer(login, "s3", self.store.region).add_auth(request)
        given = {name.lower() for name, _ in headers}
        return {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in given or name.lower() in _ALWAYS_NEW
        }


_ALWAYS_NEW = frozenset({"authorization", "x-amz-date"})


class _Signer(S3SigV4Auth):  # type: ignore[misc]
    """Takes the payload's hash from the request: the body is not at hand."""

    def payload(self, request: AWSRequest) -> str:
        return str(request.headers.get("X-Amz-Content-SHA256") or UNSIGNED_PAYLOAD)

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        hashed = self.payload(request)
        super()._modify_request_before_signing(request)
        # the parent replaces what the client said of its body
        if "X-Amz-Content-SHA256" in request.headers:
            del request.headers["X-Amz-Content-SHA256"]
        request.headers["X-Amz-Content-SHA256"] = hashed


def _within(body: Any, most_bytes: int) -> bytes:
    """A body of bounded size within bounded time, though it come a byte at a time."""
    taken = bytearray()
    ends_at = time.monotonic() + BODY_S
    while part := body.read1(READ_BYTES):  # read() would wait for all of it
        taken += part
        if len(taken) > most_bytes:
            raise OSError(errno.EFBIG, "too large")
        if time.monotonic() > ends_at:
            raise StoreDown(errno.ETIMEDOUT, f"no whole object within {BODY_S:g} s")
    return bytes(taken)


_making = threading.Lock()


class _Final(AWSHTTPConnection.response_class):  # type: ignore[misc]
    """An answer within bounds; interim ones are read over, of which the library knows 100 alone."""

    fp: Any

    def __init__(self, sock: Any, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self.fp.close()
        raw = sock.makefile("rb", buffering=0)
        self.fp = io.BufferedReader(Bounded(raw, bytes_max=ANSWER_BYTES_MAX, seconds_max=BODY_S))

    def _read_status(self) -> Any:
        for _ in range(INTERIM_ANSWERS_MAX + 1):
            version, status, reason = super()._read_status()
            if not 100 < status < 200 or status == 101:
                return version, status, reason
            while self.fp.readline(HEAD_BYTES_MAX).strip():
                pass  # bounded, as the whole answer
        raise OSError(errno.EPROTO, f"more than {INTERIM_ANSWERS_MAX} interim answers")


class _Gated:
    """A connection of urllib3 that is made to an address that the gate has checked."""

    response_class = _Final
    _dns_host: str
    port: int

    def _new_conn(self) -> Any:
        named = self._dns_host
        self._dns_host = gate.find(named, self.port)[0].address
        try:
            return super()._new_conn()  # type: ignore[misc]
        finally:
            self._dns_host = named


class _Plain(_Gated, AWSHTTPConnection): ...  # type: ignore[misc]


class _Secure(_Gated, AWSHTTPSConnection): ...  # type: ignore[misc]


class _PlainPool(AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Plain
    urlopen = partialmethod(AWSHTTPConnectionPool.urlopen, redirect=False)  # else 303 leaks it


class _SecurePool(AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Secure
    urlopen = partialmethod(AWSHTTPSConnectionPool.urlopen, redirect=False)


class _GatedSession(URLLib3Session):  # type: ignore[misc]
    """Sends the requests of a client in place of botocore's own session."""

    def __init__(self, connections: int) -> None:
        trusted = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
        super().__init__(
            verify=trusted or True,
            timeout=(CONNECT_S, ANSWER_S),
            max_pool_connections=connections,
        )
        self._manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def send(self, request: Any) -> Any:
        request.headers.pop("Expect", None)  # botocore would read the first answer itself
        try:
            return super().send(request)
        except BotoCoreError as error:
            if stranger := _stranger(error):
                raise stranger from None  # as itself it is not tried again
            raise


@cache
def _session() -> Any:
    """A botocore session, kept because reading the descriptions of the services takes long."""
    inner = get_session()
    inner.set_config_variable("csm_enabled", False)  # it would tell another process of each call
    return boto3.session.Session(botocore_session=inner)


def _client(
    service: str, store: Store, keys: Keys, config: Config, through: _GatedSession | None
) -> Callable[[], Any]:
    made: list[Any] = []
    said = {
        "endpoint_url": store.endpoint or None,
        "region_name": store.region,
        "aws_access_key_id": keys.access,
        "aws_secret_access_key": keys.secret,
        "aws_session_token": keys.token or None,
    }

    def get() -> Any:
        if not made:
            with _making:  # its making, unlike its use, is not for several threads
                made.append(_session().client(service, config=config, **said))
                if through is not None:
                    made[0].meta.events.register(
                        "before-send", lambda request, **_: through.send(request)
                    )
        return made[0]

    return get


def _bounded(ask: Callable[[], _Found]) -> _Found:
    """Run a request; its failures become OSErrors."""
    try:
        return ask()
    except ClientError as error:
        said = error.response.get("Error", {})
        code = str(said.get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in ("NoSuchKey", "404"):
            raise FileNotFoundError(errno.ENOENT, "no such object") from None
        if code == "NoSuchBucket":
            raise FileNotFoundError(errno.ENOENT, "no such bucket") from None
        if status >= 500 and code != "NotImplemented":
            raise StoreDown(errno.EIO, f"the store answered {status} {code}") from None
        raise Refused(code, status, str(said.get("Message", ""))) from None
    except OSError:
        raise
    except Exception as error:  # the libraries raise what they please at bytes that are no HTTP
        raise StoreDown(errno.EIO, f"no answer of a store: {error}"[:300]) from None


def _stranger(error: BaseException | None) -> gate.NotAllowed | None:
    """The gate's refusal that this error comes from, if it does."""
    while error is not None and not isinstance(error, gate.NotAllowed):
        error = error.__cause__ or error.__context__
    return error


def s3_of(bucket: Bucket) -> S3:
    """The store of a running target, with the suite's own login."""
    store = Store(endpoint=bucket.endpoint, region=bucket.region)
    return S3(store, Keys(access=bucket.access_key, secret=bucket.secret_key))
