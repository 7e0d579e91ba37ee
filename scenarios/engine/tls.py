"""A session's connection under TLS: an ssl MemoryBIO between the socket and the parser.

Claim: everything that engine.http claims, for the plain bytes. A stream that ends without TLS's
close message is never taken for the regular end of a body.
Method: ssl.SSLObject over two memory buffers, so that the socket stays nonblocking and the hub does
all the work.
What it does NOT show: whether the certificate's name is the right one for the user; the machine's
trust store decides (SSL_CERT_FILE).
"""

from __future__ import annotations

import _socket
import ssl
from time import monotonic_ns

from scenarios.engine.http import READ_BYTES, Connection
from scenarios.engine.socket_errors import word_of


class TlsConnection(Connection):
    """A Connection whose bytes are encrypted."""

    __slots__ = ("_incoming", "_outgoing", "_shaken", "_tls")

    def _greet(self) -> bool:
        assert self._peer.tls is not None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = self._peer.tls.wrap_bio(
            self._incoming, self._outgoing, server_hostname=self._peer.host
        )
        self._shaken = False
        self._read_watcher.start(self._on_readable)
        word = self._shake()
        if word:
            self._end(word)
            self.close()
        elif not self._shaken:
            self._park()
        return not self.error

    def _shake(self) -> str:
        """One more step of the handshake; "" or the error word."""
        try:
            self._tls.do_handshake()
            self._shaken = True
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, ssl.CertificateError):
            self._flush()  # the alert that tells the peer why
            return "tls"
        return self._flush()

    def _flush(self) -> str:
        """Send TLS's own messages. They are small, so a peer that does not take them is gone."""
        data = self._outgoing.read()
        if not data or self._sock is None:
            return ""
        try:
            return "" if self._sock.send(data) == len(data) else "tls"
        except OSError as error:
            return word_of(error)

    def _seal(self, request: bytes) -> bytes:
        self._tls.write(request)
        return self._outgoing.read()

    def _is_dead(self) -> bool:
        if self._sock is None:
            return False
        try:
            return not self._sock.recv(1, _socket.MSG_PEEK)  # bytes may be a session ticket
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _on_readable(self) -> None:
        if self._sock is None:
            return
        try:
            data = self._sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(word_of(error))
            return
        now_ns = monotonic_ns()
        if not data:
            self._lost("closed" if self._shaken else "tls")
            return
        self._incoming.write(data)
        if not self._shaken:
            word = self._shake()
            if word:
                self._fail(word)
                return
            if self._shaken:
                self.reactor.wake(self._waiting, now_ns)
            return
        self._open_records(now_ns)

    def _open_records(self, now_ns: int) -> None:
        pieces: list[bytes] = []
        ended = False
        try:
            while piece := self._tls.read(READ_BYTES):
                pieces.append(piece)
            ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            ended = True
        except ssl.SSLError:
            self._lost("tls")
            return
        self._flush()
        sock = self._sock
        if pieces:
            self._received(b"".join(pieces), now_ns)
        if ended and self._sock is sock:  # with its answer the session may have gone on to another
            self._received(b"", now_ns)
