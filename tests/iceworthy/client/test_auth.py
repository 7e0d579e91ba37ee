"""Authentication headers: tokens in time, secrets nowhere."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from iceworthy.client import auth
from iceworthy.client.auth import HeaderSource, header_source, token_url
from iceworthy.words.errors import TargetError
from iceworthy.words.target import AuthSpec, CatalogSpec, TargetSpec

SECRET = "s3cr3t & more"


def spec_with(**keys: Any) -> TargetSpec:
    return TargetSpec(name="t", summary="", auth=AuthSpec(**keys))


OAUTH = spec_with(
    kind="client_credentials", client_id_variable="IW_T_ID", client_secret_variable="IW_T_SECRET"
)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IW_T_ID", "me")
    monkeypatch.setenv("IW_T_SECRET", SECRET)


class TokenServer:
    """behave for raw_server: answers each request with the next status and body."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []

    def __call__(self, connection: socket.socket, number: int) -> None:
        data = b""
        while b"grant_type" not in data:
            data += connection.recv(65536)
        self.requests.append(data.decode())
        status, answer = self.answers[min(number, len(self.answers) - 1)]
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)


def grant(token: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"access_token": token, "token_type": "bearer", **more}


def test_no_authentication_sends_no_header() -> None:
    assert header_source(spec_with(kind="none"), "http://127.0.0.1:1").headers() == {}


def test_a_static_token_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IW_T_TOKEN", SECRET)
    source = header_source(spec_with(kind="token", token_variable="IW_T_TOKEN"), "http://h")
    assert source.headers() == {"Authorization": f"Bearer {SECRET}"}
    assert source.shown == {"Authorization": "Bearer $IW_T_TOKEN"}
    assert SECRET not in repr(source)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kind": "token", "token_variable": "IW_T_NONE"}, "IW_T_NONE.*not set"),
        ({"kind": "token"}, "token_variable is empty"),
        ({"kind": "client_credentials", "client_id_variable": "IW_T_NONE"}, "IW_T_NONE.*not set"),
    ],
)
def test_a_missing_variable_is_named(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(TargetError, match=said):
        header_source(spec_with(**keys), "http://h")


def test_a_token_with_a_line_break_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IW_T_TOKEN", "abc\r\nX-Evil: 1")
    with pytest.raises(TargetError, match="line break") as caught:
        header_source(spec_with(kind="token", token_variable="IW_T_TOKEN"), "http://h")
    assert "Evil" not in str(caught.value)


def test_client_credentials_are_posted_as_a_form_below_the_base(
    credentials: None, raw_server: Any
) -> None:
    tokens = TokenServer(grant("abc", expires_in=3600))
    server = raw_server(tokens)
    source = header_source(replace(OAUTH, catalog=CatalogSpec(base="/api/catalog")), server.url)
    assert source.headers() == {"Authorization": "Bearer abc"}
    assert source.headers() == {"Authorization": "Bearer abc"}
    (request,) = tokens.requests
    head, _, body = request.partition("\r\n\r\n")
    assert head.startswith("POST /api/catalog/v1/oauth/tokens HTTP/1.1\r\n")
    assert "application/x-www-form-urlencoded" in head
    assert parse_qs(body) == {
        "grant_type": ["client_credentials"],
        "client_id": ["me"],
        "client_secret": [SECRET],
        "scope": ["PRINCIPAL_ROLE:ALL"],
    }


def test_a_token_path_that_is_a_url_is_used_as_it_is() -> None:
    elsewhere = replace(OAUTH, auth=replace(OAUTH.auth, token_path="http://idp:9/token"))
    assert token_url(elsewhere, "http://h:1") == "http://idp:9/token"
    assert token_url(OAUTH, "http://h:1/") == "http://h:1/v1/oauth/tokens"


@pytest.mark.parametrize(
    ("expires_in", "renew_in"), [(3600, 3540), (60, 30), (10, 5), (None, 3540), ("no", 3540)]
)
def test_a_token_is_renewed_at_half_its_life_or_a_minute_before_its_end(
    credentials: None,
    raw_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    expires_in: Any,
    renew_in: float,
) -> None:
    monkeypatch.setattr(auth, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    server = raw_server(TokenServer(grant("abc", expires_in=expires_in)))
    source = header_source(OAUTH, server.url)
    source.headers()
    assert source._token is not None
    assert source._token.renew_at == 1000.0 + renew_in


def test_an_old_token_is_kept_while_renewing_fails_and_dropped_at_its_end(
    credentials: None, raw_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: now_s[0])
    monkeypatch.setattr(auth, "time", clock)
    now_s = [1000.0]
    tokens = TokenServer(grant("one", expires_in=100), (500, b"down"), grant("two"))
    source = header_source(OAUTH, raw_server(tokens).url)
    assert source.headers()["Authorization"] == "Bearer one"
    now_s[0] += 60.0  # beyond half its life: it is renewed, which fails
    assert source.headers()["Authorization"] == "Bearer one"
    assert len(tokens.requests) == 2
    now_s[0] += auth.RETRY_S / 2
    assert source.headers()["Authorization"] == "Bearer one"
    assert len(tokens.requests) == 2
    now_s[0] += auth.RETRY_S
    assert source.headers()["Authorization"] == "Bearer two"


def test_many_threads_ask_for_one_token(credentials: None, raw_server: Any) -> None:
    tokens = TokenServer(grant("abc", expires_in=3600))
    source = header_source(OAUTH, raw_server(tokens).url)
    threads = [threading.Thread(target=source.headers) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (401, {"error": "invalid_client", "error_description": f"bad {SECRET}"}),
        (200, {"token_type": "bearer"}),
        (200, {"access_token": "a\r\nb"}),
        (200, b"not json"),
        (500, f"echo {SECRET}".encode()),
    ],
)
def test_a_refused_token_is_an_error_that_shows_no_secret(
    credentials: None, raw_server: Any, answer: tuple[int, Any]
) -> None:
    source = header_source(OAUTH, raw_server(TokenServer(answer)).url)
    with pytest.raises(TargetError, match="no token from") as caught:
        source.headers()
    assert SECRET not in str(caught.value)


def test_a_source_of_fixed_headers_can_be_made_by_hand() -> None:
    make: Callable[..., HeaderSource] = HeaderSource
    assert make({"X": "1"}).headers() == {"X": "1"}
