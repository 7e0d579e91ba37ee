"""Every connection of the suite is opened here: to this machine, or to a host allowed by name.

Claim: nothing is sent to an address that is neither loopback nor allowed by name. A name that is
neither "localhost" nor allowed is not even looked up. A name is looked up once; the addresses that
come are checked, and the connection is made to a checked address, not to the name. Method: `find`
makes Places, and only Places can be connected to. The rule belongs to the process: `admitting` adds
hosts (those of --allow-host) while a target is in use.
What it does NOT show: what libpq, a node or a store does with its own sockets; libpq is given a
checked address (fixtures/stack/database.py).
"""

from __future__ import annotations

import _socket
import contextlib
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from iceworthy.words.foreign import quoted

__all__ = [
    "NotAllowed",
    "Place",
    "Rule",
    "admitting",
    "begin",
    "connect",
    "find",
    "plain_url",
    "redirect_words",
]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv6Network("::1/128"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where connections may go. hosts: names allowed as they are written, such as
    "catalog.test.example" or "10.0.0.7". anywhere: for a program that is itself a catalog."""

    networks: tuple[Network, ...] = LOOPBACK
    hosts: frozenset[str] = frozenset()
    anywhere: bool = False

    def names(self, host: str) -> bool:
        """Whether this host is allowed by its name."""
        return self.anywhere or host.lower() in self.hosts

    def holds(self, address: str) -> bool:
        """Whether an address may be connected to, in whatever family it is written."""
        found = _plain(address)
        if found is None:
            return False
        allowed = {_plain(host) for host in self.hosts} - {None}
        return self.anywhere or found in allowed or any(found in one for one in self.networks)


class NotAllowed(OSError):
    """Nothing was sent: the host is neither this machine nor allowed by name. host: as it was
    named; address: what it stands for, "" when it was not looked up."""

    def __init__(self, host: str, address: str = "") -> None:
        where = f"{host!r} ({address})" if address and address != host else f"{host!r}"
        super().__init__(
            f"{where} is neither this machine nor allowed by name, so nothing was sent to it; if "
            f"it is yours, allow it with --allow-host {quoted(host)}"
        )
        self.host, self.address = host, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A checked address; only `find` makes it. where: as a socket of this family wants it."""

    host: str
    family: int
    where: tuple[Any, ...]

    @property
    def address(self) -> str:
        """The address alone, such as "127.0.0.1"."""
        return str(self.where[0])


LOCATION_MOST = 200
_lock = threading.Lock()
_rule = [Rule()]


def current() -> Rule:
    """The rule of this process."""
    return _rule[-1]


@contextlib.contextmanager
def ruled(rule: Rule) -> Iterator[None]:
    """Hold to this rule for a while, in all threads of the process."""
    with _lock:
        _rule.append(rule)
    try:
        yield
    finally:
        with _lock:
            _rule.remove(rule)


@contextlib.contextmanager
def admitting(hosts: Iterable[str]) -> Iterator[None]:
    """Allow these hosts by name too, for a while, in all threads of the process."""
    with ruled(replace(current(), hosts=current().hosts | {host.lower() for host in hosts})):
        yield


def admit(hosts: Iterable[str]) -> None:
    """Allow these hosts by name too, until the process ends."""
    admitting(hosts).__enter__()


def redirect_words(location: str) -> str:
    """What a redirect of a probe means: where it leads, that it is not followed, and what to do.

    location: the header of the answer, foreign text. Example: "a redirect to http://b/x, which is
    not followed; if b is yours, write that URL in the target file and allow it: --allow-host b".
    """
    shown = f"a redirect to {location[:LOCATION_MOST]}, which is not followed"
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        return shown
    if not host or current().names(host) or current().holds(host) or host == "localhost":
        return f"{shown}; write the URL that answers in the target file"
    return (
        f"{shown}; if {host} is yours, write that URL in the target file and allow it: "
        f"--allow-host {quoted(host)}"
    )


def find(host: str, port: int, *, rule: Rule | None = None) -> tuple[Place, ...]:
    """The addresses of a host that may be connected to, at least one.

    NotAllowed without a lookup for a name that is neither localhost nor allowed, and after it when
    none of the addresses may be connected to; OSError when the name means nothing.
    """
    rule = rule or current()
    is_named = rule.names(host)
    if not is_named and host.lower() != "localhost" and _plain(host) is None:
        raise NotAllowed(host)
    if not 0 < port < 65536:
        raise OSError(f"{port} is no port")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = tuple(
        Place(host=host, family=int(family), where=where)
        for family, _, _, _, where in found
        if is_named or rule.holds(str(where[0]))
    )
    if not places:
        raise NotAllowed(host, ", ".join(str(one[4][0]) for one in found[:4]))
    return places


def connect(host: str, port: int, *, timeout_s: float, rule: Rule | None = None) -> socket.socket:
    """A connection to the first address that accepts, all within one deadline. OSError as the last
    address gave it; TimeoutError past the deadline. The socket keeps what is left of the time."""
    deadline = time.monotonic() + timeout_s
    failure: OSError | None = None
    for place in find(host, port, rule=rule):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("connecting")
        try:
            raw = socket.socket(place.family, socket.SOCK_STREAM)
        except OSError as error:
            failure = error
            continue
        try:
            raw.settimeout(left)
            raw.connect(place.where)
            return raw
        except OSError as error:
            failure = error
            raw.close()
        except BaseException:
            raw.close()
            raise
    assert failure is not None
    raise failure


def begin(place: Place) -> tuple[_socket.socket, int]:
    """(a nonblocking socket whose connecting has begun, connect_ex's code): for an event loop."""
    sock = _socket.socket(place.family, _socket.SOCK_STREAM)
    sock.setblocking(False)
    return sock, sock.connect_ex(place.where)


_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")


def plain_url(url: str) -> SplitResult:
    """The parts of an http or https URL that a stranger wrote, in which every reader of URLs finds
    the same host; ValueError, with the reason, for any other.

    Example: "http://other:1\\@127.0.0.1" is 127.0.0.1 for urllib, and other:1 for urllib3.
    """
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise ValueError(f"{url[:200]!r} holds characters that no URL may hold")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{url[:200]!r} is no http or https URL")
    if "\\" in url or not _AUTHORITY.fullmatch(parts.netloc):
        raise ValueError(f"{url[:200]!r} names no host that all readers of URLs find alike")
    if parts.port == 0:  # ValueError by itself beyond 65535
        raise ValueError(f"{url[:200]!r} has the port 0")
    return parts


def _plain(text: str) -> Address | None:
    """The address that a text writes out, IPv4 where it is IPv4 inside IPv6; None for a name.

    Other forms of IPv4 that some resolvers take (0x7f.1, 2130706433, 0177.0.0.1) are names here.
    """
    try:
        found = ipaddress.ip_address(text.partition("%")[0] if ":" in text else text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found
