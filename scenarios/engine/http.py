"""The HTTP/1.1 connection of a session: sends each request once and records its exchange.

Claim: for each exchange it is known whether a byte of the request left this process (sent_ns), when
its last byte was handed to the kernel (flushed_ns), and whether the answer arrived whole.
Method: one nonblocking socket for each session on gevent's loop. The hub timestamps and parses the
answer, and switches to the session only when the answer is whole. A kept connection that the peer
closed is reopened only if no byte of the request has left.
What it does NOT show: whether the peer received the bytes that the kernel took.
"""

from __future__ import annotations

import _socket
import errno
import os
from time import monotonic_ns
from typing import Any

from greenlet import getcurrent

from iceworthy.client import gate
from iceworthy.client.http_answer import HttpAnswer, Malformed
from iceworthy.record.history import FLAG_CLOSE, FLAG_EXCESS, FLAG_REUSED, FLAG_TORN
from scenarios.engine.fast_answer import whole_answer
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor
from scenarios.engine.socket_errors import word_of

READ, WRITE = 1, 2
IO_PRIORITY = (
    1  # Read events run before timers: a closed connection is dropped before its session sends.
)
READ_BYTES = 64 * 1024
PEEK_AFTER_NS = 1_000_000  # do not peek at the socket if its last answer is younger than this
FRESH_NS = 50_000  # do not peek either if the loop polled all sockets less than this ago


class Connection:
    """One session's connection. After exchange() its public attributes hold the result."""

    __slots__ = (
        "_busy",
        "_peer",
        "_read_watcher",
        "_recv",
        "_slow",
        "_sock",
        "_timeout_ns",
        "_to_head",
        "_unsent",
        "_waiting",
        "_write_watcher",
        "body",
        "complete",
        "completed_ns",
        "error",
        "flags",
        "flushed_ns",
        "opened",
        "reactor",
        "sent_ns",
        "size",
        "status",
    )

    def __init__(self, reactor: Reactor, peer: Peer, timeout_s: float) -> None:
        self.reactor = reactor
        self.opened = 0  # how many connections were opened, the first included
        self.completed_ns = 0
        self._peer = peer
        self._timeout_ns = int(timeout_s * 1e9)
        self._sock: _socket.socket | None = None
        self._read_watcher: Any = None
        self._write_watcher: Any = None
        self._busy = False
        self._waiting: list[Any] = [None]
        self._unsent: memoryview | None = None
        self._begin(0, to_head=False)
        self._busy = False
        del reactor.in_flight[self]

    @property
    def is_open(self) -> bool:
        return self._sock is not None

    def connect(self) -> bool:
        """Open the connection now, without a request; False if that failed (`error` says why)."""
        self._begin(monotonic_ns(), to_head=False)
        try:
            return self._sock is not None or self._open()
        except BaseException:
            self._abandon()
            raise
        finally:
            self._busy = False
            self.reactor.in_flight.pop(self, None)

    def exchange(self, request: bytes, *, to_head: bool) -> None:
        """Send one request once; parks the calling greenlet until an answer, an error or a
        timeout.
        """
        now_ns = monotonic_ns()
        quiet_ns = now_ns - self.completed_ns
        self._begin(now_ns, to_head=to_head)
        try:
            if (
                quiet_ns > PEEK_AFTER_NS
                and now_ns - self.reactor.fresh_ns > FRESH_NS
                and self._is_dead()
            ):
                self.close()
            if self._send_once(request):
                self._waiting = [getcurrent()]
                self.reactor.hub.switch()
        except BaseException:  # the greenlet was killed while it waited
            self._abandon()
            raise
        finally:
            self._busy = False
            if self in self.reactor.in_flight:
                del self.reactor.in_flight[self]

    def close(self) -> None:
        """Close the socket; the next exchange opens a new one."""
        if self._sock is None:
            return
        for watcher in (self._read_watcher, self._write_watcher):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._read_watcher = self._write_watcher = None
        self._unsent = None
        self._sock.close()
        self._sock = None
        self.reactor.connected -= 1

    def expire(self) -> None:
        """Called by the reactor when this exchange has timed out."""
        self._fail("timeout")

    def _abandon(self) -> None:
        """The waiting greenlet was killed: nothing may wake it, and its answer is dropped."""
        self._waiting[0] = None
        self._end("stopped")
        self.close()

    def _begin(self, now_ns: int, *, to_head: bool) -> None:
        self.reactor.in_flight[self] = now_ns + self._timeout_ns
        self._busy = True
        self.completed_ns = 0
        self.status = 0
        self.body = b""
        self.complete = False
        self.error = ""
        self.flags = 0
        self.size = 0
        self.sent_ns = 0
        self.flushed_ns = 0
        self._to_head = to_head
        self._slow: HttpAnswer | None = None

    # --- sending -----------------------------------------------------------------------------

    def _is_dead(self) -> bool:
        """Whether the peer has closed, or sent unrequested bytes, since the last answer; sends
        nothing.
        """
        if self._sock is None:
            return False
        try:
            self._sock.recv(1, _socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _send_once(self, request: bytes) -> bool:
        """Send the request, or begin to; False if the exchange ended already, without an answer."""
        reused = self._sock is not None
        while True:
            if self._sock is None and not self._open():
                return False
            sock = self._sock
            assert sock is not None
            wire = request if self._peer.tls is None else self._seal(request)
            self.sent_ns = monotonic_ns()
            try:
                count = sock.send(wire)
            except BlockingIOError:
                count = 0
            except OSError as error:
                # The kernel took no byte. Only a connection that had idled may be opened anew, and
                # only once: on a fresh one it is the peer's answer to this very request.
                self.sent_ns = 0
                self.close()
                if not reused:
                    self._end(word_of(error))
                    return False
                reused = False
                continue
            break
        if reused:
            self.flags |= FLAG_REUSED
        if count == len(wire):
            self.flushed_ns = monotonic_ns()
        else:
            self._unsent = memoryview(wire)[count:]
            self._watch_writable(self._on_writable)
        return True

    def _on_writable(self) -> None:
        sock, unsent = self._sock, self._unsent
        if sock is None or unsent is None:
            return
        try:
            count = sock.send(unsent)
        except BlockingIOError:
            return
        except OSError as error:
            self._unsent = None
            self._stop_writing()
            # The peer may answer and close before it has read everything; its answer counts.
            waiting = self._waiting
            self._on_readable()
            # The session may have begun another exchange by now; leave that one alone.
            if self._waiting is waiting and waiting[0] is not None and not self.completed_ns:
                self._fail(word_of(error))
            return
        self._unsent = unsent[count:]
        if not len(self._unsent):
            self.flushed_ns = monotonic_ns()
            self._unsent = None
            self._stop_writing()

    def _watch_writable(self, callback: Any) -> None:
        assert self._sock is not None
        self._write_watcher = self.reactor.loop.io(self._sock.fileno(), WRITE)
        self._write_watcher.start(callback)

    def _stop_writing(self) -> None:
        if self._write_watcher is not None:
            self._write_watcher.stop()
            self._write_watcher.close()
            self._write_watcher = None

    # --- connecting --------------------------------------------------------------------------

    def _open(self) -> bool:
        """Connect and, under TLS, shake hands; False after _end() if that failed."""
        try:
            sock, code = gate.begin(self._peer.place())
        except OSError as error:
            self._end(word_of(error))
            return False
        sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self._sock = sock
        self.reactor.connected += 1
        if code not in (0, errno.EINPROGRESS):
            self.close()
            self._end(word_of(OSError(code, os.strerror(code))))
            return False
        if code:
            self._watch_writable(self._on_connected)
            self._park()
            if self.error:
                return False
        if self._is_loop(sock):
            self.close()
            self._end("refused")
            return False
        self.opened += 1
        self._read_watcher = self.reactor.loop.io(sock.fileno(), READ, True, IO_PRIORITY)
        return self._greet()

    def _on_connected(self) -> None:
        assert self._sock is not None
        self._stop_writing()
        code = self._sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
        if code:
            self._fail(word_of(OSError(code, os.strerror(code))))
        else:
            self.reactor.wake(self._waiting, monotonic_ns())

    def _is_loop(self, sock: _socket.socket) -> bool:
        """Whether the socket is connected to itself: happens on loopback, above port 32767 without
        a listener.
        """
        try:
            return bool(sock.getsockname() == sock.getpeername())
        except OSError:
            return False  # already gone: the first send will fail

    def _greet(self) -> bool:
        """Start reading. A TLS connection shakes hands here."""
        self._read_watcher.start(self._on_readable)
        return True

    def _seal(self, request: bytes) -> bytes:
        """The bytes for the wire: encrypted under TLS, else unchanged."""
        raise NotImplementedError

    # --- receiving, in the hub ---------------------------------------------------------------

    def _on_readable(self) -> None:
        sock = self._sock
        if sock is None:
            return
        try:
            data = sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(word_of(error))
            return
        self._received(data, monotonic_ns())

    def _received(self, data: bytes, now_ns: int) -> None:
        """Take plain bytes of the answer; empty bytes: the stream ended cleanly."""
        if not self._busy or self.completed_ns:
            if data and self._busy:
                self.flags |= FLAG_EXCESS  # the session has not run yet since its answer was whole
                self.size += len(data)
            self.close()
        elif not data:
            self._ended(now_ns)
        else:
            self.size += len(data)
            if self._slow is None:
                usual = whole_answer(data, to_head=self._to_head)
                if usual is not None:
                    self.status, self.body, closes = usual
                    self._whole(now_ns, keeps=not closes, closes=closes)
                    return
                self._slow = HttpAnswer(method="HEAD" if self._to_head else "GET")
            self._feed(self._slow, data, now_ns)

    def _feed(self, slow: HttpAnswer, data: bytes, now_ns: int) -> None:
        try:
            slow.feed(data)
        except (Malformed, ValueError):  # ValueError: a length of thousands of digits
            self.status = slow.status
            self._fail("malformed")
            return
        if slow.complete:
            if slow.excess:
                self.flags |= FLAG_EXCESS
            self.status, self.body = slow.status, slow.body
            self._whole(now_ns, keeps=slow.keeps, closes=slow.closes)

    def _ended(self, now_ns: int) -> None:
        slow = self._slow
        if slow is not None:
            slow.end()
            if slow.complete:
                self.status, self.body = slow.status, slow.body
                self._whole(now_ns, keeps=False, closes=True)
                return
        self._lost("closed")

    def _whole(self, now_ns: int, *, keeps: bool, closes: bool) -> None:
        self.completed_ns = now_ns
        self.complete = True
        if closes:
            self.flags |= FLAG_CLOSE
        if not keeps or self._unsent is not None:
            self.close()  # answered before it was sent: its rest would be read as the next one
        del self.reactor.in_flight[self]
        self.reactor.wake(self._waiting, now_ns)

    def _lost(self, word: str) -> None:
        """The connection is gone: when idle it is only closed, in use its exchange ends too."""
        if self._busy and not self.completed_ns:
            self._fail("torn" if self.size else word)
        else:
            self.close()

    def _fail(self, word: str) -> None:
        """End the exchange from the hub, and wake its session."""
        self._end(word)
        self.close()
        self.reactor.in_flight.pop(self, None)
        self.reactor.wake(self._waiting, self.completed_ns)

    def _end(self, word: str) -> None:
        if self.completed_ns:
            return
        slow = self._slow
        if slow is not None:
            self.status = slow.status
        if self.size:
            self.flags |= FLAG_TORN
        self.error = word
        self.completed_ns = monotonic_ns()

    def _park(self) -> None:
        self._waiting = [getcurrent()]
        self.reactor.hub.switch()
