"""The address of an S3-compatible store, a login to it, and the parts of a location; no requests.

Apart from iceworthy/client/s3.py, because that file imports a large client library.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A login. expires_ms: Unix time, 0 for never."""

    access: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    expires_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where a store is. endpoint: http://HOST:PORT; "" is AWS itself."""

    endpoint: str
    region: str


def split_location(location: str) -> tuple[str, str]:
    """(bucket, key) of an s3:// or s3a:// location; ValueError for any other."""
    scheme, found, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a") or not found or not bucket:
        raise ValueError(f"{location[:200]!r} is not s3://bucket/path")
    return bucket, key
