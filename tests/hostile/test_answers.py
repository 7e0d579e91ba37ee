"""Whatever a target answers, each client of the suite says so, in bounded time and memory.

One server plays each answer over a bare socket. A client that raises what its caller does not know,
or that waits for ever, fails its row.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.samplers import probing
from fixtures.samplers.probing import Asking
from fixtures.samplers.prometheus import SERIES_MAX, parse
from fixtures.stack.readiness import status_of
from iceworthy.client import pages
from iceworthy.client.answers import AnswerLog
from iceworthy.client.asker import Asker
from iceworthy.client.auth import HeaderSource, header_source
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.events import NotSubscribed, Subscriber
from iceworthy.client.http_answer import HttpAnswer, Malformed
from iceworthy.client.wire import Wire
from iceworthy.record.contract_lines import SentRequest
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.sample_lines import Probe, Scrape
from iceworthy.words.errors import TargetError
from iceworthy.words.target import AuthSpec, Keyring, NodeSpec, TargetSpec
from scenarios.engine.fast_answer import whole_answer
from tests.hostile.clear import BOUND_S
from tests.servers import Behaviour, FakeNode, RawServer

Start = Callable[[Behaviour], RawServer]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\n{}"
READY = b'{"overrides": {}, "defaults": {}}'
WAIT_S = 3.0


def whole(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def forever(first: bytes, part: bytes) -> Iterator[bytes]:
    return itertools.chain([first], itertools.repeat(part))


def dripped(first: bytes, part: bytes) -> Iterator[bytes]:
    yield first
    while True:
        time.sleep(0.05)
        yield part


# name: (the bytes of the answer, whether it is whole to an HTTP client)
ANSWERS: dict[str, tuple[Callable[[], Iterator[bytes]], bool]] = {
    "a length of 5,000 digits": (lambda: iter([HEAD + b"Content-Length: " + b"9" * 5000]), False),
    "a length of 5,000 digits, whole head": (
        lambda: iter([HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}"]),
        False,
    ),
    "a length of 1 TB": (lambda: iter([HEAD + b"Content-Length: %d\r\n\r\n" % 10**12]), False),
    "a chunk of 2^64 bytes": (lambda: iter([CHUNKED + b"f" * 16 + b"\r\n"]), False),
    "a chunk size of 5,000 digits": (lambda: iter([CHUNKED + b"0" * 5000 + b"1\r\n"]), False),
    "headers without end": (lambda: forever(HEAD, b"x-a: " + b"b" * 1000 + b"\r\n"), False),
    "one header without end": (lambda: forever(HEAD + b"x-a: ", b"b" * 65536), False),
    "a status line without end": (lambda: forever(b"HTTP/1.1 200 ", b"O" * 65536), False),
    "a chunk extension without end": (lambda: forever(CHUNKED + b"1;", b"a=b;" * 1000), False),
    "extensions to chunks without end": (
        lambda: forever(CHUNKED, b"1;" + b"a" * 60_000 + b"\r\nx\r\n"),
        False,
    ),
    "a trailer without end": (
        lambda: forever(CHUNKED + b"0\r\n", b"x-t: " + b"v" * 60_000 + b"\r\n"),
        False,
    ),
    "interim answers without end": (lambda: forever(b"", b"HTTP/1.1 103 Early\r\n\r\n"), False),
    "a body without end": (lambda: forever(HEAD + b"\r\n", b"x" * 1_000_000), False),
    "a body a byte at a time": (
        lambda: dripped(HEAD + b"Content-Length: 900\r\n\r\n", b" "),
        False,
    ),
    "headers a byte at a time": (lambda: dripped(HEAD + b"x-a: ", b"b"), False),
    "silence": (lambda: dripped(b"", b""), False),
    "nothing": (lambda: iter([b""]), False),
    "no HTTP": (lambda: iter([b"SSH-2.0-OpenSSH\r\n"]), False),
    "HTTP/2": (lambda: iter([b"\0\0\x12\x04\0\0\0\0\0"]), False),
    "JSON of 20,000 levels": (lambda: iter([whole(b"[" * 20_000 + b"]" * 20_000)]), True),
    "JSON of 900 levels": (
        lambda: iter([whole(b'{"a":' * 900 + b"1" + b"}" * 900)]),
        True,
    ),
    "a number of 5,000 digits": (lambda: iter([whole(b'{"error":' + b"9" * 5000 + b"}")]), True),
    "a float beyond all": (lambda: iter([whole(b'{"expires_in": 1e999999}')]), True),
    "half a pair": (lambda: iter([whole(b'{"error": "\\ud800"}')]), True),
    "no UTF-8": (lambda: iter([whole(b"\xff\xfe\x00")]), True),
    "NaN": (lambda: iter([whole(b'{"overrides": NaN}')]), True),
    "a list of lists": (lambda: iter([whole(b"[[[]], null, 7]")]), True),
    "nulls everywhere": (
        lambda: iter([whole(b'{"namespaces": null, "next-page-token": 7, "defaults": null}')]),
        True,
    ),
    "interim answers before the answer": (
        lambda: iter(
            [
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
                b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
            ]
        ),
        True,
    ),
}


def playing(name: str) -> Behaviour:
    make, is_whole = ANSWERS[name]

    def behave(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        ends_at = time.monotonic() + BOUND_S
        for part in make():
            connection.sendall(part)
            if time.monotonic() > ends_at:
                return
        while is_whole and connection.recv(65536):  # kept open, as most servers do
            for part in make():
                connection.sendall(part)

    return behave


SPEC = TargetSpec(name="odd", summary="odd", node=NodeSpec(urls=("http://127.0.0.1:1",)))
NONE = HeaderSource()


def _asker(url: str, folder: RunFolder) -> bool:
    asker = Asker(url, headers=NONE, timeout_s=WAIT_S)
    reply = asker.send("GET", "/v1/config", operation="getConfig")
    asker.close()
    assert reply.get("a", 0) is None or reply.body is not None
    assert len(reply.said) < 2000
    return reply.whole


def _catalog_client(url: str, folder: RunFolder) -> bool:
    with CatalogClient(url, node=0, headers=NONE, timeout_s=WAIT_S) as client:
        return client.ask(Wire().config()).answered


def _listing(url: str, folder: RunFolder) -> bool:
    with CatalogClient(url, node=0, headers=NONE, timeout_s=WAIT_S) as client:
        return pages.list_namespaces(client, Wire(), pages_max=3).last.answered


def _probe(url: str, folder: RunFolder) -> bool:
    node = FakeNode(0, url)
    probing._probe(Asking(name="metrics", node=node, url=f"{url}/metrics", every_s=1.0), folder)
    return list(folder.read(Probe))[-1].status == 200


def _readiness(url: str, folder: RunFolder) -> bool:
    return status_of(f"{url}/ready") == 200


def _token(url: str, folder: RunFolder) -> bool:
    auth = AuthSpec(kind="client_credentials", client_id_variable="A", client_secret_variable="B")
    keys = Keyring(secrets={"A": "a", "B": "b"})
    spec = TargetSpec(name="odd", summary="odd", auth=auth, keyring=keys)
    with pytest.raises(TargetError, match="no token from"):
        header_source(spec, url).headers()
    return True


def _answers(url: str, folder: RunFolder) -> bool:
    """The validation of answers, as the load does it."""
    asker = Asker(url, headers=NONE, timeout_s=WAIT_S)
    reply = asker.send("GET", "/v1/config")
    asker.close()
    log = AnswerLog(folder, "test", lambda asked, node: SentRequest(method="GET", path="/"))
    if reply.whole:
        log.offer("getConfig", reply.status, reply.raw, None, 0)
    log.flush()
    return reply.whole


def _events(url: str, folder: RunFolder) -> bool:
    with pytest.raises(NotSubscribed), Subscriber(f"{url}/v1/events/stream"):
        pass
    return True


CLIENTS = {
    "asker": _asker,
    "catalog client": _catalog_client,
    "answers": _answers,
    "probe": _probe,
    "readiness": _readiness,
    "token": _token,
    "listing": _listing,
    "events": _events,
}
SLOW = {"a body a byte at a time", "headers a byte at a time", "silence"}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iceworthy.client.auth.FETCH_S_MAX", WAIT_S)
    monkeypatch.setattr("iceworthy.client.events.OPEN_S", WAIT_S)


def _pairs() -> list[tuple[str, str]]:
    """Every answer to the asker, whose connection all others use; to those, what they parse."""
    odd = ["JSON of 900 levels", "JSON of 20,000 levels", "a number of 5,000 digits", "half a pair"]
    odd += ["nulls everywhere", "interim answers before the answer", "a float beyond all", "NaN"]
    events = [*odd[:1], "headers without end", "interim answers without end", "nothing", "no HTTP"]
    events += ["a length of 5,000 digits, whole head", "headers a byte at a time"]
    found = [("asker", name) for name in ANSWERS]
    found += [
        (client, name) for client in CLIENTS if client not in ("asker", "events") for name in odd
    ]
    return found + [("events", name) for name in events]


@pytest.mark.parametrize(("client", "name"), _pairs())
def test_an_odd_answer_is_an_answer_or_none(
    client: str, name: str, raw_server: Start, tmp_path: Path
) -> None:
    server = raw_server(playing(name))
    folder = RunFolder(tmp_path)
    began = time.monotonic()
    came = CLIENTS[client](server.url, folder)
    assert time.monotonic() - began < BOUND_S
    assert came == (ANSWERS[name][1] or client in ("token", "events"))


@pytest.mark.parametrize("name", [name for name in ANSWERS if name not in SLOW])
def test_the_loads_parser_takes_the_same_bytes(name: str) -> None:
    """The load parses an answer in one piece, or feeds the pieces to the strict parser."""
    make, is_whole = ANSWERS[name]
    first, *rest = itertools.islice(make(), 400)
    assert whole_answer(first, to_head=False) is None or is_whole
    answer = HttpAnswer(method="GET")
    with contextlib.suppress(Malformed):
        for part in (first, *rest):
            if answer.complete:
                break
            answer.feed(part)
        assert answer.complete == is_whole
        return
    assert not is_whole


def test_interim_answers_of_the_handshake_are_read_over(raw_server: Start) -> None:
    def behave(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        for part in (
            b"HTTP/1.1 10",
            b"2 Processing\r\n\r",
            b"\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n",
        ):
            connection.sendall(part)
            time.sleep(0.02)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(NotSubscribed) as refused, Subscriber(f"{raw_server(behave).url}/e"):
        pass
    assert refused.value.status == 403


def test_page_tokens_without_end(raw_server: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LISTING_S_MAX", 0.2)

    def behave(connection: socket.socket, _: int) -> None:
        for number in itertools.count():
            if not connection.recv(65536):
                return
            connection.sendall(whole(b'{"namespaces": [], "next-page-token": "%d"}' % number))

    with CatalogClient(raw_server(behave).url, node=0, headers=NONE, timeout_s=WAIT_S) as client:
        found = pages.list_namespaces(client, Wire(), pages_max=10**9)
    assert not found.complete
    assert found.stopped.startswith("no end within 0.2 s")


def test_a_page_token_of_a_megabyte(raw_server: Start) -> None:
    token = b"t" * 1_000_000

    def behave(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(whole(b'{"namespaces": [], "next-page-token": "%s"}' % token))

    with CatalogClient(raw_server(behave).url, node=0, headers=NONE, timeout_s=WAIT_S) as client:
        found = pages.list_namespaces(client, Wire())
    assert found.stopped == "a next-page-token of 1000000 characters"


METRICS = {  # made where they are tested: each worker reads this file, and one of them tests it
    "a line of a megabyte": lambda: "a" * 1_000_000,
    "a million labels": lambda: "a{" + 'b="c",' * 1_000_000 + "} 1",
    "a million series": lambda: "\n".join(f"s{number} 1" for number in range(1_000_000)),
    "blanks between": lambda: "a" + " " * 15_000 + "b" + " " * 15_000 + "c d e",
    "a million types": lambda: "\n".join(f"# TYPE t{number} counter" for number in range(200_000)),
    "digits": lambda: "a " + "9" * 10_000,
}


@pytest.mark.parametrize("name", METRICS)
def test_metrics_are_read_within_bounds(name: str) -> None:
    found = parse(METRICS[name]())
    assert len(found.samples) <= SERIES_MAX
    assert len(found.types) <= SERIES_MAX


def test_metrics_of_many_megabytes_are_not_read(raw_server: Start, tmp_path: Path) -> None:
    line = b"a_total 1\n"
    count = probing.METRICS_BYTES_MAX // len(line) + 1

    def behave(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(whole(line * count))

    folder = RunFolder(tmp_path)
    assert not _probe(raw_server(behave).url, folder)
    assert not list(folder.read(Scrape))
    assert list(folder.read(Probe))[-1].error == f"a body of {count * len(line)} bytes"
