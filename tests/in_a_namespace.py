"""Asks the contract's cases of a catalog that names a stranger wherever an answer holds a URL.

For `python -m tests.in_a_namespace PATTERN…`, as root: the process goes into a network namespace of
its own, in which the stranger's address stands on the loopback device, and every packet to an
address that is not 127.0.0.0/8 is counted there. Prints one JSON object: `packets` while the cases
were asked, `control` after one connection that was allowed by name, and how each case ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import http.server
import json
import os
import socket
import struct
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

STRANGER = "203.0.113.7"
HOSTILE = f"http://{STRANGER}:9/x"
NEAR = "http://127.0.0.1:9"
PAIR = ("mine", "other")  # of the cases about a store, whose tables must lie on one
NEW_NETWORK = 0x40000000
SET_ADDRESS, GET_FLAGS, SET_FLAGS, UP = 0x8916, 0x8913, 0x8914, 1
ALL_PACKETS = 3
NOT_MADE = 3


def enter() -> None:
    """Go into a new network namespace with a loopback device that has the stranger's address."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        _raise_device(device, b"lo")
        where = socket.inet_aton(STRANGER)
        address = struct.pack("<HH4s8s", socket.AF_INET, 0, where, b"")
        fcntl.ioctl(device, SET_ADDRESS, struct.pack("16s16s", b"lo:1", address))


def _raise_device(device: socket.socket, name: bytes) -> None:
    flags = struct.unpack(
        "16sH14s", fcntl.ioctl(device, GET_FLAGS, struct.pack("16sH14s", name, 0, b""))
    )[1]
    fcntl.ioctl(device, SET_FLAGS, struct.pack("16sH14s", name, flags | UP, b""))


class Watch:
    """Counts the packets to addresses other than 127.0.0.0/8 and ::1."""

    def __init__(self) -> None:
        self.packets = 0
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_PACKETS))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            packet, (_, protocol, *_) = self._socket.recvfrom(65536)
            if protocol == 0x0800:
                self.packets += packet[16] != 127
            elif protocol == 0x86DD and packet[24:40] != b"\0" * 15 + b"\1":
                self.packets += packet[24] != 0xFF  # not the kernel's own multicast


def table(name: str, endpoint: str = HOSTILE) -> dict[str, Any]:
    """A LoadTableResult in which everything that can name a host names the stranger. endpoint: of
    the store, which must be near for a case to go on to the signed request."""
    location = f"s3://bucket/{name}"
    storage = {
        "s3.endpoint": endpoint,
        "s3.access-key-id": "a",
        "s3.secret-access-key": "s",
        "s3.session-token": "t",
        "s3.session-token-expires-at-ms": str(int(time.time() * 1000) + 600_000),
        "s3.path-style-access": "true",
        "client.region": "us-east-1",
        "client.refresh-credentials-endpoint": HOSTILE,
        "s3.remote-signing-enabled": "true",
        "s3.signer.uri": HOSTILE,
        "s3.signer.endpoint": HOSTILE,
        "signer.uri": HOSTILE,
        "signer.endpoint": HOSTILE,
        "uri": HOSTILE,
        "token": "t",
    }
    field = {"id": 1, "name": "id", "type": "long", "required": False}
    metadata = {
        "format-version": 2,
        "table-uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "location": location,
        "last-sequence-number": 0,
        "last-updated-ms": int(time.time() * 1000),
        "last-column-id": 1,
        "current-schema-id": 0,
        "schemas": [{"type": "struct", "schema-id": 0, "fields": [field]}],
        "default-spec-id": 0,
        "partition-specs": [{"spec-id": 0, "fields": []}],
        "last-partition-id": 999,
        "default-sort-order-id": 0,
        "sort-orders": [{"order-id": 0, "fields": []}],
        "properties": {"write.data.path": HOSTILE, "write.metadata.path": HOSTILE},
    }
    return {
        "metadata-location": f"{location if name in PAIR else HOSTILE}/0.metadata.json",
        "metadata": metadata,
        "config": storage,
        "storage-credentials": [{"prefix": location, "config": storage}],
    }


def answer(
    method: str, path: str, body: bytes, *, endpoints: list[str], signs: bool
) -> tuple[int, Any]:
    """A plausible answer to any request of the document. signs: remote signing is asked for."""
    bare, last = path.partition("?")[0], path.partition("?")[0].rpartition("/")[2]
    if bare in ("/health", "/ready"):
        return 200, {}
    if bare == "/metrics":
        return 302, {}
    if bare.endswith("/oauth/tokens"):
        return 200, {"access_token": "t", "token_type": "bearer", "expires_in": 60}
    if bare == "/v1/config":
        settings = {"uri": HOSTILE, "oauth2-server-uri": HOSTILE, "rest.uri": HOSTILE}
        return 200, {"defaults": settings, "overrides": settings, "endpoints": endpoints}
    if method in ("HEAD", "DELETE"):
        return 204, None
    if last == "sign":
        return 200, {"uri": HOSTILE, "headers": {}}
    if last == "credentials":
        return 200, {"storage-credentials": table("mine")["storage-credentials"]}
    if last in ("plan", "tasks") or "/plan/" in bare:
        tasks = [{"data-file": {"file-path": HOSTILE, "content": "data"}}]
        return 200, {"status": "completed", "plan-id": HOSTILE, "file-scan-tasks": tasks}
    if last == "namespaces":
        made = json.loads(body or b"{}").get("namespace")
        page = {"namespaces": [["a"]], "next-page-token": HOSTILE}
        return 200, {"namespace": made, "properties": {}} if method == "POST" else page
    if last in ("tables", "views") and method == "GET":
        names = [{"namespace": ["a"], "name": "t"}]
        return 200, {"identifiers": names, "next-page-token": f"//{STRANGER}:9/x"}
    if "/tables" in bare or last == "register":
        named = json.loads(body or b"{}").get("name") or last
        return 200, table(str(named), NEAR if signs else HOSTILE)
    return 200, {"namespace": ["a"], "properties": {"location": HOSTILE}}


def serve() -> http.server.ThreadingHTTPServer:
    """The hostile catalog, on a free port of 127.0.0.1; each answer has headers with URLs too."""
    from iceworthy.specification import OPERATIONS, advertised_name

    endpoints = [advertised_name(one) for one in OPERATIONS]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            signs = self.headers.get("X-Iceberg-Access-Delegation") == "remote-signing"
            try:
                found = answer(self.command, self.path, body, endpoints=endpoints, signs=signs)
            except (ValueError, AttributeError):  # of an odd body
                found = 400, {}
            status, said = found
            data = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            for name in ("Location", "Content-Location", "Link", "Refresh", "Alt-Svc"):
                self.send_header(name, HOSTILE)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_HEAD = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def ask(patterns: list[str], url: str, folder: Path) -> dict[str, list[str]]:
    """Ask these cases; how each ended, and what came."""
    from iceworthy.contract.inquiries import InquiryPlan
    from iceworthy.contract.run import inquire
    from iceworthy.record.contract_lines import CaseResult
    from iceworthy.record.known import Known
    from iceworthy.record.run_folder import RunFolder
    from iceworthy.words.target import NodeSpec, TargetSpec
    from tests.servers import FakeLive, FakeNode

    run = RunFolder(folder / "contract")
    run.logs.mkdir(parents=True)
    spec = TargetSpec(name="hostile", summary="", node=NodeSpec(urls=(url,)))
    live: Any = FakeLive(spec=spec, nodes=[FakeNode(0, url)], folder=run)
    plan = InquiryPlan(
        seed=1, token="", known=Known(), params={"cases": tuple(patterns)}, say=lambda text: None
    )
    inquire(live, run, plan)
    return {one.case: [one.ended, one.got] for one in run.read(CaseResult)}


def main() -> int:
    """See the module."""
    try:
        enter()
        watch = Watch()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_MADE
    from iceworthy.client import gate

    server = serve()
    with tempfile.TemporaryDirectory() as work:
        cases = ask(sys.argv[1:], f"http://127.0.0.1:{server.server_address[1]}", Path(work))
    packets = watch.packets
    with gate.admitting({STRANGER}), contextlib.suppress(OSError):
        gate.connect(STRANGER, 9, timeout_s=1).close()
    for _ in range(100):
        if watch.packets > packets:
            break
        time.sleep(0.05)
    found = {"packets": packets, "control": watch.packets - packets, "cases": cases}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
