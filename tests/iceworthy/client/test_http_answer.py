"""The parser: an answer is complete only when it ended as announced."""

from __future__ import annotations

import pytest

from iceworthy.client.http_answer import HEAD_BYTES_MAX, HttpAnswer, Malformed

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = (
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: v\r\n\r\n"
)


def parse(*parts: bytes, method: str = "GET") -> HttpAnswer:
    answer = HttpAnswer(method=method)
    for part in parts:
        answer.feed(part)
    return answer


@pytest.mark.parametrize("whole", [OK + b"Content-Length: 11\r\n\r\nhello world", CHUNKED])
def test_every_way_of_cutting_the_bytes_gives_the_same_answer(whole: bytes) -> None:
    for cut in range(1, len(whole)):
        answer = parse(whole[:cut], whole[cut:])
        assert (answer.status, answer.body, answer.complete, answer.keeps) == (
            200,
            b"hello world",
            True,
            True,
        )
    single = parse(*(whole[i : i + 1] for i in range(len(whole))))
    assert single.complete
    assert single.body == b"hello world"


@pytest.mark.parametrize("whole", [OK + b"Content-Length: 11\r\n\r\nhello world", CHUNKED])
def test_every_prefix_is_incomplete_even_at_the_end_of_the_stream(whole: bytes) -> None:
    for cut in range(len(whole)):
        answer = parse(whole[:cut])
        answer.end()
        assert not answer.complete, cut


def test_a_body_without_an_announced_end_is_complete_at_the_end_of_the_stream() -> None:
    answer = parse(OK + b"\r\nhello")
    assert not answer.complete
    answer.end()
    assert answer.complete
    assert answer.body == b"hello"
    assert not answer.keeps


@pytest.mark.parametrize(
    ("head", "method"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "DELETE"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET"),
        (OK + b"Content-Length: 9\r\n\r\n", "HEAD"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", "HEAD"),
        (OK + b"Content-Length: 0\r\n\r\n", "GET"),
    ],
)
def test_answers_without_a_body_end_with_their_head(head: bytes, method: str) -> None:
    answer = parse(head, method=method)
    assert answer.complete
    assert answer.body == b""


def test_interim_answers_are_passed_over() -> None:
    answer = parse(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + CHUNKED)
    assert (answer.status, answer.complete) == (200, True)


def test_bytes_behind_the_end_are_counted_and_end_the_connection() -> None:
    answer = parse(OK + b"Content-Length: 2\r\n\r\nhello")
    assert (answer.complete, answer.body, answer.excess, answer.keeps) == (True, b"he", 3, False)


def test_http_1_0_closes_unless_it_says_keep_alive() -> None:
    old = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n"
    assert not parse(old + b"\r\n").keeps
    assert parse(old + b"Connection: Keep-Alive\r\n\r\n").keeps


def test_connection_close_is_seen_among_other_tokens() -> None:
    answer = parse(OK + b"Connection: foo, Close\r\nContent-Length: 0\r\n\r\n")
    assert answer.closes


def test_equal_repeated_lengths_are_one_and_different_ones_are_malformed() -> None:
    assert parse(OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok").complete
    with pytest.raises(Malformed):
        parse(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok")


@pytest.mark.parametrize(
    "bad",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 999 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"bad name: x\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: 1e3\r\n\r\n",
        OK + b"Content-Length: 99999999999999\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
        OK + b"X: " + b"a" * HEAD_BYTES_MAX,
        OK + b"X: " + b"a" * HEAD_BYTES_MAX + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    ],
    ids=lambda bad: repr(bad[:40]),
)
def test_what_is_not_an_answer_is_malformed(bad: bytes) -> None:
    with pytest.raises(Malformed):
        parse(bad)
