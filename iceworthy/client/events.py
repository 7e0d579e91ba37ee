"""The suite's subscriber to a catalog's change events over WebSocket.

Claim: messages are recorded as they arrived, in order, with the monotonic time of arrival; the
subscriber never reconnects by itself.
Method: an event loop in its own thread. One thread both reads and writes: with two threads on one
TLS connection the ssl module hangs. A redirect is not followed: it is the status of a refusal.
What it does NOT show: messages that were lost on the way. websockets is used here and nowhere else
on the client's side.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from iceworthy.client import gate

OPEN_S = 5.0
CLOSE_S = 1.0
SEEN_MAX = 100_000
BYTES_MAX = 64 * 1024 * 1024
INTERIM_BYTES_MAX = 64 * 1024
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)\d\d[ \r]")
SPARE_S = 5.0
ABNORMAL = 1006  # RFC 6455: closed without a word


class NotSubscribed(Exception):
    """The stream could not be opened. status: of the answer, 0 when there was none."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status} {why}" if status else why)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message. at: time.monotonic() of its arrival. body: its JSON, or its text."""

    at: float
    body: Any


def bodies_in(frame: str | bytes) -> list[Any]:
    """The messages of one frame, each as its JSON, or its text. No document says how many changes
    a frame tells: a list of objects, lines of JSON, the list `events` of an object: several each.
    """
    text = frame if isinstance(frame, str) else frame.decode("utf-8", errors="replace")
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            return [orjson.loads(line) for line in lines] if len(lines) > 1 else [text]
        except orjson.JSONDecodeError:
            return [text]
    several = body.get("events") if isinstance(body, dict) else body
    if isinstance(several, list) and several and all(isinstance(one, dict) for one in several):
        return several
    return [body]


class _Straight(connect):
    """websockets' connect, which never goes to another place than the given socket's."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _Patient(ClientConnection):
    """A connection that reads over interim answers (100, 102, 103) before the handshake's."""

    def __init__(self, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(protocol, **options)
        protocol.parser = _after_interim(protocol)
        next(protocol.parser)


def _after_interim(protocol: ClientProtocol) -> Generator[None, None, None]:
    """The protocol's parser, once the bytes are no interim answer."""
    reader, read_over = protocol.reader, 0
    while not reader.eof:
        if len(reader.buffer) < len(b"HTTP/1.1 103 "):
            yield
            continue
        end = reader.buffer.find(b"\r\n\r\n") + 4
        if not _INTERIM.match(reader.buffer) or read_over + len(reader.buffer) > INTERIM_BYTES_MAX:
            break
        if end < 4:
            yield
            continue
        read_over += end
        del reader.buffer[:end]
    yield from ClientProtocol.parse(protocol)


class Subscriber:
    """Subscribed as soon as it exists; its owner must close it. code: why the server closed, or
    None.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, ca_file: str = ""
    ) -> None:
        """url: http(s), with path and query. NotSubscribed when it is refused."""
        secure = url.startswith("https:")
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if secure else 80)
        self._url = "ws" + url.removeprefix("http")
        self._headers = dict(headers or {})
        self._tls = ssl.create_default_context(cafile=ca_file or None) if secure else None
        self._seen: list[Seen] = []
        self._changed = threading.Condition()
        self.code: int | None = None
        self._refused: NotSubscribed | None = None
        self._decided = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._thread.start()
        if not self._decided.wait(OPEN_S + SPARE_S):
            raise NotSubscribed(0, f"no answer within {OPEN_S:g} s")
        if self._refused is not None:
            self._thread.join(SPARE_S)
            raise self._refused

    def _run(self) -> None:
        asyncio.run(self._listen())

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        raw = None
        try:
            raw = await asyncio.to_thread(gate.connect, self._host, self._port, timeout_s=OPEN_S)
            async with _Straight(
                self._url,
                sock=raw,
                additional_headers=self._headers,
                open_timeout=OPEN_S,
                close_timeout=CLOSE_S,
                ssl=self._tls,
                proxy=None,
                create_connection=_Patient,
                max_size=1 << 24,
                compression=None,
            ) as socket:
                self._decided.set()
                await self._record(socket)
        except InvalidStatus as error:
            where = ", ".join(error.response.headers.get_all("Location"))
            why = f"a redirect to {where[:200]}, which is not followed" if where else "refused"
            self._refused = NotSubscribed(error.response.status_code, why)
        except (WebSocketException, OSError, TimeoutError) as error:
            self._refused = NotSubscribed(0, f"{type(error).__name__}: {error}"[:200])
        finally:
            if raw is not None:
                raw.close()
            with self._changed:
                self.code = self.code or ABNORMAL
                self._changed.notify_all()
            self._decided.set()

    async def _record(self, socket: ClientConnection) -> None:
        recording = asyncio.create_task(self._take(socket))
        leaving = asyncio.create_task(self._leave.wait())
        await asyncio.wait({recording, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        await socket.close()
        await recording
        with self._changed:
            self.code = socket.close_code
            self._changed.notify_all()

    async def _take(self, socket: ClientConnection) -> None:
        taken = 0
        try:
            async for text in socket:
                at = time.monotonic()
                taken += len(text)
                if taken > BYTES_MAX or len(self._seen) >= SEEN_MAX:
                    return  # a stream of more than any test makes is left, and its owner sees that
                with self._changed:
                    self._seen += [Seen(at=at, body=body) for body in bodies_in(text)]
                    self._changed.notify_all()
        except ConnectionClosed:
            pass

    @property
    def seen(self) -> list[Seen]:
        """The messages that have arrived so far."""
        with self._changed:
            return list(self._seen)

    def wait(self, enough: Callable[[list[Seen]], bool], timeout_s: float) -> bool:
        """Whether the arrived messages were enough in time; ends early when the stream ends."""
        until = time.monotonic() + timeout_s
        with self._changed:
            while not enough(self._seen):
                left = until - time.monotonic()
                if left <= 0 or self.code is not None:
                    return False
                self._changed.wait(left)
            return True

    def wait_closed(self, timeout_s: float) -> int | None:
        """The close code; None when it is still open."""
        self._thread.join(timeout_s)
        return self.code

    def close(self) -> None:
        """Close the subscription."""
        if self._loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(CLOSE_S + SPARE_S)

    def __enter__(self) -> Subscriber:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
