"""Whatever a store answers, and the load's own socket meets: bounded time and memory, no surprise.

The answers are those of test_answers.py. The S3 client has its HTTP from a library, which bounds
neither the time of a whole answer nor its size by itself.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from iceworthy.client import s3 as s3_module
from iceworthy.client.s3 import S3, StoreDown
from iceworthy.client.s3_address import Keys, Store
from scenarios.engine.connect import connection_to
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor
from tests.hostile.clear import BOUND_S
from tests.hostile.test_answers import ANSWERS, SLOW, WAIT_S, Start, playing
from tests.servers import Behaviour

STORE_S = 0.5
KEYS = Keys(access="a", secret="s")
LISTING = b"<ListBucketResult><Name>b</Name><KeyCount>0</KeyCount></ListBucketResult>"
MB = 1024 * 1024


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_module, "BODY_S", STORE_S)
    monkeypatch.setattr(s3_module, "ANSWER_S", STORE_S)


def _store(url: str) -> S3:
    return S3(Store(endpoint=url, region="us-east-1"), KEYS)


def _get(url: str) -> object:
    return _store(url).get("b", "k", most_bytes=MB)


def _list(url: str) -> object:
    return _store(url).keys_below("b", "p")


def _put(url: str) -> object:
    return _store(url).put("b", "k", b"PAR1")


WAYS: dict[str, Callable[[str], object]] = {"get": _get, "list": _list, "put": _put}
HEAVY = ("headers without end", "a body without end", "a body a byte at a time")
HEAVY += ("headers a byte at a time", "interim answers without end", "a trailer without end")


def _pairs() -> list[tuple[str, str]]:
    return [("get", name) for name in ANSWERS] + [
        (way, name) for way in ("list", "put") for name in HEAVY
    ]


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(("way", "name"), _pairs())
def test_a_store_that_answers_oddly_is_an_answer_or_an_os_error(
    way: str, name: str, raw_server: Start
) -> None:
    server = raw_server(playing(name))
    began = time.monotonic()
    with contextlib.suppress(OSError):
        WAYS[way](server.url)
    assert time.monotonic() - began < 2 * BOUND_S


def said(*parts: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: int) -> None:
        while connection.recv(65536):
            for part in parts:
                connection.sendall(part)

    return behave


INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def test_interim_answers_of_a_store_are_read_over(raw_server: Start) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPAR1"
    assert _get(raw_server(said(*INTERIM, body)).url) == b"PAR1"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
    assert _list(raw_server(said(*INTERIM, head % len(LISTING) + LISTING)).url) == []


def test_more_interim_answers_than_anybody_sends_are_an_error(raw_server: Start) -> None:
    with pytest.raises(StoreDown):
        _get(raw_server(said(INTERIM[1] * 1000)).url)


def test_a_listing_without_end_takes_no_more_memory_than_is_allowed(
    raw_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_module, "ANSWER_BYTES_MAX", 4 * MB)

    def endless(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n<a>")
        for _ in itertools.repeat(None, 64):
            connection.sendall(b"x" * MB)

    url = raw_server(endless).url
    tracemalloc.start()
    try:
        with pytest.raises(StoreDown):
            _list(url)
        assert tracemalloc.get_traced_memory()[1] < 48 * MB
    finally:
        tracemalloc.stop()


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    made = Reactor()
    yield made
    made.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_the_loads_socket_ends_in_time_whatever_comes(
    name: str, raw_server: Start, reactor: Reactor
) -> None:
    server = raw_server(playing(name))
    wait_s = 1.0 if name in SLOW else WAIT_S
    connection = connection_to(Peer(server.url, node=0), reactor, timeout_s=wait_s)
    began = time.monotonic()
    try:
        connection.exchange(b"GET /v1/config HTTP/1.1\r\nHost: x\r\n\r\n", to_head=False)
    finally:
        connection.close()
    assert time.monotonic() - began < BOUND_S
    assert connection.complete == ANSWERS[name][1]
    assert bool(connection.error) != connection.complete
