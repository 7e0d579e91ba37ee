"""The usual answer, parsed in one look; everything else is for the strict parser.

Claim: whole_answer() returns something only where fixtures.http_answer.HttpAnswer, fed the same
bytes, would be complete with the same status, body and closes, without excess. Method: one regular
expression over the head; at the least doubt None, and the strict parser gets all the bytes.
What it does NOT show: anything about answers that are unusual.
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


def whole_answer(data: bytes, *, to_head: bool) -> tuple[int, bytes, bool] | None:
    """(status, body, closes) when data is exactly one whole, ordinary answer; else None.

    to_head: it answers a HEAD request, so that Content-Length announces nothing.
    """
    head = _HEAD.match(data)
    if head is None or head.end() > _HEAD_BYTES_MAX:
        return None
    status = int(head[1])
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
    if to_head or status == 204 or status == 304:
        return (status, b"", closes) if head.end() == len(data) else None
    if not length or len(data) != head.end() + int(length):
        return None
    return status, data[head.end() :], closes
