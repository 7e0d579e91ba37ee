"""A request leaves once; only a read on a kept connection that was closed leaves a second time."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from iceworthy.client import asker as module
from iceworthy.client.asker import NO_LOGIN, Asker, may_be_sent_again, retry_after_s
from iceworthy.client.auth import HeaderSource, Token
from iceworthy.client.connection import Exchange
from iceworthy.words.errors import TargetError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


FAILED = b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}"


def _closes_the_second(got: list[bytes], first: bytes = OK) -> Any:
    """The first connection answers one request, reads the next and closes; others answer all."""

    def serve(connection: socket.socket, number: int) -> None:
        for turn in range(9):
            data = connection.recv(65536)
            if not data:
                return
            got.append(data.split(b"\r\n")[0])
            if number == 0 and turn == 1:
                return
            answer = OK if number else first
            connection.sendall(answer if not data.startswith(b"HEAD") else answer[:-2])

    return serve


@pytest.mark.parametrize(
    ("method", "times", "whole"),
    [("GET", 2, True), ("HEAD", 2, True), ("POST", 1, False), ("DELETE", 1, False)],
)
def test_only_a_read_whose_kept_connection_closed_is_sent_again(
    raw_server: Any, method: str, times: int, whole: bool
) -> None:
    got: list[bytes] = []
    asker = Asker(raw_server(_closes_the_second(got)).url, headers=HeaderSource())
    assert asker.send("GET", "/first").ok
    reply = asker.send(method, "/second")
    asker.close()
    assert (reply.whole, got.count(f"{method} /second HTTP/1.1".encode())) == (whole, times)


def test_what_follows_a_server_error_has_a_connection_of_its_own(raw_server: Any) -> None:
    """Servers close the connection of a 500 a moment later, without a word."""
    got: list[bytes] = []
    asker = Asker(raw_server(_closes_the_second(got, FAILED)).url, headers=HeaderSource())
    assert asker.send("POST", "/first").status == 500
    reply = asker.send("POST", "/second")
    asker.close()
    assert (reply.ok, len(got)) == (True, 2)


def test_a_read_is_sent_once_where_the_caller_sends_again_itself(raw_server: Any) -> None:
    got: list[bytes] = []
    asker = Asker(raw_server(_closes_the_second(got)).url, headers=HeaderSource())
    asker.send("GET", "/first")
    reply = asker.send("GET", "/second", again=False)
    asker.close()
    assert (len(got), may_be_sent_again("GET", reply.exchange)) == (2, True)


@pytest.mark.parametrize(
    ("facts", "again"),
    [
        ({"error": "closed", "reused": True}, True),
        ({"error": "reset", "reused": True}, True),
        ({"error": "closed", "reused": False}, False),
        ({"error": "reset", "reused": True, "size": 17}, False),
        ({"error": "timeout", "reused": True}, False),
        ({"error": "torn", "reused": True, "size": 17}, False),
        ({"status": 503, "complete": True, "reused": True}, False),
    ],
)
def test_the_rule(facts: dict[str, Any], again: bool) -> None:
    assert may_be_sent_again("GET", Exchange(**facts)) is again
    assert may_be_sent_again("POST", Exchange(**facts)) is False


def test_without_a_token_nothing_is_sent_and_the_reply_says_why(raw_server: Any) -> None:
    def no_token() -> Token:
        raise TargetError("no token from the identity server")

    got: list[bytes] = []
    server = raw_server(_closes_the_second(got))
    asker = Asker(server.url, headers=HeaderSource(fetch=no_token))
    reply = asker.send("GET", "/first")
    assert (reply.whole, reply.exchange.error, got) == (False, NO_LOGIN, [])
    assert "identity server" in reply.exchange.detail
    assert asker.send("GET", "/first", auth=False).ok
    asker.close()


def test_headers_of_a_request_win_over_those_of_the_login(raw_server: Any) -> None:
    got: list[bytes] = []

    def serve(connection: socket.socket, _: int) -> None:
        got.append(connection.recv(65536).lower())
        connection.sendall(OK)

    login = HeaderSource({"Authorization": "Bearer a"}, shown={"Authorization": "Bearer $TOKEN"})
    asker = Asker(raw_server(serve).url, headers=login)
    own = {"authorization": "Basic b", "accept": "*/*"}
    reply = asker.send("POST", "/x", body=b"{}", headers=own)
    asker.close()
    assert b"authorization: basic b" in got[0]
    assert (b"bearer" in got[0], got[0].count(b"accept:"), reply.asked.login) == (False, 1, {})
    assert got[0].count(b"content-type: application/json") == 1
    assert "$TOKEN" not in reply.asked.curl
    assert "Basic b" in reply.asked.curl


def _refuses(times: int, got: list[bytes]) -> Any:
    """Answers 429 so many times, then 200."""

    def serve(connection: socket.socket, number: int) -> None:
        while data := connection.recv(65536):
            got.append(data)
            refused = b"HTTP/1.1 429 x\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(refused if len(got) <= times else OK)

    return serve


def test_a_request_that_was_too_many_is_sent_again_after_the_time_that_it_names(
    raw_server: Any,
) -> None:
    got: list[bytes] = []
    asker = Asker(raw_server(_refuses(2, got)).url, headers=HeaderSource())
    reply = asker.send("POST", "/x", body=b"{}")
    asker.close()
    assert (reply.status, reply.undecided, len(got)) == (200, "", 3)
    assert len(set(got)) == 1


def test_what_is_too_many_for_ever_is_undecided(
    raw_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    got: list[bytes] = []
    asker = Asker(raw_server(_refuses(10**6, got)).url, headers=HeaderSource())
    reply = asker.send("GET", "/x")
    asker.close()
    assert reply.status == 429
    assert reply.undecided == "GET /x: 429, too many requests, each time it was sent"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("2", 2.0, 2.0),
        ("0", 0.05, 0.05),
        ("", 0.05, 0.05),
        ("soon", 0.05, 0.05),
        ("-3", 0.05, 0.05),
        ("Fri, 27 Nov 2015 18:00:00 GMT", 0.05, 0.05),
        ("Fri, 27 Nov 2999 18:00:00 GMT", 1e9, 1e12),
        ("9" * 400, 0.05, 0.05),
    ],
)
def test_how_long_a_server_asks_to_wait(text: str, least: float, most: float) -> None:
    assert least <= retry_after_s(text) <= most


def test_no_coding_is_asked_for(raw_server: Any) -> None:
    got: list[bytes] = []
    asker = Asker(raw_server(_refuses(0, got)).url, headers=HeaderSource())
    asker.send("GET", "/x")
    asker.send("GET", "/x", headers={"Accept-Encoding": "gzip"})
    asker.close()
    assert [one.lower().count(b"accept-encoding") for one in got] == [1, 1]
    assert b"Accept-Encoding: identity\r\n" in got[0]
    assert b"Accept-Encoding: gzip\r\n" in got[1]
