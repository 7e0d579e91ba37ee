"""TLS: a valid certificate, no broken protocol versions, and no plain text beside it."""

from __future__ import annotations

import contextlib
import ssl
import time
import warnings
from urllib.parse import urlsplit

from iceworthy.client import gate
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.words.blame import EvidenceKind

PLACE = "FR-012"

FR = "FR-012"
TLS = ("tls",)
WAIT_S = 5.0
STALLED = 30
OLD = {"TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1}
NEW = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}


@case(
    "",
    requirement=FR,
    needs=TLS,
    says="the certificate's chain is valid for the host, the version 1.2 or newer",
)
def the_certificate_is_valid_and_the_version_new(desk: Desk) -> None:
    for node in range(len(desk.live.nodes)):
        trusted = ssl.create_default_context(cafile=desk.live.spec.keyring.ca_file or None)
        found = _handshake(desk, trusted, node=node)
        desk.that(
            "handshake",
            found in ("TLSv1.2", "TLSv1.3"),
            expected="a valid chain, and TLS 1.2 or newer",
            got=found,
        )


@case("", requirement=FR, needs=TLS, says="TLS 1.2 or 1.3 is accepted")
def a_version_of_today_is_spoken(desk: Desk) -> None:
    found = {name: _handshake(desk, _only(version)) for name, version in NEW.items()}
    spoken = any(word.startswith("TLS") for word in found.values())
    desk.that("versions", spoken, expected="at least one of them accepted", got=found)


@case("", requirement=FR, needs=TLS, each=OLD, says="versions below TLS 1.2 are refused")
def an_old_version_is_refused(desk: Desk, version: ssl.TLSVersion) -> None:
    context = _only(version)
    if not _can_speak(version):
        desk.skip(f"this machine's TLS library cannot use {version.name}")
    found = _handshake(desk, context)
    desk.that("handshake", not found.startswith("TLS"), expected="refused", got=found)


@case("getConfig", requirement=FR, needs=TLS, says="the catalog is not also served without TLS")
def plain_http_on_the_same_port_is_not_served(desk: Desk) -> None:
    host, port = _place(desk, 0)
    request = f"GET {desk.wire.base}/v1/config HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
    with gate.connect(host, port, timeout_s=WAIT_S) as link:
        link.sendall(request.encode())
        found = b""
        with contextlib.suppress(OSError):
            found = link.recv(4096)
    head = found.split(b"\r\n")[0].decode("latin-1")
    desk.that("answer", " 200" not in head, expected="none, or an error", got=head)


@case(
    "getConfig",
    requirement=FR,
    needs=TLS,
    says="clients that open connections and send nothing do not delay others",
)
def handshakes_that_stall_hold_up_nobody(desk: Desk) -> None:
    with contextlib.ExitStack() as stalled:
        for _ in range(STALLED):
            link = stalled.enter_context(gate.connect(*_place(desk, 0), timeout_s=WAIT_S))
            link.sendall(b"\x16\x03\x01")  # the first bytes of a handshake; the rest is never sent
        began = time.monotonic()
        desk.expect(desk.do("listNamespaces"), 200)
        took = time.monotonic() - began
    late, bound = EvidenceKind.LATENESS, f"within {WAIT_S} s"
    desk.that("answer", took < WAIT_S, expected=bound, got=f"{took:.1f} s", evidence=late)


def _place(desk: Desk, node: int) -> tuple[str, int]:
    parts = urlsplit(desk.live.nodes[node].url)
    return parts.hostname or "", parts.port or 443


def _only(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A context for this version only. It does not check the certificate: that is another case."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(ssl.SSLError):
        context.set_ciphers("ALL:@SECLEVEL=0")  # otherwise this machine's policy refuses
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the case asks about old versions
        context.minimum_version = context.maximum_version = version
    return context


def _can_speak(version: ssl.TLSVersion) -> bool:
    """Whether this machine's TLS library can offer this version."""
    try:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        _only(version).wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        return bool(outgoing.read())
    except (ssl.SSLError, ValueError):
        return False
    return False


def _handshake(desk: Desk, context: ssl.SSLContext, *, node: int = 0) -> str:
    """The version that was agreed on, or the reason why there is no connection."""
    host, port = _place(desk, node)
    try:
        with (
            gate.connect(host, port, timeout_s=WAIT_S) as raw,
            context.wrap_socket(raw, server_hostname=host) as link,
        ):
            return link.version() or "none"
    except (OSError, ValueError) as error:
        return f"no connection: {getattr(error, 'reason', '') or error}"
