"""One HTTP/1.1 connection to one server: a request is sent exactly once, or certainly not at all.

Claim: for each exchange it is known whether a byte may have left, when the last byte of the request
was handed to the kernel, and whether the whole answer arrived, all within one total deadline.
Method: a plain socket, so that no layer between can send again or hide a torn body. A kept
connection that the server has closed is found before the first byte is sent; only then is it opened
again.
What it does NOT show: whether the server received the bytes that the kernel took.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from iceworthy.client import gate
from iceworthy.client.http_answer import HttpAnswer, Malformed
from iceworthy.record.history import FLAG_CLOSE, FLAG_REUSED, FLAG_TORN

_READ_BYTES = 64 * 1024
PLAIN = {"Accept-Encoding": "identity"}
"""In every request: who names no coding accepts each (RFC 9110 12.5.3), and none is decoded."""
NOT_ALLOWED = "not-allowed"
_GONE = frozenset(
    {errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED, errno.ENOTCONN, errno.ESHUTDOWN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The result of one request. error: "" when the answer is whole, else the transport's word:
    refused, unreachable, resolve, not-allowed (client/gate.py), tls, timeout, reset, closed, torn,
    malformed or no-descriptor.

    status 0: no whole head arrived. sent_ns 0: certainly no byte left. flushed_ns 0: not all bytes
    left.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = False
    error: str = ""
    detail: str = ""
    sent_ns: int = 0
    flushed_ns: int = 0
    completed_ns: int = 0
    size: int = 0
    reused: bool = False
    closes: bool = False

    @property
    def sent_bytes(self) -> bool:
        """Whether a byte of the request may have left this process."""
        return self.sent_ns != 0

    @property
    def location(self) -> str:
        """Where a redirect leads, as the server wrote it; "" of every other answer."""
        return self.headers.get("location", "") if 300 <= self.status < 400 else ""

    @property
    def torn(self) -> bool:
        """The answer began and did not end as announced."""
        return self.size > 0 and not self.complete

    @property
    def flags(self) -> int:
        """As a history stores them."""
        return FLAG_REUSED * self.reused | FLAG_CLOSE * self.closes | FLAG_TORN * self.torn


class Connection:
    """A connection to scheme://host[:port]; opened when first needed. Not for several threads."""

    def __init__(self, url: str, *, ca_file: str = "", is_checked: bool = True) -> None:
        """is_checked: whether a server must prove who it is, by its certificate."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no http or https URL")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        self._authority = parts.netloc.rpartition("@")[2]
        self._context = _tls(ca_file, is_checked) if self._secure else None
        self._socket: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float,
    ) -> Exchange:
        """Send one request once and read its answer; never raises for what a server may do."""
        deadline = time.monotonic() + timeout_s
        data = self._bytes(method, path, headers, body)
        reused = self._usable()
        progress = _Progress()
        try:
            if not reused:
                self._open(deadline)
            try:
                self._send(data, deadline, progress)
            except OSError as error:
                if not (reused and not progress.sent_ns and error.errno in _GONE):
                    raise
                # Closed between the look and the send, and the kernel took no byte: still unsent.
                self.close()
                reused = False
                self._open(deadline)
                self._send(data, deadline, progress)
            return self._finish(self._read(method, deadline, progress), progress, reused)
        except OSError as error:
            # A server may answer and close before it has read a whole body: that answer counts.
            early = self._early(method, deadline, progress, error)
            return self._finish(early, progress, reused, error)

    def _bytes(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in {**PLAIN, **headers}.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        elif method in ("POST", "PUT"):
            lines.append("Content-Length: 0")
        head = "\r\n".join(lines)
        if any(character < " " for line in lines for character in line) or " " in path:
            raise ValueError(f"a control character or a space in the request to {path!r}")
        return f"{head}\r\n\r\n".encode("latin-1") + (body or b"")

    def _usable(self) -> bool:
        """Whether the kept connection is still open and silent."""
        if self._socket is None:
            return False
        try:
            self._socket.setblocking(False)
            self._socket.recv(1)  # end of stream, or bytes that nobody asked for
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        self.close()
        return False

    def _open(self, deadline: float) -> None:
        raw = self._connect(deadline)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is None:
            self._socket = raw
            return
        try:
            raw.settimeout(_left(deadline))
            # An end without TLS's close message must raise, else a cut body would look whole.
            self._socket = self._context.wrap_socket(
                raw, server_hostname=self._host, suppress_ragged_eofs=False
            )
        except TimeoutError as error:
            raw.close()
            raise _TransportError("timeout", "TLS handshake") from error
        except (OSError, ValueError) as error:
            raw.close()
            raise _TransportError("tls", str(error)) from error

    def _connect(self, deadline: float) -> socket.socket:
        """The first address that accepts; all of them together have until the deadline."""
        try:
            return gate.connect(self._host, self._port, timeout_s=_left(deadline))
        except gate.NotAllowed as error:
            raise _TransportError(NOT_ALLOWED, str(error)) from error
        except socket.gaierror as error:
            raise _TransportError("resolve", str(error)) from error
        except TimeoutError as error:
            raise _TransportError("timeout", "connecting") from error
        except OSError as error:
            raise _TransportError(_connect_word(error), str(error)) from error

    def _send(self, data: bytes, deadline: float, progress: _Progress) -> None:
        assert self._socket is not None
        view = memoryview(data)
        began_ns = time.monotonic_ns()
        if self._secure:
            # TLS may have sent a part of a record before it raises, so a byte may have left.
            progress.sent_ns = began_ns
        while view:
            self._socket.settimeout(_left(deadline))
            taken = self._socket.send(view)
            progress.sent_ns = progress.sent_ns or began_ns
            view = view[taken:]
        progress.flushed_ns = time.monotonic_ns()

    def _read(self, method: str, deadline: float, progress: _Progress) -> HttpAnswer:
        assert self._socket is not None
        answer = progress.answer = HttpAnswer(method=method)
        while not answer.complete:
            self._socket.settimeout(_left(deadline))
            data = self._socket.recv(_READ_BYTES)
            if not data:
                answer.end()
                break
            try:
                answer.feed(data)
            except Malformed as error:
                raise _TransportError("malformed", str(error)) from error
        return answer

    def _early(
        self, method: str, deadline: float, progress: _Progress, cause: OSError
    ) -> HttpAnswer | None:
        broke_in_send = progress.sent_ns and not progress.flushed_ns and cause.errno in _GONE
        if not broke_in_send or self._socket is None:
            return progress.answer
        with contextlib.suppress(OSError):
            return self._read(method, deadline, progress)
        return progress.answer

    def _finish(
        self,
        answer: HttpAnswer | None,
        progress: _Progress,
        reused: bool,
        cause: OSError | None = None,
    ) -> Exchange:
        completed_ns = time.monotonic_ns()
        whole = answer is not None and answer.complete
        error, detail = ("", "") if whole else _word(cause, answer)
        if not whole or not progress.flushed_ns or (answer is not None and not answer.keeps):
            self.close()
        return Exchange(
            status=answer.status if answer else 0,
            headers=answer.headers if answer else {},
            body=answer.body if answer else b"",
            complete=whole,
            error=error,
            detail=detail,
            sent_ns=progress.sent_ns,
            flushed_ns=progress.flushed_ns,
            completed_ns=completed_ns,
            size=answer.size if answer else 0,
            reused=reused,
            closes=answer.closes if answer and answer.status else False,
        )


@cache  # loading the machine's authorities takes 20 ms: too much for each probe
def _tls(ca_file: str, is_checked: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file or None)
    if not is_checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    # Python 3.13 refuses private authorities without a key usage that 3.11 accepts: one target must
    # not be reachable by one and unreachable by the other.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


@dataclass(slots=True)
class _Progress:
    sent_ns: int = 0
    flushed_ns: int = 0
    answer: HttpAnswer | None = None


class _TransportError(OSError):
    """A failure that already has its word."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(detail)
        self.word = word
        self.detail = detail


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect_word(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL):
        return "no-descriptor"  # this machine's own limit, not the server's fault
    return "reset" if error.errno in _GONE else "unreachable"


def _word(cause: OSError | None, answer: HttpAnswer | None) -> tuple[str, str]:
    """The transport's word for an exchange without a whole answer."""
    began = answer is not None and answer.size > 0
    if cause is None:
        return ("torn", "the stream ended inside the answer") if began else ("closed", "")
    if isinstance(cause, _TransportError):
        return cause.word, cause.detail
    if isinstance(cause, TimeoutError):
        return "timeout", "the answer began" if began else "no byte of an answer"
    if isinstance(cause, ssl.SSLEOFError):
        return ("torn", "TLS ended inside the answer") if began else ("closed", "")
    if isinstance(cause, ssl.SSLError):
        return "tls", str(cause)
    return "reset", "inside the answer" if began else "before an answer"
