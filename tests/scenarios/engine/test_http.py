"""The connection against hostile servers: it knows what left, what came, and never sends again."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.client import gate
from iceworthy.record.history import FLAG_CLOSE, FLAG_EXCESS, FLAG_REUSED, FLAG_TORN
from iceworthy.words.outcome import Outcome, classify
from scenarios.engine.http import Connection
from tests.waiting import until_readable

REQUEST = b"POST /v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"

Connect = Callable[..., Connection]
Serve = Callable[..., Any]


def reset(connection: socket.socket) -> None:
    """Close with a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def mutation_outcome(connection: Connection) -> Outcome:
    return classify(
        mutation=True,
        status=connection.status,
        sent_bytes=connection.sent_ns != 0,
        complete=connection.complete,
    )


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"{}"):
        part = connection.recv(65536)
        if not part:
            break
        data += part
    return data


def answering(*pieces: bytes, pause_s: float = 0.0, then: str = "wait") -> Callable[..., None]:
    """A server that answers each request with these pieces, one send each."""

    def behave(connection: socket.socket, number: int) -> None:
        while read_request(connection):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)
            if then == "close":
                return
            if then == "reset":
                reset(connection)
                return

    return behave


def test_a_whole_answer_is_complete_and_the_connection_is_kept(
    connect: Connect, raw_server: Serve
) -> None:
    server = raw_server(answering(OK))
    connection = connect(server.url)
    for number in range(3):
        connection.exchange(REQUEST, to_head=False)
        assert (connection.status, connection.body, connection.complete) == (200, b"hello", True)
        assert bool(connection.flags & FLAG_REUSED) == (number > 0)
        assert 0 < connection.sent_ns <= connection.flushed_ns <= connection.completed_ns
        assert connection.size == len(OK)
    assert server.accepted == [0]
    assert connection.opened == 1


@pytest.mark.parametrize("whole", [OK, CHUNKED])
def test_every_cut_of_an_answer_is_put_together(
    connect: Connect, raw_server: Serve, whole: bytes
) -> None:
    for cut in range(1, len(whole), 7):
        connection = connect(raw_server(answering(whole[:cut], whole[cut:], pause_s=0.005)).url)
        connection.exchange(REQUEST, to_head=False)
        assert (connection.status, connection.body) == (200, b"hello")
        assert connection.is_open


def test_slow_single_bytes_make_a_whole_answer(connect: Connect, raw_server: Serve) -> None:
    pieces = [CHUNKED[i : i + 1] for i in range(len(CHUNKED))]
    connection = connect(raw_server(answering(*pieces, pause_s=0.001)).url)
    connection.exchange(REQUEST, to_head=False)
    assert (connection.body, connection.error) == (b"hello", "")


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("whole", [OK, CHUNKED])
def test_an_answer_cut_anywhere_leaves_the_outcome_unknown(
    connect: Connect, raw_server: Serve, whole: bytes, end: str
) -> None:
    for cut in range(0, len(whole) - 1, 9):
        connection = connect(raw_server(answering(whole[:cut], then=end)).url)
        connection.exchange(REQUEST, to_head=False)
        assert not connection.complete
        assert mutation_outcome(connection) is Outcome.INFO
        assert connection.flushed_ns
        assert bool(connection.flags & FLAG_TORN) == (connection.size > 0)
        assert connection.error in ({"torn"} if connection.size else {"closed", "reset"})
        assert not connection.is_open


def test_a_server_that_says_nothing_is_a_timeout_with_a_bound(
    connect: Connect, raw_server: Serve
) -> None:
    gone = threading.Event()
    server = raw_server(lambda connection, number: gone.wait(60) and None)
    connection = connect(server.url, timeout_s=0.2)
    before = time.monotonic()
    connection.exchange(REQUEST, to_head=False)
    took_s = time.monotonic() - before
    gone.set()
    assert connection.error == "timeout"
    assert mutation_outcome(connection) is Outcome.INFO
    assert took_s < 30, "the server would have said nothing for 60 s"
    assert len(server.accepted) == 1


def test_slow_bytes_do_not_stretch_the_total_timeout(connect: Connect, raw_server: Serve) -> None:
    pieces = [OK[i : i + 1] for i in range(len(OK))]
    connection = connect(raw_server(answering(*pieces, pause_s=0.05)).url, timeout_s=0.3)
    connection.exchange(REQUEST, to_head=False)
    assert connection.error == "timeout"
    assert connection.flags & FLAG_TORN


def test_a_refused_connection_is_surely_not_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    connection = connect(f"http://127.0.0.1:{port}")
    connection.exchange(REQUEST, to_head=False)
    assert (connection.error, connection.sent_ns, connection.flushed_ns) == ("refused", 0, 0)
    assert mutation_outcome(connection) is Outcome.FAIL
    assert connection.completed_ns


def test_a_name_that_means_nothing_is_surely_not_sent(connect: Connect) -> None:
    connection = connect("http://no-such-host.invalid:80")
    with gate.admitting({"no-such-host.invalid"}):  # else it is not even looked up
        connection.exchange(REQUEST, to_head=False)
    assert (connection.error, connection.sent_ns) == ("resolve", 0)


def test_a_kept_connection_found_closed_is_opened_anew_before_anything_is_sent(
    connect: Connect, raw_server: Serve
) -> None:
    server = raw_server(answering(OK, then="close"))
    connection = connect(server.url)
    for _ in range(3):
        connection.exchange(REQUEST, to_head=False)
        assert (connection.status, connection.error) == (200, "")
        assert not connection.flags & FLAG_REUSED
        # The hub does not run meanwhile: only a look at the socket can tell, and that is taken
        # after PEEK_AFTER_NS.
        until_readable(connection._sock)
        time.sleep(0.05)
    assert connection.opened == 3


def test_a_kept_connection_that_dies_with_the_request_is_unknown_and_not_sent_again(
    connect: Connect, raw_server: Serve
) -> None:
    requests: list[bytes] = []

    def behave(connection: socket.socket, number: int) -> None:
        requests.append(read_request(connection))
        connection.sendall(OK)
        requests.append(read_request(connection))
        reset(connection)

    connection = connect(raw_server(behave).url)
    connection.exchange(REQUEST, to_head=False)
    connection.exchange(REQUEST, to_head=False)
    assert connection.error == "reset"
    assert connection.flags & FLAG_REUSED
    assert mutation_outcome(connection) is Outcome.INFO
    assert requests == [REQUEST, REQUEST]


def test_what_comes_unasked_is_not_taken_for_an_answer(connect: Connect, raw_server: Serve) -> None:
    answered = threading.Event()

    def behave(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(OK)
        if number == 0:
            answered.wait(60)
            connection.sendall(OK.replace(b"200 OK", b"408 Request Timeout"))
        read_request(connection)

    server = raw_server(behave)
    connection = connect(server.url)
    connection.exchange(REQUEST, to_head=False)
    answered.set()
    until_readable(connection._sock)
    time.sleep(0.05)  # a socket is looked at after PEEK_AFTER_NS
    connection.exchange(REQUEST, to_head=False)
    assert connection.status == 200
    assert len(server.accepted) == 2


def test_bytes_after_the_answer_are_flagged_and_close_the_connection(
    connect: Connect, raw_server: Serve
) -> None:
    for whole in (OK + OK, CHUNKED + b"x"):
        connection = connect(raw_server(answering(whole)).url)
        connection.exchange(REQUEST, to_head=False)
        assert (connection.status, connection.body, connection.complete) == (200, b"hello", True)
        assert connection.flags & FLAG_EXCESS
        assert not connection.is_open


def test_connection_close_is_flagged_and_obeyed(connect: Connect, raw_server: Serve) -> None:
    said = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    server = raw_server(answering(said))
    connection = connect(server.url)
    for _ in range(2):
        connection.exchange(REQUEST, to_head=False)
        assert connection.complete
        assert connection.flags & FLAG_CLOSE
        assert not connection.is_open
    assert len(server.accepted) == 2


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
    ],
)
def test_answers_without_a_body_keep_the_connection(
    connect: Connect, raw_server: Serve, head: bytes
) -> None:
    connection = connect(raw_server(answering(head)).url)
    for _ in range(2):
        connection.exchange(REQUEST, to_head=False)
        assert connection.complete
        assert connection.body == b""
    assert connection.opened == 1


def test_the_answer_to_head_has_no_body_whatever_its_length_says(
    connect: Connect, raw_server: Serve
) -> None:
    connection = connect(raw_server(answering(OK[:-5])).url)
    connection.exchange(REQUEST, to_head=True)
    assert (connection.status, connection.body, connection.complete) == (200, b"", True)


def test_a_body_without_an_announced_end_lasts_to_the_end_of_the_stream(
    connect: Connect, raw_server: Serve
) -> None:
    server = raw_server(answering(b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo", pause_s=0.01, then="close"))
    connection = connect(server.url)
    connection.exchange(REQUEST, to_head=False)
    assert (connection.body, connection.complete) == (b"hello", True)
    assert connection.flags & FLAG_CLOSE


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Huge: " + b"x" * 70_000 + b"\r\n\r\n",
        bytes(range(256)) * 300,
    ],
)
def test_what_is_no_http_is_malformed_and_unknown(
    connect: Connect, raw_server: Serve, nonsense: bytes
) -> None:
    connection = connect(raw_server(answering(nonsense)).url)
    connection.exchange(REQUEST, to_head=False)
    assert connection.error == "malformed"
    assert mutation_outcome(connection) is Outcome.INFO
    assert not connection.is_open


def test_an_early_answer_counts_though_the_request_was_not_fully_sent(
    connect: Connect, raw_server: Serve
) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    done = threading.Event()

    def behave(connection: socket.socket, number: int) -> None:
        connection.recv(1000)
        connection.sendall(refusal)
        done.wait(5)  # reads no more, and keeps the connection open

    connection = connect(raw_server(behave).url)
    connection.exchange(b"x" * 50_000_000, to_head=False)
    done.set()
    assert (connection.status, connection.complete, connection.flushed_ns) == (413, True, 0)
    assert connection.sent_ns
    assert not connection.is_open


def test_a_large_request_is_sent_whole_and_flushed_at_its_end(
    connect: Connect, raw_server: Serve
) -> None:
    size = 30_000_000

    def behave(connection: socket.socket, number: int) -> None:
        left = size
        while left:
            left -= len(connection.recv(1 << 20))
        connection.sendall(OK)
        connection.recv(1)

    connection = connect(raw_server(behave).url)
    connection.exchange(b"x" * size, to_head=False)
    assert connection.complete
    assert connection.sent_ns < connection.flushed_ns <= connection.completed_ns


def test_a_large_answer_arrives_whole(connect: Connect, raw_server: Serve) -> None:
    body = bytes(range(256)) * 20_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    connection = connect(raw_server(answering(head + body)).url)
    connection.exchange(REQUEST, to_head=False)
    assert connection.body == body


def test_a_connection_that_was_refused_can_be_used_later(
    connect: Connect, raw_server: Serve
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    connection = connect(f"http://127.0.0.1:{port}")
    assert not connection.connect()
    with socket.create_server(("127.0.0.1", port)) as back:
        assert connection.connect()
        assert connection.connect()
        assert connection.opened == 1
        back.accept()[0].close()
