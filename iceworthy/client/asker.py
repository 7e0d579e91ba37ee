"""Asks one node, and keeps the evidence of each exchange: request, answer, curl line.

Claim: a request is sent once, with two exceptions. A read (GET or HEAD) is sent a second time if
its kept connection was closed by the server before it answered: a server may close an idle
connection at any moment, also just as a request leaves, and a read that arrives twice changes
nothing. A request that is refused with 429 (too many requests) did nothing; it is sent again after
the time that Retry-After names, for PATIENCE_S in all, and the last answer counts.
Method: one kept connection, a deadline for each request; nothing that a server does raises.
What it does NOT do: judge an answer. The load does not use this module but scenarios/engine.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

import orjson

from iceworthy.client.auth import HeaderSource
from iceworthy.client.connection import Connection, Exchange
from iceworthy.client.curl import curl_line
from iceworthy.record.contract_lines import SentRequest
from iceworthy.specification import validate_response
from iceworthy.words.errors import TargetError

REQUEST_S_MAX = 10.0
NO_LOGIN = "auth"  # an exchange's error when the request was never sent for want of a token
TOO_MANY = 429
SERVER_ERRORS = 500
PATIENCE_S = 5.0
WAIT_S_LEAST = 0.05
CAME_CHARACTERS = 600
BODY_CHARACTERS = 4000
_READS = frozenset({"GET", "HEAD"})
_CLOSED = frozenset({"closed", "reset"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request. operation: its operationId, "" for a path that belongs to none. login: the headers
    of the target's login, with a shell variable in place of each secret; headers: all others but
    Accept. has_variables: the body holds variables in place of secrets too."""

    operation: str = ""
    node: int = 0
    url: str
    method: str
    path: str
    body: bytes | None = None
    login: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    has_variables: bool = False

    @property
    def curl(self) -> str:
        """The line that repeats it; a body beyond 4,000 bytes is cut, and ends in "…"."""
        return self._line(self._shown_body)

    @property
    def whole_curl(self) -> str:
        """The line that repeats it, with its whole body."""
        return self._line(self.body)

    def _line(self, body: bytes | None) -> str:
        return curl_line(
            self.method,
            f"{self.url}{self.path}",
            login=self.login,
            headers=self.headers,
            body=body,
            has_variables=self.has_variables,
        )

    @property
    def sent(self) -> SentRequest:
        """Its record."""
        return SentRequest(
            method=self.method,
            path=self.path,
            headers={**self.login, **self.headers},
            body=(self._shown_body or b"").decode("utf-8", "replace"),
            curl=self.curl,
        )

    @property
    def _shown_body(self) -> bytes | None:
        body = self.body
        if body is None or len(body) <= BODY_CHARACTERS:
            return body
        return body[:BODY_CHARACTERS].decode("utf-8", "ignore").encode() + "…".encode()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A request and its answer. headers: by lower-case name. problems: how the answer breaks its
    schema, as text. `whole` is False when no whole answer arrived; exchange.error says why.
    """

    asked: Asked
    exchange: Exchange
    problems: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return self.exchange.complete

    @property
    def status(self) -> int:
        return self.exchange.status

    @property
    def undecided(self) -> str:
        """Why nothing can be concluded from it: no answer, no login, or refused for the number of
        requests; "" for any other answer."""
        what, exchange = f"{self.asked.method} {self.asked.path}", self.exchange
        if self.whole:
            too_many = exchange.status == TOO_MANY
            return f"{what}: 429, too many requests, each time it was sent" if too_many else ""
        if exchange.error == NO_LOGIN:
            return f"no login for {what}: {exchange.detail}"
        return f"no answer to {what}: {exchange.error} {exchange.detail[:120]}".strip()

    @property
    def ok(self) -> bool:
        """A whole 2xx."""
        return self.whole and 200 <= self.exchange.status < 300

    @property
    def headers(self) -> Mapping[str, str]:
        return self.exchange.headers

    @property
    def raw(self) -> bytes:
        return self.exchange.body

    @cached_property
    def body(self) -> Any:
        """The parsed body; None when it is not JSON."""
        try:
            return orjson.loads(self.exchange.body)
        except ValueError:
            return None

    @cached_property
    def asked_body(self) -> Any:
        """The parsed body of the request; None when it had none that is JSON."""
        try:
            return orjson.loads(self.asked.body or b"")
        except ValueError:
            return None

    def get(self, *path: str | int) -> Any:
        """A value of the body by its path; None where there is none."""
        value = self.body
        try:
            for step in path:
                value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
        return value

    @property
    def metadata(self) -> dict[str, Any]:
        """The table or view metadata in the body; empty when there is none."""
        found = self.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def error_type(self) -> str:
        return str(self.get("error", "type") or "")

    @property
    def said(self) -> str:
        """The answer in a few words."""
        text = self.raw.decode("utf-8", "replace")
        if 300 <= self.status < 400 and (where := self.headers.get("location")):
            text = f"a redirect to {where}, which is not followed{': ' + text if text else ''}"
        more = text if len(text) <= CAME_CHARACTERS else text[:CAME_CHARACTERS] + "…"
        return f"status {self.status}{': ' + more if more else ''}"


class Asker:
    """One node over one kept connection; like the connection, for one thread."""

    def __init__(
        self,
        url: str,
        *,
        headers: HeaderSource,
        node: int = 0,
        timeout_s: float = REQUEST_S_MAX,
    ) -> None:
        self.url = url.rstrip("/")
        self.node = node
        self.login = headers
        self.timeout_s = timeout_s
        self._connection = Connection(self.url, ca_file=headers.ca_file)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def asked(self, method: str, path: str, *, body: bytes | None = None) -> Asked:
        """The record of a request with the target's login, which is not sent."""
        kind = {"Content-Type": "application/json"} if body is not None else {}
        return Asked(
            node=self.node,
            url=self.url,
            method=method,
            path=path,
            body=body,
            login=self.login.shown,
            headers=kind,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        login: HeaderSource | None = None,
        auth: bool = True,
        operation: str = "",
        again: bool = True,
    ) -> Reply:
        """Send a request and read its answer. headers win over those of the login. login: in place
        of the target's own; auth False sends none. again False leaves a second sending to the
        caller (may_be_sent_again). With an operation, the answer is held against its schema."""
        plain, given = self.asked(method, path, body=body), dict(headers or {})
        asked = replace(
            plain,
            operation=operation,
            login=_without((login or self.login).shown if auth else {}, given),
            headers=_without(plain.headers, given) | given,
        )
        try:
            own = (login or self.login).headers() if auth else {}
        except TargetError as error:
            # Without its token the request was never sent; the token's own server is the reason.
            now = time.monotonic_ns()
            none = Exchange(error=NO_LOGIN, detail=str(error), completed_ns=now)
            return Reply(asked=asked, exchange=none)
        common = {"Accept": "application/json", **own}
        sent = _without(common, given) | dict(asked.headers)
        exchange = self._exchange(asked, sent)
        if again and may_be_sent_again(method, exchange):
            exchange = self._exchange(asked, sent)
        problems: tuple[str, ...] = ()
        if operation and exchange.complete:
            media = exchange.headers.get("content-type", "")
            found = validate_response(operation, exchange.status, exchange.body, media=media)
            problems = tuple(found)
        return Reply(asked=asked, exchange=exchange, problems=problems)

    def _exchange(self, asked: Asked, sent: Mapping[str, str]) -> Exchange:
        until = time.monotonic() + PATIENCE_S
        while True:
            exchange = self._connection.request(
                asked.method, asked.path, headers=sent, body=asked.body, timeout_s=self.timeout_s
            )
            if exchange.status >= SERVER_ERRORS:
                self._connection.close()  # many servers do, a moment after the answer
            if exchange.status != TOO_MANY or not exchange.complete:
                return exchange
            wait_s = retry_after_s(exchange.headers.get("retry-after", ""))
            if time.monotonic() + wait_s > until:
                return exchange
            time.sleep(wait_s)


def may_be_sent_again(method: str, exchange: Exchange) -> bool:
    """Whether a request may be sent a second time: a read whose kept connection the server closed
    before the first byte of an answer. A change may not: its first sending may have worked.
    """
    closed = not exchange.complete and exchange.error in _CLOSED and not exchange.size
    return method in _READS and closed and exchange.reused


def retry_after_s(text: str) -> float:
    """The seconds that a Retry-After asks for, WAIT_S_LEAST at least and where it cannot be read.

    Example: "2", or a date of HTTP ("Fri, 27 Nov 2026 18:00:00 GMT").
    """
    try:
        seconds = float(int(text)) if text.isdigit() else _seconds_until(text)
    except (ValueError, TypeError, OverflowError):
        seconds = 0.0
    return max(WAIT_S_LEAST, seconds)


def _seconds_until(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time()


def _without(headers: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower() for name in given}
    return {name: value for name, value in headers.items() if name.lower() not in lower}
