"""The same connection below TLS: whole answers, cut streams, a certificate that nobody trusts."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from iceworthy.record.history import FLAG_REUSED
from scenarios.engine.http import Connection
from tests.servers import RawServer

CERTIFICATE = Path(__file__).resolve().parents[2] / "loopback.pem"
REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

Behave = Callable[[ssl.SSLSocket], None]
Connect = Callable[..., Connection]


@pytest.fixture
def tls_server(raw_server: Callable[..., RawServer]) -> Callable[[Behave], str]:
    """Start a TLS server that gives each connection to `behave`; its url."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def start(behave: Behave) -> str:
        def secured(plain: socket.socket, number: int) -> None:
            with context.wrap_socket(plain, server_side=True) as secure:
                behave(secure)

        return f"https://127.0.0.1:{raw_server(secured).port}"

    return start


def serve(secure: ssl.SSLSocket) -> None:
    while secure.recv(65536):
        secure.sendall(OK[:30])
        secure.sendall(OK[30:])


def test_answers_below_tls_are_whole_and_the_connection_is_kept(
    connect: Connect, tls_server: Callable[[Behave], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    connection = connect(tls_server(serve))
    for number in range(3):
        connection.exchange(REQUEST, to_head=False)
        assert (connection.status, connection.body, connection.error) == (200, b"hello", "")
        assert bool(connection.flags & FLAG_REUSED) == (number > 0)
    assert connection.opened == 1
    connection.close()


def test_a_large_answer_below_tls_is_whole(
    connect: Connect, tls_server: Callable[[Behave], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    body = bytes(range(256)) * 4000

    def behave(secure: ssl.SSLSocket) -> None:
        while secure.recv(65536):
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    connection = connect(tls_server(behave))
    connection.exchange(REQUEST, to_head=False)
    assert connection.body == body
    connection.close()


def test_a_stream_cut_below_tls_is_not_the_end_of_a_body(
    connect: Connect, tls_server: Callable[[Behave], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    def behave(secure: ssl.SSLSocket) -> None:
        secure.recv(65536)
        secure.sendall(b"HTTP/1.1 200 OK\r\n\r\nhel")
        secure.shutdown(socket.SHUT_RDWR)  # without TLS's own close

    connection = connect(tls_server(behave))
    connection.exchange(REQUEST, to_head=False)
    assert (connection.complete, connection.error) == (False, "torn")


def test_a_certificate_that_nobody_trusts_sends_nothing(
    connect: Connect, tls_server: Callable[[Behave], str]
) -> None:
    connection = connect(tls_server(serve))
    connection.exchange(REQUEST, to_head=False)
    assert (connection.error, connection.sent_ns) == ("tls", 0)
    assert not connection.is_open


def test_a_server_without_tls_is_told_by_its_word(
    connect: Connect, raw_server: Callable[..., object]
) -> None:
    def behave(plain: socket.socket, number: int) -> None:
        plain.recv(100)
        plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = raw_server(behave)
    connection = connect(server.url.replace("http:", "https:"))  # type: ignore[attr-defined]
    connection.exchange(REQUEST, to_head=False)
    assert (connection.error, connection.sent_ns) == ("tls", 0)
