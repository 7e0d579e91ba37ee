"""What the gate admits, what it refuses without a lookup, and which URLs it reads."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iceworthy.client import gate

REFUSED_UNASKED = (
    "store.example",
    "localhost.",
    "a.localhost",
    "127.0.0.1.",
    "127.1",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.1%00",
    "\uff11\uff12\uff17.0.0.1",
    "",
    " ",
)
REFUSED_ADDRESSES = (
    "10.0.0.7",
    "169.254.169.254",
    "0.0.0.0",
    "::",
    "::ffff:10.0.0.7",
    "::ffff:a00:7",
    "fe80::1%lo",
    "2001:db8::1",
)


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up; each stands for 10.0.0.7 and 127.0.0.3."""
    asked: list[str] = []

    def answer(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        made = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*made, ("10.0.0.7", port)), (*made, ("127.0.0.3", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.parametrize("host", REFUSED_UNASKED)
def test_a_name_that_nobody_allowed_is_not_even_looked_up(host: str, looked_up: list[str]) -> None:
    with pytest.raises(gate.NotAllowed) as refused:
        gate.find(host, 80)
    assert looked_up == []
    assert repr(host) in str(refused.value)
    assert "--allow-host" in str(refused.value)


@pytest.mark.parametrize("host", REFUSED_ADDRESSES)
def test_an_address_elsewhere_is_refused(host: str) -> None:
    with pytest.raises((gate.NotAllowed, socket.gaierror)):
        gate.find(host, 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machines_loopback_is_admitted(host: str) -> None:
    assert gate.find(host, 80)[0].address == host


def test_localhost_is_admitted_where_it_is_this_machine(looked_up: list[str]) -> None:
    assert [one.address for one in gate.find("LOCALHOST", 80)] == ["127.0.0.3"]
    with gate.ruled(gate.Rule(networks=())), pytest.raises(gate.NotAllowed, match=r"10\.0\.0\.7"):
        gate.find("localhost", 80)
    assert len(looked_up) == 2


def test_a_host_that_is_allowed_by_name_is_looked_up_once_and_only_for_a_while(
    looked_up: list[str],
) -> None:
    with gate.admitting({"Store.Example"}), gate.admitting({"other.example"}):
        found = gate.find("store.example", 80)
        with pytest.raises(gate.NotAllowed):
            gate.find("a.store.example", 80)
    assert [one.address for one in found] == ["10.0.0.7", "127.0.0.3"]
    assert looked_up == ["store.example"]
    with pytest.raises(gate.NotAllowed):
        gate.find("store.example", 80)


def test_an_address_is_allowed_however_it_is_written() -> None:
    with gate.admitting({"10.0.0.7"}):
        assert gate.find("::ffff:10.0.0.7", 80)
        with pytest.raises(gate.NotAllowed):
            gate.find("10.0.0.8", 80)


@pytest.mark.parametrize("port", [0, -1, 65536, 10**9])
def test_no_port_is_refused(port: int) -> None:
    with pytest.raises(OSError, match="is no port"):
        gate.find("127.0.0.1", port)


def test_a_connection_is_made_to_the_first_address_that_accepts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.3", 0)) as listener:
        port = listener.getsockname()[1]
        made = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        found = [(*made, ("127.0.0.4", port)), (*made, ("127.0.0.3", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with gate.connect("localhost", port, timeout_s=5) as link:
            assert link.getpeername() == ("127.0.0.3", port)
    with pytest.raises(ConnectionRefusedError):
        gate.connect("localhost", port, timeout_s=5)


def test_a_connection_has_one_deadline() -> None:
    with pytest.raises(TimeoutError):
        gate.connect("127.0.0.1", 1, timeout_s=0)


@given(st.ip_addresses())
def test_only_loopback_is_held_by_the_rule(address: Any) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    inside = (mapped or address) in ipaddress.ip_network(
        "127.0.0.0/8" if (mapped or address).version == 4 else "::1"
    )
    assert gate.Rule().holds(str(address)) == inside


@given(st.text(alphabet="htps:/\\@#?.[]127%0x:a \t\n\r\0\u3002\uff11", max_size=40))
def test_a_url_that_is_read_has_one_host(text: str) -> None:
    """Its authority holds nothing that one reader takes for an end, and another does not."""
    try:
        parts = gate.plain_url("http://" + text)
    except ValueError:
        return
    assert parts.hostname
    assert not set(parts.netloc) & set("@\\#?/ \t\r\n\0")
    assert parts.netloc.isascii()
    assert urlsplit(parts.geturl()).netloc == parts.netloc


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80/a?b=c", "https://store.example", "http://[::1]:9/"]
)
def test_a_plain_url_is_read(url: str) -> None:
    assert gate.plain_url(url).geturl() == url


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://status.example/ready", "if status.example is yours, write that URL"),
        ("http://status.example/ready", "allow it: --allow-host status.example"),
        ("http://u:p@10.0.0.7:80/x", "--allow-host 10.0.0.7"),
        ("http://a$(id).example/", "--allow-host 'a$(id).example'"),
    ],
)
def test_a_redirect_to_a_stranger_names_the_host_and_how_to_allow_it(
    location: str, words: str
) -> None:
    said = gate.redirect_words(location)
    assert said.startswith(f"a redirect to {location}, which is not followed; ")
    assert words in said


@pytest.mark.parametrize(
    "location", ["/login", "http://127.0.0.1:9/x", "http://localhost/x", "http://friend.example/"]
)
def test_a_redirect_to_an_allowed_place_needs_no_allowance(location: str) -> None:
    with gate.admitting({"friend.example"}):
        said = gate.redirect_words(location)
    assert said.endswith("write the URL that answers in the target file")
    assert "--allow-host" not in said


def test_a_location_that_is_no_url_or_has_no_end_is_shown_within_a_bound() -> None:
    assert gate.redirect_words("http://[") == "a redirect to http://[, which is not followed"
    assert len(gate.redirect_words("/" + "x" * 100_000)) < 400
