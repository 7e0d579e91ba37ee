"""The client against hostile servers: what was sent, what came, and what may be concluded."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.history import read_history
from iceworthy.client import gate
from iceworthy.client.auth import HeaderSource
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.wire import Call, Wire
from iceworthy.record.history import FLAG_CLOSE, FLAG_REUSED, FLAG_TORN, Recorder, chain_hash
from iceworthy.words.errors import TargetError
from iceworthy.words.outcome import Outcome
from tests.waiting import until_readable

# A key pair for 127.0.0.1 that is trusted nowhere, valid until 2126.
CERTIFICATE = Path(__file__).resolve().parents[2] / "loopback.pem"
WIRE = Wire()
READ = WIRE.load_table(("a",), "t")
WRITE = WIRE.update_namespace_properties(("a",), {"k": "v"})
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK_EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += _received(connection)
    return head + b"\r\n\r\n" + body


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the client left")
    return data


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answering(*parts: bytes, then: str = "hold") -> Callable[[socket.socket, int], None]:
    """Read a request, send the parts, then hold the connection, close or reset it."""

    def behave(connection: socket.socket, _: int) -> None:
        read_request(connection)
        for part in parts:
            connection.sendall(part)
            time.sleep(0.01)
        if then == "hold":
            connection.recv(1)
        elif then == "reset":
            reset(connection)

    return behave


def client(url: str, *, timeout_s: float = 5.0, recorder: Recorder | None = None) -> CatalogClient:
    return CatalogClient(
        url, node=0, headers=HeaderSource(), recorder=recorder, session=7, timeout_s=timeout_s
    )


def ask(url: str, call: Call, *, timeout_s: float = 5.0) -> Answer:
    with client(url, timeout_s=timeout_s) as asking:
        return asking.ask(call)


@pytest.mark.parametrize(
    ("parts", "then", "error"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",), "close", "torn"),
        ((b"HTTP/1.1 409 Conflict\r\nContent-Length: 10\r\n\r\n{}",), "close", "torn"),
        ((CHUNKED + b"2\r\n{}\r\n",), "close", "torn"),
        ((CHUNKED + b"5\r\n{}",), "close", "torn"),
        ((CHUNKED + b"2\r\n{}\r\n0\r\n",), "close", "torn"),
        ((b"HTTP/1.1 200 OK\r\nContent-Le",), "close", "torn"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",), "reset", "reset"),
        ((b"HTTP/1.1 200 OK\r\n",), "reset", "reset"),
        ((), "reset", "reset"),
        ((), "close", "closed"),
        ((b"<html>\r\n\r\n",), "hold", "malformed"),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",), "hold", "malformed"),
        ((CHUNKED + b"no\r\n",), "hold", "malformed"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_an_answer_that_is_not_whole_leaves_a_write_unknown_and_a_read_dropped(
    raw_server: Any, parts: tuple[bytes, ...], then: str, error: str
) -> None:
    server = raw_server(answering(*parts, then=then))
    written = ask(server.url, WRITE)
    assert (written.outcome, written.error) == (Outcome.INFO, error)
    assert written.flushed_ns >= written.sent_ns > 0
    read = ask(server.url, READ)
    assert (read.outcome, read.error) == (Outcome.DROPPED, error)
    assert len(server.accepted) == 2, "sent again"


def test_bytes_that_trickle_do_not_stretch_the_deadline(raw_server: Any) -> None:
    all_sent = threading.Event()

    def trickle(connection: socket.socket, _: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(1000):
                connection.sendall(b" ")
                time.sleep(0.05)
            all_sent.set()

    server = raw_server(trickle)
    before = time.monotonic()
    answer = ask(server.url, WRITE, timeout_s=0.5)
    assert not all_sent.is_set()
    assert time.monotonic() - before > 0.4
    assert (answer.outcome, answer.error, answer.status) == (Outcome.INFO, "timeout", 200)


def test_a_server_that_never_answers_is_a_timeout(raw_server: Any) -> None:
    server = raw_server(answering(then="hold"))
    answer = ask(server.url, WRITE, timeout_s=0.3)
    assert (answer.outcome, answer.error, answer.status) == (Outcome.INFO, "timeout", 0)


def test_a_refused_connection_is_a_fail_since_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = ask(f"http://127.0.0.1:{port}", WRITE)
    assert (answer.outcome, answer.error, answer.sent_ns) == (Outcome.FAIL, "refused", 0)


def test_a_name_that_does_not_resolve_is_a_fail() -> None:
    with gate.admitting({"no-such-host.invalid"}):  # else it is not even looked up
        answer = ask("http://no-such-host.invalid:1", WRITE)
    assert (answer.outcome, answer.error, answer.sent_ns) == (Outcome.FAIL, "resolve", 0)


def test_a_kept_connection_closed_while_idle_is_opened_anew_and_the_request_sent_once(
    raw_server: Any,
) -> None:
    requests: list[bytes] = []

    def once(connection: socket.socket, _: int) -> None:
        requests.append(read_request(connection))
        connection.sendall(OK_EMPTY)

    server = raw_server(once)
    with client(server.url) as asking:
        for _ in range(3):
            assert asking.ask(WRITE).outcome is Outcome.OK
            until_readable(asking._asker._connection._socket)
    assert len(requests) == len(server.accepted) == 3


def test_a_kept_connection_is_used_again(raw_server: Any) -> None:
    def serve(connection: socket.socket, _: int) -> None:
        while True:
            read_request(connection)
            connection.sendall(OK_EMPTY)

    server = raw_server(serve)
    with client(server.url) as asking:
        for _ in range(5):
            assert asking.ask(WRITE).outcome is Outcome.OK
    assert len(server.accepted) == 1


def test_a_request_read_and_then_cut_is_never_sent_again(raw_server: Any) -> None:
    requests: list[bytes] = []

    def cut_second(connection: socket.socket, _: int) -> None:
        requests.append(read_request(connection))
        connection.sendall(OK_EMPTY)
        requests.append(read_request(connection))
        reset(connection)

    server = raw_server(cut_second)
    with client(server.url) as asking:
        assert asking.ask(WRITE).outcome is Outcome.OK
        answer = asking.ask(WRITE)
    assert (answer.outcome, answer.error) == (Outcome.INFO, "reset")
    assert len(requests) == 2


def test_unasked_bytes_on_an_idle_connection_do_not_answer_the_next_request(
    raw_server: Any,
) -> None:
    answered = threading.Event()

    def eager(connection: socket.socket, _: int) -> None:
        read_request(connection)
        connection.sendall(OK_EMPTY)
        answered.wait(60)
        with contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 500 Old\r\nContent-Length: 0\r\n\r\n")
            connection.recv(1)

    server = raw_server(eager)
    with client(server.url) as asking:
        assert asking.ask(READ).status == 200
        answered.set()
        until_readable(asking._asker._connection._socket)
        assert asking.ask(READ).status == 200


def test_more_body_than_announced_is_whole_but_ends_the_connection(raw_server: Any) -> None:
    def long(connection: socket.socket, _: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500 X\r\n\r\n")
        with contextlib.suppress(OSError):
            connection.recv(1)

    server = raw_server(long)
    with client(server.url) as asking:
        assert asking.ask(WRITE).body == b"{}"
        assert asking.ask(WRITE).status == 200
    assert len(server.accepted) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    ],
)
def test_odd_but_lawful_answers_are_whole(raw_server: Any, answer: bytes) -> None:
    server = raw_server(answering(answer, then="close"))
    answered = ask(server.url, WRITE)
    assert (answered.outcome, answered.body, answered.error) == (Outcome.OK, b"{}", "")


def test_an_early_refusal_of_a_large_body_is_believed(raw_server: Any) -> None:
    def refuse(connection: socket.socket, _: int) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.2)  # the client is still sending when its answer is there
        reset(connection)

    server = raw_server(refuse)
    call = WIRE.update_namespace_properties(("a",), {"k": "v" * 30_000_000})
    answer = ask(server.url, call)
    assert (answer.status, answer.outcome, answer.flushed_ns) == (413, Outcome.FAIL, 0)


def test_a_body_that_nobody_reads_is_unknown_at_the_deadline(raw_server: Any) -> None:
    over = threading.Event()
    server = raw_server(lambda connection, _: over.wait(60))
    call = WIRE.update_namespace_properties(("a",), {"k": "v" * 30_000_000})
    answer = ask(server.url, call, timeout_s=0.4)
    over.set()
    assert (answer.outcome, answer.error) == (Outcome.INFO, "timeout")
    assert answer.sent_ns > 0
    assert answer.flushed_ns == 0


def test_without_its_token_a_request_is_not_sent() -> None:
    def fail() -> Any:
        raise TargetError("no token")

    asking = CatalogClient("http://127.0.0.1:1", node=0, headers=HeaderSource(fetch=fail))
    answer = asking.ask(WRITE)
    assert (answer.outcome, answer.error, answer.sent_ns) == (Outcome.FAIL, "auth", 0)


def test_many_sessions_are_recorded_with_everything_the_formats_want(
    tiny_catalog: Any, live_over: Any, tmp_path: Path
) -> None:
    live = live_over(tiny_catalog(), nodes=1)
    recorder = Recorder(tmp_path / "history", "one")
    asking = client(live.nodes[0].url, recorder=recorder)
    asking.ask(WIRE.create_namespace(("a",)))
    created = asking.ask(WIRE.create_table(("a",), "t"))
    assert created.table is not None
    updates = [
        {
            "action": "add-snapshot",
            "snapshot": {
                "snapshot-id": 2**62 + 1,
                "sequence-number": 1,
                "timestamp-ms": 1,
                "manifest-list": "x",
                "summary": {"operation": "append"},
            },
        },
        {
            "action": "set-snapshot-ref",
            "ref-name": "main",
            "type": "branch",
            "snapshot-id": 2**62 + 1,
        },
        {"action": "set-properties", "updates": {"p": "<1>"}},
    ]
    asking.ask(WIRE.commit(("a",), "t", [], updates), value=2**62 + 1, parent=-1)
    asking.ask(WIRE.load_table(("a",), "t"), flags=8)
    asking.ask(WIRE.rename_table(("a",), "t", ("a",), "u"))
    asking.ask(WIRE.load_table(("a",), "t"))
    asking.unasked(WIRE.load_table(("a",), "v"), why="deadline")
    asking.close()
    recorder.close()
    history = read_history(tmp_path / "history")
    by_number = {int(n): i for i, n in enumerate(history.number)}
    commit, load, lost, missing = (history.ops[by_number[n]] for n in (2, 3, 5, 6))
    assert (commit["value"], commit["parent"], commit["sequence"]) == (2**62 + 1, -1, 1)
    assert commit["chain"] == load["chain"] == chain_hash([2**62 + 1])
    assert load["value"] == 2**62 + 1
    assert load["parent"] == 1
    assert load["flags"] == 8 | FLAG_REUSED
    assert load["uuid"] == created.table.uuid_hash
    assert (lost["status"], lost["outcome"]) == (404, Outcome.OK)
    assert history.strings[lost["error"]] == "NoSuchTableException"
    assert (missing["status"], missing["sent_ns"], missing["outcome"]) == (0, 0, Outcome.DROPPED)
    seen = {int(history.number[s.index]): s.facts for s in history.seen()}
    assert seen[1]["uuid"] == created.table.uuid
    assert seen[2] == {"set": {"p": "<1>"}, "removed": []}
    assert seen[3]["snapshots"] == [[2**62 + 1, None, 1]]
    assert seen[4] == {"destination": "a/u"}
    assert "no table" in seen[5]["message"]


def test_torn_and_closing_answers_are_flagged(raw_server: Any, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "one")
    torn = raw_server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", then="close"))
    closing = raw_server(answering(b"HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n", then="close"))
    for url, call in ((torn.url, READ), (closing.url, WIRE.table_exists(("a",), "t"))):
        with client(url, recorder=recorder) as asking:
            asking.ask(call)
    recorder.close()
    flags = sorted(int(flag) for flag in read_history(tmp_path).ops["flags"])
    assert flags == [FLAG_CLOSE, FLAG_TORN]


def test_a_table_answer_without_a_table_is_nonsense_not_an_empty_table(
    raw_server: Any, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, "one")
    server = raw_server(answering(OK_EMPTY))
    with client(server.url, recorder=recorder) as asking:
        answer = asking.ask(READ)
    recorder.close()
    assert answer.error == "nonsense"
    op = read_history(tmp_path).ops[0]
    assert (op["uuid"], op["sequence"]) == (0, -1)


def test_tls_is_spoken_and_its_certificate_checked(raw_server: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def serve(connection: socket.socket, number: int) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            read_request(secure)
            secure.sendall(OK_EMPTY if number < 2 else OK_EMPTY[:-1])
            if number:
                secure.unwrap()

    server = raw_server(serve)
    url = server.url.replace("http:", "https:")
    distrusted = ask(url, WRITE)
    assert (distrusted.outcome, distrusted.error) == (Outcome.FAIL, "tls")
    for outcome, error in ((Outcome.OK, ""), (Outcome.INFO, "torn")):
        with CatalogClient(
            url, node=0, headers=HeaderSource(ca_file=str(CERTIFICATE)), timeout_s=5
        ) as asking:
            answer = asking.ask(WRITE)
        assert (answer.outcome, answer.error) == (outcome, error)


def test_a_path_cannot_smuggle_a_second_request(raw_server: Any) -> None:
    server = raw_server(answering(OK_EMPTY))
    call = Call(operation="getConfig", method="GET", path="/v1/config\r\nX: y", key="")
    with pytest.raises(ValueError, match="control character"):
        ask(server.url, call)


def test_clients_of_many_threads_do_not_disturb_each_other(
    tiny_catalog: Any, live_over: Any, tmp_path: Path
) -> None:
    live = live_over(tiny_catalog(), nodes=1)
    failures: list[str] = []

    def one(number: int) -> None:
        with client(live.nodes[0].url) as asking:
            for turn in range(20):
                name = f"s{number}_{turn}"
                body = asking.ask(WIRE.create_namespace((name,))).body
                if json.loads(body)["namespace"] != [name]:
                    failures.append(name)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
