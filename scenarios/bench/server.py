"""A catalog-shaped server with very little CPU cost, for measuring load generators.

Claim: it answers every request after --delay-ms, counts requests and connections, and stops
answering for --stall-s after SIGUSR1. On SIGTERM it prints its counts as JSON.
Method: one selector loop over raw sockets; a table answer is about 2 KB, different for each path.
What it does NOT show: anything about catalogs.
"""

from __future__ import annotations

import argparse
import heapq
import json
import selectors
import signal
import socket
import sys
import time
import uuid
from typing import Any

from iceworthy.specification import OPERATIONS, advertised_name

READ_BYTES = 64 * 1024
BACKLOG = 4096
BODY_BYTES = 2048


class BenchServer:
    """One listening port, served by run() until stop()."""

    def __init__(self, *, port: int, delay_ms: float, stall_s: float) -> None:
        self.counted: dict[str, Any] = {
            "requests": 0,
            "accepted": 0,
            "open": 0,
            "open_max": 0,
            "stalls": [],
        }
        self._delay_ns = int(delay_ms * 1e6)
        self._stall_s = stall_s
        self._stall_asked = False
        self._stopped = False
        self._answers: dict[bytes, bytes] = {}
        self._open: dict[int, socket.socket] = {}
        self._pending: dict[int, bytes] = {}
        self._due: list[tuple[int, int, socket.socket, bytes]] = []
        self._number = 0
        self._listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def stall(self, *_: object) -> None:
        """Stop answering at the next turn of the loop, for stall_s."""
        self._stall_asked = True

    def stop(self, *_: object) -> None:
        self._stopped = True

    def run(self) -> None:
        """Serve until stop()."""
        own = self._listener.fileno()
        while not self._stopped:
            for key, _ in self._selector.select(self._wait_s()):
                fd = key.fd
                if fd == own:
                    self._accept()
                else:
                    self._read(fd)
            if self._stall_asked:
                self._stand_still()
            self._answer_due()
        for sock in (*self._open.values(), self._listener):
            sock.close()
        self._selector.close()

    def _wait_s(self) -> float:
        if not self._due:
            return 0.5
        return max(0.0, (self._due[0][0] - time.monotonic_ns()) / 1e9)

    def _stand_still(self) -> None:
        self._stall_asked = False
        start_ns = time.monotonic_ns()
        time.sleep(self._stall_s)
        self.counted["stalls"].append([start_ns, time.monotonic_ns()])

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open[sock.fileno()] = sock
            self._selector.register(sock, selectors.EVENT_READ)
            self.counted["accepted"] += 1
            self.counted["open"] = len(self._open)
            self.counted["open_max"] = max(self.counted["open_max"], len(self._open))

    def _read(self, fd: int) -> None:
        sock = self._open[fd]
        try:
            data = sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(sock)
            self._pending.pop(fd, None)
            del self._open[fd]
            sock.close()
            return
        data = self._pending.pop(fd, b"") + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._pending[fd] = data
            return
        self.counted["requests"] += 1
        answer = self._answer(data[: data.find(b"\r\n")])
        if self._delay_ns:
            self._number += 1
            due_ns = time.monotonic_ns() + self._delay_ns
            heapq.heappush(self._due, (due_ns, self._number, sock, answer))
        else:
            self._send(sock, answer)

    def _answer_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic_ns():
            _, _, sock, answer = heapq.heappop(self._due)
            self._send(sock, answer)

    def _send(self, sock: socket.socket, answer: bytes) -> None:
        try:
            sock.send(answer)
        except OSError:
            return  # the client is gone; its EOF will be read

    def _answer(self, start_line: bytes) -> bytes:
        found = self._answers.get(start_line)
        if found is None:
            found = self._answers[start_line] = _answer_to(start_line)
        return found


def _answer_to(start_line: bytes) -> bytes:
    method, path = start_line.split(b" ")[:2]
    if path.startswith(b"/v1/config"):
        listed = [advertised_name(one) for one in OPERATIONS]
        body = json.dumps({"defaults": {}, "overrides": {}, "endpoints": listed}).encode()
    else:
        body = json.dumps(_table(path.decode())).encode()
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: bench\r\n"
        b"Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    return head if method == b"HEAD" else head + body


def _table(path: str) -> dict[str, Any]:
    location = f"file:///bench{path}"
    metadata = {
        "format-version": 2,
        "table-uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, path)),
        "location": location,
        "last-sequence-number": 0,
        "current-snapshot-id": None,
        "refs": {},
        "snapshots": [],
        "snapshot-log": [],
        "metadata-log": [],
        "properties": {},
        "schemas": [],
    }
    answer = {
        "metadata-location": f"{location}/metadata/0.json",
        "metadata": metadata,
        "config": {},
    }
    missing = BODY_BYTES - len(json.dumps(answer)) - len('"pad": "", ')
    answer["config"] = {"pad": "x" * max(0, missing)}
    return answer


def main() -> None:
    """Serve until SIGTERM; the first line of stdout is the port, the last the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--stall-s", type=float, default=2.0)
    options = parser.parse_args()
    server = BenchServer(port=options.port, delay_ms=options.delay_ms, stall_s=options.stall_s)
    signal.signal(signal.SIGUSR1, server.stall)
    signal.signal(signal.SIGTERM, server.stop)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.run()
    sys.stdout.write(json.dumps(server.counted) + "\n")


if __name__ == "__main__":
    main()
