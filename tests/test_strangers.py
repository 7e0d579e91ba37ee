"""No way of the suite reaches an address that is neither this machine's nor allowed.

The stranger listens at 127.0.0.2, which the rule of these tests leaves out. That each way would
reach it, were it allowed, is tested too: a way that never connects proves nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.samplers.probing import ask_once
from fixtures.stack.database import PostgresDatabase
from fixtures.stack.postgres import Access, answers_ssl_request
from fixtures.stack.readiness import status_of
from fixtures.stack.toxiproxy import Toxiproxy
from iceworthy.client import gate
from iceworthy.client.asker import Asker
from iceworthy.client.auth import HeaderSource, header_source
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.connect import wire_for
from iceworthy.client.events import NotSubscribed, Subscriber
from iceworthy.client.pages import list_tables
from iceworthy.client.s3 import S3
from iceworthy.client.s3_address import Keys, Store
from iceworthy.client.wire import Wire
from iceworthy.words.errors import IceworthyError, StackError
from iceworthy.words.target import AuthSpec, Keyring, NodeSpec, TargetSpec
from scenarios.engine.connect import connection_to
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor

NEAR, FAR = "127.0.0.1", "127.0.0.2"
NARROW = gate.Rule(networks=(ipaddress.IPv4Network(f"{NEAR}/32"), ipaddress.IPv6Network("::1")))
KEYS = Keys(access="a", secret="s")
OAUTH = AuthSpec(
    kind="client_credentials",
    client_id_variable="ID",
    client_secret_variable="SECRET",
    token_path="/t",
)


class Listener:
    """Answers every connection with the same bytes; counts them."""

    def __init__(self, host: str, answer: bytes, port: int = 0) -> None:
        self.seen = 0
        self.answer = answer
        self._socket = socket.create_server((host, port))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self._socket.accept()
                self.seen += 1
                link.settimeout(2)
                with link, contextlib.suppress(OSError):
                    if self.answer and link.recv(65536):
                        link.sendall(self.answer)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    made: list[Listener] = []

    def start(host: str, answer: bytes = b"", port: int = 0) -> Listener:
        made.append(Listener(host, answer, port))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def stranger(listen: Callable[..., Listener]) -> Iterator[Listener]:
    """At 127.0.0.2; the rule in force leaves it out."""
    with gate.ruled(NARROW):
        yield listen(FAR)


# The ways. Each asks a URL, with the client that a part of the suite has.


def by_an_asker(url: str) -> Any:
    asker = Asker(url, headers=HeaderSource(), timeout_s=2)
    try:
        return asker.send("GET", "/v1/config", operation="getConfig").exchange.error
    finally:
        asker.close()


def by_the_catalog_client(url: str) -> Any:
    with CatalogClient(url, node=0, headers=HeaderSource(), timeout_s=2) as client:
        return client.ask(Wire().load_table(("a",), "t")).error


def by_the_config(url: str) -> Any:
    return wire_for(TargetSpec(name="t", summary=""), url, HeaderSource())


def by_a_token(url: str) -> Any:
    keyring = Keyring(secrets={"ID": "i", "SECRET": "s"})
    node = NodeSpec(urls=(url,))
    spec = TargetSpec(name="t", summary="", auth=OAUTH, keyring=keyring, node=node)
    return header_source(spec, url).headers()


def by_a_probe(url: str) -> Any:
    return ask_once(f"{url}/metrics", timeout_s=2).error


def by_readiness(url: str) -> Any:
    return status_of(f"{url}/ready")


def by_the_event_stream(url: str) -> Any:
    try:
        Subscriber(f"{url}/events").close()
    except NotSubscribed as error:
        return str(error)
    return ""


def by_reading_an_object(url: str) -> Any:
    return S3(Store(endpoint=url, region="r"), KEYS).get("b", "k", most_bytes=9)


def by_writing_an_object(url: str) -> Any:
    return S3(Store(endpoint=url, region="r"), KEYS).put("b", "k", b"PAR1")


def by_asking_for_a_role(url: str) -> Any:
    s3 = S3(Store(endpoint=url, region="us-east-1"), KEYS)
    return s3.assume("arn:aws:iam::1:role/r", session="session", policy={}, life_s=900)


def by_a_wrong_body(url: str) -> Any:
    return S3(Store(endpoint=url, region="r"), KEYS).checks_bodies("b")


def by_the_load(url: str) -> Any:
    reactor = Reactor()
    connection = connection_to(Peer(url, node=0), reactor, timeout_s=2)
    try:
        connection.exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", to_head=False)
        return connection.error
    finally:
        connection.close()
        reactor.close()


def by_postgresql(url: str) -> Any:
    host, _, port = url.rpartition("://")[2].rpartition(":")
    access = Access(host=host, port=int(port), user="u", password="p", database="d")
    PostgresDatabase(access, dict, lambda: None).query("SELECT 1")


def by_the_probe_of_a_link(url: str) -> Any:
    host, _, port = url.rpartition("://")[2].rpartition(":")
    return answers_ssl_request(host, int(port), timeout_s=2)


HTTP_WAYS = (
    by_an_asker,
    by_the_catalog_client,
    by_the_config,
    by_a_token,
    by_a_probe,
    by_readiness,
    by_the_event_stream,
    by_reading_an_object,
    by_writing_an_object,
    by_asking_for_a_role,
    by_a_wrong_body,
    by_the_load,
)
WAYS = (*HTTP_WAYS, by_postgresql, by_the_probe_of_a_link)
FORMS = (
    "http://{far}:{port}",
    "https://{far}:{port}",
    "HTTP://{far}:{port}",
    "http://{near}:1@{far}:{port}",
    "http://{near}@{far}:{port}",
    "http://{far}:{port}\\@{near}:1",
    "http://{near}:1\\@{far}:{port}",
    "http://{far}:{port}#@{near}:1",
    "http://{near}:1#@{far}:{port}",
    "http://{far}:{port}?@{near}:1",
    "http:\\\\{far}:{port}",
    "http:///{far}:{port}",
    "http://{far}.:{port}",
    "http://2130706434:{port}",
    "http://0177.0.0.2:{port}",
    "http://0x7f000002:{port}",
    "http://0x7f.0.0.0x2:{port}",
    "http://127.2:{port}",
    "http://127.0.2:{port}",
    "http://[::ffff:{far}]:{port}",
    "http://[::ffff:7f00:2]:{port}",
    "http://[::ffff:{far}%25lo]:{port}",
    "http://\uff11\uff12\uff17.0.0.2:{port}",
    "http://{far}\t:{port}",
    "http://{far}%00.localhost:{port}",
    "http://{far}.nip.example:{port}",
    "http://[::{far}]:{port}",
    "http://[64:ff9b::7f00:2]:{port}",
    "http://127\u30020\u30020\u30022:{port}",
    "http://017700000002:{port}",
    "http:{far}:{port}",
    "http:/{far}:{port}",
    "//{far}:{port}",
    "ws://{far}:{port}",
    "http://{near};@{far}:{port}",
    "http://{near} @{far}:{port}",
    "http://{near}\r\nHost: x@{far}:{port}",
    "http://{far}:+{port}",
    "http://%31%32%37.0.0.2:{port}",
    "http://{near}@{far}:{port}@{near}",
    "http://{near}\uff0f@{far}:{port}",
    "http://{near}%00@{far}:{port}",
    "jdbc:http://{far}:{port}",
)


def answer(body: Any) -> bytes:
    """A whole answer with this JSON body, after which the connection is closed."""
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    return head.encode() + text


def tried(way: Callable[[str], Any], url: str) -> Any:
    """What the way gave or raised; errors of the suite's own kinds and of reading URLs alone."""
    try:
        return way(url)
    except (OSError, ValueError, IceworthyError) as error:
        return error


@pytest.mark.parametrize("way", WAYS)
def test_a_stranger_sees_no_connection(way: Callable[[str], Any], stranger: Listener) -> None:
    for form in FORMS:
        tried(way, form.format(near=NEAR, far=FAR, port=stranger.port))
        assert stranger.seen == 0, form


@pytest.mark.parametrize("way", WAYS)
def test_each_way_reaches_a_host_that_is_allowed_by_name(
    way: Callable[[str], Any], stranger: Listener
) -> None:
    with gate.admitting({FAR}):
        tried(way, f"http://{FAR}:{stranger.port}")
    assert stranger.seen >= 1


@pytest.mark.parametrize("way", WAYS)
def test_a_name_that_means_something_else_the_second_time_is_asked_for_once(
    way: Callable[[str], Any], stranger: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check and the connection nothing is looked up again."""
    real, asked = socket.getaddrinfo, []

    def turning(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host == "localhost":
            asked.append(host)
            host = NEAR if len(asked) % 2 else FAR
        return real(host, port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", turning)
    tried(way, f"http://localhost:{stranger.port}")
    tried(way, f"http://localhost:{stranger.port}")
    assert asked
    assert stranger.seen == 0


@pytest.mark.parametrize("way", WAYS)
def test_no_proxy_is_asked_and_no_other_address_taken_from_the_environment(
    way: Callable[[str], Any],
    stranger: Listener,
    listen: Callable[..., Listener],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = f"http://{FAR}:{stranger.port}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"):
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv(name.upper(), proxy)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("PGHOSTADDR", FAR)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy)
    near = listen(NEAR, answer({}), stranger.port)
    tried(way, f"http://{NEAR}:{near.port}")
    assert near.seen >= 1
    assert stranger.seen == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of botocore
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", HTTP_WAYS)
def test_a_redirect_is_not_followed(
    way: Callable[[str], Any], status: int, stranger: Listener, listen: Callable[..., Listener]
) -> None:
    where = f"http://{FAR}:{stranger.port}/elsewhere"
    head = f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nx-amz-bucket-region: r2\r\n"
    near = listen(NEAR, f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    with gate.admitting({FAR}):  # it would be let through: that it is not followed is the claim
        tried(way, f"http://{NEAR}:{near.port}")
    assert near.seen >= 1
    assert stranger.seen == 0


def test_the_proxys_own_server_redirects_nobody(
    stranger: Listener, listen: Callable[..., Listener]
) -> None:
    where = f"http://{FAR}:{stranger.port}/proxies"
    head = f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n"
    near = listen(NEAR, f"{head}Connection: close\r\n\r\n".encode())
    program = SimpleNamespace(name="toxiproxy-0")
    child: Any = SimpleNamespace(wait=lambda deadline_s: None, exit=None, pid=1, program=program)
    with pytest.raises(StackError, match="status 302"):
        Toxiproxy(child, near.port, 1).toxics()
    assert near.seen == 1
    assert stranger.seen == 0


@pytest.mark.parametrize(
    "token", ["http://{0}/next", "//{0}/next", "@{0}", "\\\\{0}", "#http://{0}"]
)
def test_a_page_token_is_text_whatever_it_looks_like(
    token: str, stranger: Listener, listen: Callable[..., Listener]
) -> None:
    named = token.format(f"{FAR}:{stranger.port}")
    near = listen(NEAR, answer({"identifiers": [], "next-page-token": named}))
    with (
        gate.admitting({FAR}),
        CatalogClient(f"http://{NEAR}:{near.port}", node=0, headers=HeaderSource()) as client,
    ):
        list_tables(client, Wire(), ("a",), page_size=1, pages_max=3)
    assert near.seen >= 2
    assert stranger.seen == 0


@pytest.mark.parametrize("key", ["uri", "oauth2-server-uri", "prefix", "rest.uri", "s3.endpoint"])
def test_what_the_config_sends_moves_no_request(
    key: str, stranger: Listener, listen: Callable[..., Listener]
) -> None:
    for text in ("http://{0}", "//{0}/x", "@{0}/x", "../..//{0}", ":1@{0}"):
        named = text.format(f"{FAR}:{stranger.port}")
        near = listen(NEAR, answer({"defaults": {}, "overrides": {key: named}}))
        url = f"http://{NEAR}:{near.port}"
        with gate.admitting({FAR}):
            wire = wire_for(TargetSpec(name="t", summary=""), url, HeaderSource())
            with CatalogClient(url, node=0, headers=HeaderSource()) as client:
                client.ask(wire.load_table(("a",), "t"))
        assert near.seen == 2
        assert stranger.seen == 0
