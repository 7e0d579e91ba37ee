"""What a catalog's answers name as a store: asked, undecided, or broken, and never a stranger."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from iceworthy.client import gate
from iceworthy.contract.case import Case
from iceworthy.contract.desk import Desk
from iceworthy.contract.object_access import client, send, store_of
from iceworthy.contract.run import CaseEnding, run_case
from tests.iceworthy.contract.conftest import Server

FAR = "127.0.0.2"
SIGN = "/v1/p/namespaces/a/tables/t/sign"
TWO_WAYS = (
    "http://{far}:1\\@127.0.0.1:{port}",
    "http://127.0.0.1:{port}\\@{far}",
    "http://127.0.0.1@{far}:{port}",
    "http://user:word@127.0.0.1:{port}",
    "http:\\\\{far}:{port}",
    "http://{far}\t:{port}",
    "http://\uff11\uff12\uff17.0.0.2:{port}",
    "http://{far}:{port}0000000",
    "http://",
    "file:///etc/passwd",
    "{far}:{port}",
)
STRANGERS = (
    "http://{far}:{port}",
    "http://0x7f000002:{port}",
    "http://2130706434:{port}",
    "http://127.2:{port}",
    "http://{far}.:{port}",
    "http://[::ffff:{far}]:{port}",
    "http://store.example:{port}",
)


@pytest.fixture
def far() -> Iterator[socket.socket]:
    """A listener at an address that the rule leaves out; nobody may have connected to it."""
    only = gate.Rule(networks=(ipaddress.IPv4Network("127.0.0.1/32"),))
    with gate.ruled(only), socket.create_server((FAR, 0)) as listener:
        yield listener
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def ended(desk: Desk, body: Any) -> CaseEnding:
    return run_case(desk, Case(name="n", subject="s", about="", requirement="", says="", body=body))


def url(form: str, far: socket.socket) -> str:
    return form.format(far=FAR, port=far.getsockname()[1])


def vending(endpoint: str) -> dict[str, str]:
    return {
        "s3.endpoint": endpoint,
        "s3.access-key-id": "a",
        "s3.secret-access-key": "s",
        "client.region": "r",
    }


@pytest.mark.parametrize("form", STRANGERS)
def test_a_store_elsewhere_is_not_asked_and_is_named(
    form: str, desk: Desk, far: socket.socket
) -> None:
    endpoint = url(form, far)
    found = ended(desk, lambda d: client(d, vending(endpoint)).put("b", "k", b"data"))
    assert found.ended == "unknown"
    assert endpoint in found.got
    assert "--allow-host" in found.got


@pytest.mark.parametrize("form", TWO_WAYS)
def test_an_endpoint_that_is_no_plain_url_is_broken(
    form: str, desk: Desk, far: socket.socket
) -> None:
    found = ended(desk, lambda d: client(d, vending(url(form, far))).put("b", "k", b"data"))
    assert found.ended == "broken"
    assert "s3.endpoint" in found.expected


def test_a_store_that_was_allowed_by_name_is_asked(desk: Desk, far: socket.socket) -> None:
    endpoint = url(STRANGERS[0], far)
    with gate.admitting({FAR}):
        found = ended(desk, lambda d: store_of(d, vending(endpoint)))
    assert found.ended == "holds"


@pytest.mark.parametrize("form", [*TWO_WAYS, *STRANGERS])
def test_a_request_that_was_signed_for_another_host_is_broken_and_not_sent(
    form: str, whole_desk: Desk, server: Server, far: socket.socket
) -> None:
    signed = orjson.dumps({"uri": f"{url(form, far)}/b/k", "headers": {"Authorization": ["x"]}})
    server.answers["POST", SIGN] = (200, signed)

    def body(desk: Desk) -> None:
        reply = desk.do("signRequest", ("a",), "t", body={})
        send(desk, "PUT", reply, {"Authorization": "x"}, b"PAR1")

    found = ended(whole_desk, body)
    assert found.ended == "broken"
    assert "uri" in found.expected
    assert found.asked is not None
    assert found.asked.operation == "signRequest"


def test_a_request_that_was_signed_for_its_own_host_is_sent(
    whole_desk: Desk, server: Server, far: socket.socket
) -> None:
    uri = f"http://127.0.0.1:{server.server_address[1]}/b/k?x=1"
    server.answers["POST", SIGN] = (200, orjson.dumps({"uri": uri, "headers": {}}))
    statuses = []

    def body(desk: Desk) -> None:
        reply = desk.do("signRequest", ("a",), "t", body={})
        statuses.append(send(desk, "GET", reply, {}, b"").status)

    assert ended(whole_desk, body).ended == "holds"
    assert statuses == [404]
    assert server.asked[-1][:2] == ("GET", "/b/k?x=1")
