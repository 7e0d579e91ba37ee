"""A catalog that sends its clients elsewhere is told so, with the host and how to allow it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator

import orjson
import pytest

from iceworthy.client import gate
from iceworthy.client.asker import Asker
from iceworthy.client.auth import HeaderSource
from iceworthy.client.events import NotSubscribed, Subscriber
from iceworthy.contract.case import cases_of
from iceworthy.contract.desk import Desk
from iceworthy.contract.run import CaseEnding, run_case
from tests.iceworthy.contract.conftest import Server
from tests.servers import RawServer

FAR = "127.0.0.2"
URI = "the_uri_that_clients_must_use_serves"
OTHERS = ("oauth2-server-uri", "s3.signer.uri", "signer.uri")


@pytest.fixture
def far() -> Iterator[socket.socket]:
    """A listener at an address that the rule leaves out; nobody may have connected to it."""
    only = gate.Rule(networks=(ipaddress.IPv4Network("127.0.0.1/32"),))
    with gate.ruled(only), socket.create_server((FAR, 0)) as listener:
        yield listener
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def asked(desk: Desk, server: Server, name: str, key: str, url: str) -> CaseEnding:
    """How this case of /v1/config ends where the configuration sends clients to a URL."""
    settings = {"defaults": {}, "overrides": {key: url}, "endpoints": []}
    server.answers["GET", "/v1/config"] = (200, orjson.dumps(settings))
    (one,) = (case for case in cases_of("configuration") if case.name == name)
    return run_case(desk, one)


def cases() -> list[tuple[str, str]]:
    """(the case, the setting)."""
    return [(URI, "uri"), *((f"clients_are_sent_nowhere_unseen[{key}]", key) for key in OTHERS)]


@pytest.mark.parametrize(("name", "key"), cases())
def test_a_host_that_nobody_allowed_is_named_with_the_setting_and_what_to_do(
    name: str, key: str, desk: Desk, server: Server, far: socket.socket
) -> None:
    found = asked(desk, server, name, key, f"http://{FAR}:{far.getsockname()[1]}/x")
    assert found.ended == "unknown"
    assert "the catalog sends its clients to" in found.got
    assert key in found.got
    assert f"--allow-host {FAR}" in found.got


@pytest.mark.parametrize(("name", "key"), cases())
def test_a_url_of_two_hosts_is_broken(
    name: str, key: str, desk: Desk, server: Server, far: socket.socket
) -> None:
    url = f"http://{FAR}:{far.getsockname()[1]}\\@127.0.0.1:{server.server_address[1]}"
    found = asked(desk, server, name, key, url)
    assert found.ended == "broken"
    assert key in found.expected


@pytest.mark.parametrize(("path", "ended"), [("", "holds"), ("/other", "broken")])
def test_the_uri_that_clients_must_use_is_asked_where_it_may_be(
    path: str, ended: str, desk: Desk, server: Server
) -> None:
    url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    assert asked(desk, server, URI, "uri", url).ended == ended
    assert server.asked[-1][:2] == ("GET", f"{path}/v1/config")


def test_a_path_on_the_catalogs_own_host_is_no_other_host(desk: Desk, server: Server) -> None:
    for name, key in cases()[1:]:
        assert asked(desk, server, name, key, "v1/oauth/tokens").ended == "holds"


LEADS = b"HTTP/1.1 307 Moved\r\nLocation: http://other.example/v1\r\nContent-Length: 0\r\n\r\n"


def test_a_redirect_names_where_it_leads(raw_server: Callable[..., RawServer]) -> None:
    def behave(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(LEADS)

    url = raw_server(behave).url
    asker = Asker(url, headers=HeaderSource())
    said = asker.send("GET", "/v1/config").said
    asker.close()
    with pytest.raises(NotSubscribed) as refused:
        Subscriber(f"{url}/e")
    for text in (said, str(refused.value)):
        assert "307" in text
        assert "a redirect to http://other.example/v1, which is not followed" in text
