"""Parses the common form of an answer with one regular expression; HttpAnswer parses the rest.

Claim: if whole_answer() returns something, http_answer.HttpAnswer would have parsed the same bytes
as complete, with the same status, body and closes, and without excess.
Method: one regular expression over the head. In any other case the result is None, and the strict
parser gets all the bytes.
What it does NOT show: anything about answers of other forms.
"""

from __future__ import annotations

import re

_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [^\r\n]*)?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r\n)*)\r\n"
)
_FRAMING = re.compile(
    rb"(?:^|\n)((?i:content-length|transfer-encoding|connection)):[ \t]*([^\r\n]*)"
)
_HEAD_BYTES_MAX = 64 * 1024
_LENGTH_DIGITS_MAX = 12
_HEADS_MAX = 1_000
_HEADS: dict[bytes, tuple[int, int, bool] | None] = {}  # heads repeat but for the second's Date


def whole_answer(data: bytes, *, to_head: bool) -> tuple[int, bytes, bool] | None:
    """(status, body, closes) when data is exactly one whole answer of the common form; else None.

    to_head: the answer is to a HEAD request, so Content-Length announces no body.
    """
    end = data.find(b"\r\n\r\n") + 4
    head = data[:end]
    try:
        known = _HEADS[head]
    except KeyError:
        if len(_HEADS) >= _HEADS_MAX:
            _HEADS.clear()
        known = _HEADS[head] = _usual_head(head)
    if known is None:
        return None
    status, length, closes = known
    if to_head or status == 204 or status == 304:
        return (status, b"", closes) if end == len(data) else None
    if length < 0 or len(data) != end + length:
        return None
    return status, data[end:], closes


def _usual_head(data: bytes) -> tuple[int, int, bool] | None:
    """(status, Content-Length or -1, closes) of a head of the common form."""
    if len(data) > _HEAD_BYTES_MAX:
        return None
    head = _HEAD.fullmatch(data)
    if head is None:
        return None
    length = b""
    closes = False
    for name, value in _FRAMING.findall(head[2]):
        first = name[3]
        if first == 0x6E or first == 0x4E:  # con-n-ection
            token = value.rstrip(b" \t").lower()
            if token == b"close":
                closes = True
            elif token != b"keep-alive":
                return None
        elif first == 0x74 or first == 0x54:  # con-t-ent-length
            if length:
                return None
            length = value.rstrip(b" \t")
            if not length.isdigit() or len(length) > _LENGTH_DIGITS_MAX:
                return None
        else:
            return None
    return int(head[1]), int(length) if length else -1, closes
