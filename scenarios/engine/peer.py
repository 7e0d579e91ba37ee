"""A node as the load sees it: its address, and the header bytes of every request to it.

Claim: the header block is built once, and again only when the authentication changes.
Method: the bytes are joined ahead of time; the address is resolved once.
What it does NOT show: whether the node is reachable.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from iceworthy.client import gate
from iceworthy.client.connection import PLAIN
from iceworthy.words.errors import PlanError


class Peer:
    """One node's url, http or https. `head`: the header lines of every request, ready to send."""

    def __init__(self, url: str, *, node: int) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PlanError(f"{url!r} is no http or https URL; give http://HOST:PORT")
        self.url = url.rstrip("/")
        self.node = node
        self.host = parts.hostname
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._authority = parts.netloc.rpartition("@")[2]
        self._place: gate.Place | None = None
        self.head = b""
        self.set_headers({})

    def set_headers(self, headers: Mapping[str, str]) -> None:
        """Use these headers (the authentication) from the next request on."""
        lines = {"Host": self._authority, "Accept": "application/json", **PLAIN, **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.head = text.encode("latin-1")

    def place(self) -> gate.Place:
        """The address to connect to, looked up once; OSError (gaierror) when the name means
        nothing, gate.NotAllowed when it is a stranger's.
        """
        if self._place is None:
            self._place = gate.find(self.host, self.port)[0]
        return self._place
