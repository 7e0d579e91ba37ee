"""The headers that authenticate a request: none, a static token, an API key, or OAuth2.

Claim: headers() always holds a token that is not known to be expired, and no secret ever reaches a
log, an error or a repr. Method: secrets are the values of the variables that the target file names
(TargetSpec.keyring); a client-credentials token is asked for by a form post and renewed well before
its end, once for all threads. What it does NOT show: whether the target checks the token.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import orjson

from iceworthy.client.connection import Connection, Exchange
from iceworthy.words.errors import TargetError
from iceworthy.words.target import Keyring, TargetSpec

__all__ = ["header_source"]

LIFETIME_S_UNKNOWN = 3600.0  # RFC 6749 leaves expires_in out where it is known otherwise
RENEW_BEFORE_S = 60.0
FETCH_S_MAX = 10.0
RETRY_S = 1.0


class NoToken(TargetError):
    """The token endpoint gave no token. status: of its answer, 0 for none; word: OAuth's code of
    the refusal, or the transport's word."""

    def __init__(self, message: str, *, status: int = 0, word: str = "") -> None:
        super().__init__(message)
        self.status, self.word = status, word


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token with the monotonic seconds of its life; its text is never shown."""

    text: str = field(repr=False)
    renew_at: float
    ends_at: float


class HeaderSource:
    """Authentication headers for every client of one target; shared by threads.

    fetch: asks for a new token, None when the headers never change. shown: the same headers for a
    curl line, with the variable in place of the secret. ca_file: PEM of whom to trust, "" for the
    machine's authorities.
    """

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        *,
        fetch: Callable[[], Token] | None = None,
        shown: Mapping[str, str] | None = None,
        ca_file: str = "",
    ) -> None:
        self._fixed = dict(headers or {})
        self._fetch = fetch
        self._token: Token | None = None
        self._retry_at = 0.0
        self._lock = threading.Lock()
        self.shown: dict[str, str] = dict(shown or {})
        self.ca_file = ca_file

    def __repr__(self) -> str:
        return f"HeaderSource({', '.join(self.shown) or 'no authentication'})"

    def headers(self) -> dict[str, str]:
        """The headers of the next request; TargetError when no valid token can be had."""
        if self._fetch is None:
            return dict(self._fixed)
        token = self._token
        if token is None or time.monotonic() >= token.renew_at:
            token = self._renewed(self._fetch)
        return {**self._fixed, "Authorization": f"Bearer {token.text}"}

    def _renewed(self, fetch: Callable[[], Token]) -> Token:
        with self._lock:
            now = time.monotonic()
            held = self._token
            usable = held if held is not None and now < held.ends_at else None
            if usable is not None and (now < usable.renew_at or now < self._retry_at):
                return usable  # another thread renewed it, or has just failed to
            try:
                self._token = fetch()
            except TargetError:
                self._retry_at = now + RETRY_S
                if usable is None:
                    raise
                return usable
            return self._token


def header_source(spec: TargetSpec, url: str) -> HeaderSource:
    """The HeaderSource of a target whose node is at url; TargetError when a variable is missing."""
    auth, keyring = spec.auth, spec.keyring
    if auth.kind == "none":
        return HeaderSource(ca_file=keyring.ca_file)
    if auth.kind == "token":
        secret = _variable(keyring, auth.token_variable, "token_variable", "the token")
        return HeaderSource(
            {"Authorization": f"Bearer {secret}"},
            shown={"Authorization": f"Bearer ${auth.token_variable}"},
            ca_file=keyring.ca_file,
        )
    if auth.kind == "api_key":
        return api_key_source(spec, auth.api_key_variable, "api_key_variable")
    client_id = _variable(keyring, auth.client_id_variable, "client_id_variable", "the client's id")
    secret = _variable(
        keyring, auth.client_secret_variable, "client_secret_variable", "the client's secret"
    )
    where = token_url(spec, url)
    return HeaderSource(
        fetch=lambda: _fetch_token(where, spec, client_id, secret),
        shown={"Authorization": "Bearer $TOKEN"},
        ca_file=keyring.ca_file,
    )


def api_key_source(spec: TargetSpec, variable: str, key: str) -> HeaderSource:
    """The headers of the API key that this variable holds."""
    auth = spec.auth
    secret = _variable(spec.keyring, variable, key, "the API key")
    bearer = "Bearer " if auth.api_key_header.lower() == "authorization" else ""
    return HeaderSource(
        {auth.api_key_header: f"{bearer}{secret}"},
        shown={auth.api_key_header: f"{bearer}${variable}"},
        ca_file=spec.keyring.ca_file,
    )


def token_url(spec: TargetSpec, url: str) -> str:
    """Where tokens are asked for: a whole URL as it is, a path below the catalog's base."""
    path = spec.auth.token_path
    return path if "://" in path else f"{url.rstrip('/')}{spec.catalog.base}{path}"


def _variable(keyring: Keyring, name: str, key: str, what: str) -> str:
    if not name:
        raise TargetError(f"[auth] {key} is empty; name the environment variable that holds {what}")
    value = keyring.secret(name)
    if not value:
        raise TargetError(
            f"the environment variable {name} ([auth] {key}: {what}) is not set; export it"
        )
    if any(character < " " or character > "~" for character in value):
        raise TargetError(
            f"the environment variable {name} ([auth] {key}) holds a line break or another "
            "character that a header cannot carry; set it again without"
        )
    return value


def _fetch_token(where: str, spec: TargetSpec, client_id: str, secret: str) -> Token:
    parts = urlsplit(where)
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
    }
    if spec.auth.scope:
        form["scope"] = spec.auth.scope
    connection = Connection(f"{parts.scheme}://{parts.netloc}", ca_file=spec.keyring.ca_file)
    asked_at = time.monotonic()
    try:
        exchange = connection.request(
            "POST",
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(form).encode(),
            timeout_s=FETCH_S_MAX,
        )
    finally:
        connection.close()
    return _token_in(exchange, where, asked_at)


def _token_in(exchange: Exchange, where: str, asked_at: float) -> Token:
    """The token of an answer; its errors name the OAuth code alone: a body may echo the secret."""
    if not exchange.complete:
        why = f"no token from {where}: {exchange.error}; check [auth] token_path"
        raise NoToken(why, word=exchange.error)
    try:
        answer = orjson.loads(exchange.body)
    except ValueError:
        answer = None
    answer = answer if isinstance(answer, dict) else {}
    if exchange.status != 200:
        code = str(answer.get("error", ""))[:60] if isinstance(answer.get("error"), str) else ""
        why = f"no token from {where}: status {exchange.status} {code}".rstrip()
        hint = "; check the client's id, secret and scope of [auth]"
        raise NoToken(why + hint, status=exchange.status, word=code)
    text = answer.get("access_token")
    if not isinstance(text, str) or not text:
        raise NoToken(f"no token from {where}: status 200 without an access_token")
    if any(character < "!" or character > "~" for character in text):
        raise NoToken(f"no token from {where}: its access_token cannot stand in a header")
    lifetime = _seconds(answer.get("expires_in"))
    renew_in = max(lifetime / 2, lifetime - RENEW_BEFORE_S)
    return Token(text=text, renew_at=asked_at + renew_in, ends_at=asked_at + lifetime)


def _seconds(value: object) -> float:
    try:
        lifetime = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return LIFETIME_S_UNKNOWN
    return lifetime if 0 < lifetime < float("inf") else LIFETIME_S_UNKNOWN
