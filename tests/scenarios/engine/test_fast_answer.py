"""The fast look never says more than the strict parser would."""

from __future__ import annotations

import random

import pytest

from iceworthy.client.http_answer import HttpAnswer, Malformed
from scenarios.engine.fast_answer import whole_answer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"


def strictly(data: bytes, *, to_head: bool) -> tuple[int, bytes, bool] | None:
    answer = HttpAnswer(method="HEAD" if to_head else "GET")
    try:
        answer.feed(data)
    except (Malformed, ValueError):
        return None
    if not answer.complete or answer.excess or answer.keeps == answer.closes:
        return None
    return answer.status, answer.body, answer.closes


@pytest.mark.parametrize(
    ("data", "to_head", "expected"),
    [
        (PLAIN, False, (200, b"hello", False)),
        (PLAIN[:-5], True, (200, b"", False)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False, (204, b"", False)),
        (b"HTTP/1.1 409\r\ncontent-length:0\r\nconnection: Close\r\n\r\n", False, (409, b"", True)),
    ],
)
def test_ordinary_answers_take_the_fast_way(
    data: bytes, to_head: bool, expected: tuple[int, bytes, bool]
) -> None:
    assert whole_answer(data, to_head=to_head) == expected
    assert strictly(data, to_head=to_head) == expected


@pytest.mark.parametrize(
    "data",
    [
        PLAIN[:-1],
        PLAIN + b"x",
        PLAIN.replace(b"200", b"100"),
        PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 5"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: 5\r\nTransfer-Encoding: chunked"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: +5"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: " + b"9" * 5000),
        PLAIN.replace(b"Content-Type", b"Content Type"),
        PLAIN.replace(b"Content-Length: 5", b"X: 5"),
        b"",
        b"garbage\r\n\r\n",
    ],
)
def test_at_the_least_doubt_the_strict_parser_decides(data: bytes) -> None:
    assert whole_answer(data, to_head=False) is None


def test_on_mangled_answers_the_fast_look_agrees_with_the_strict_parser() -> None:
    rng = random.Random(11)
    pieces = [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 404 Not Found\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"Content-Length: 5\r\n",
        b"content-length:\t5 \r\n",
        b"Connection: close\r\n",
        b"CONNECTION: keep-alive\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"X-Content-Length: 9\r\n",
        b"\r\n",
        b"hello",
        b"\n",
        b"Date: now\r\n",
        b": empty\r\n",
        b"Content-Length : 5\r\n",
    ]
    agreed = 0
    for _ in range(20_000):
        head = rng.choice(pieces[:3]) + b"".join(rng.choices(pieces[3:], k=rng.randrange(4)))
        data = head + b"\r\n" + rng.choice((b"hello", b"", b"hell", b"hello!"))
        if rng.random() < 0.3:
            at = rng.randrange(len(data))
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        for to_head in (False, True):
            fast = whole_answer(data, to_head=to_head)
            if fast is not None:
                agreed += 1
                assert strictly(data, to_head=to_head) == fast, data
    assert agreed > 1000
