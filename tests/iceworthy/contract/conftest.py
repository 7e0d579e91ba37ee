"""A server with scripted answers, and a desk that asks it: the contract's frame without a
catalog.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.client.auth import HeaderSource
from iceworthy.client.connect import Config
from iceworthy.client.wire import Wire
from iceworthy.contract.desk import Desk
from iceworthy.record.known import Known
from iceworthy.specification import OPERATIONS, advertised_name
from iceworthy.words.target import NodeSpec, TargetSpec

Answers = dict[tuple[str, str], tuple[int, bytes]]
NOT_FOUND = (404, b"{}")


class Server(http.server.ThreadingHTTPServer):
    """Answers by method and path; what it was asked is kept. kind: the Content-Type, or ""."""

    request_queue_size = 128
    daemon_threads = False  # closing it waits for them
    answers: Answers
    otherwise: tuple[int, bytes]
    asked: list[tuple[str, str, dict[str, str], bytes]]
    kind: str = ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet: else each answer waits for an acknowledgement
    disable_nagle_algorithm = True
    server: Server

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, text = self.server.answers.get((self.command, self.path), self.server.otherwise)
        if status == 0:
            self.close_connection = True
            return
        if status == 204:
            text = b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if self.server.kind:
            self.send_header("Content-Type", self.server.kind)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_HEAD = do_DELETE = do_PUT = do_PATCH = _answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as one:
        one.answers, one.asked, one.otherwise = {}, [], NOT_FOUND
        thread = threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield one
        one.shutdown()
        thread.join(60)


@pytest.fixture
def desk_on(server: Server) -> Iterator[Callable[..., Desk]]:
    """desk_on(config, nodes=1): a desk whose every node is the server."""
    url = f"http://127.0.0.1:{server.server_address[1]}"
    made: list[Desk] = []

    def make(config: Config, *, nodes: int = 1, **spec: Any) -> Desk:
        given = {"node": NodeSpec(urls=(url,) * nodes), **spec}
        live: Any = SimpleNamespace(
            spec=TargetSpec(name="t", summary="", **given),
            database=None,
            warehouse_folder=None,
            warehouse_bucket=None,
            nodes=[SimpleNamespace(url=url, index=index, lifecycle=None) for index in range(nodes)],
        )
        source = HeaderSource(
            {"Authorization": "Bearer s3cret"}, shown={"Authorization": "Bearer $TOKEN"}
        )
        made.append(
            Desk(live, Wire(prefix="p"), [source] * nodes, config=config, stem="iw", known=Known())
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def desk(desk_on: Callable[..., Desk]) -> Desk:
    return desk_on(Config())


@pytest.fixture
def whole_desk(desk_on: Callable[..., Desk]) -> Desk:
    """A desk on a target of two nodes that offers everything."""
    everything = tuple(advertised_name(one) for one in OPERATIONS)
    return desk_on(Config(endpoints=everything), nodes=2)
