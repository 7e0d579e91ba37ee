"""Valid bodies broken in known ways, and bodies that are not JSON, to test a server's parser.

Claim: each body differs from a valid one in one thing, which its label names. Example: "a negative
number at /schema/fields/0/id". Method: each leaf in turn is replaced by values of every other type,
extreme numbers and odd strings; each field is omitted once. If there are more bodies than asked
for, the seed draws a sample.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

DEPTH = 100_000
HUGE_BYTES = 4 << 20
VALUES: dict[str, Any] = {
    "null": None,
    "a truth": True,
    "a negative number": -1,
    "2**63": 1 << 63,
    "2**64": 1 << 64,
    "a fraction": 1.5,
    "an empty text": "",
    "a NUL": "a\0b",
    "a long text": "x" * 70_000,
    "half a surrogate pair": "\ud800",
    "an empty list": [],
    "an empty object": {},
    "a list": ["x"],
    "an object": {"x": 1},
    "a text": "x",
    "a number": 7,
}
NO_JSON: dict[str, bytes] = {
    "an empty body": b"",
    "half an object": b'{"a":',
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "a number": b"1",
    "a NUL": b"\0",
    "no UTF-8": b"\xff\xfe\x00",
    "a text that is no UTF-8": b'{"name": "\xff", "namespace": ["\xc3\x28"]}',
    "NaN": b'{"name": NaN, "namespace": [Infinity]}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "two objects": b"{}{}",
    "deep lists": b"[" * DEPTH,
    "deep objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
}


def bodies(lawful: dict[str, Any], rng: random.Random, *, most: int) -> Iterator[tuple[str, bytes]]:
    """(label, body) of each broken form; at most `most` of those that change a single leaf."""
    yield from NO_JSON.items()
    whole = dumped(lawful)
    yield "a number of 400 digits", b'{"n": ' + b"9" * 400 + b", " + whole[1:]
    yield "a number beyond floats", b'{"n": 1e9999, ' + whole[1:]
    yield "a key twice", whole[:-1] + b", " + whole[1:]
    yield (
        f"{HUGE_BYTES >> 20} MB of unknown text",
        whole[:-1] + b', "unknown": "' + (b"x" * HUGE_BYTES) + b'"}',
    )
    found = list(_leaves(lawful))
    changes = [(path, label) for path in found for label in (*VALUES, "left out")]
    rng.shuffle(changes)
    for path, label in changes[:most]:
        where = "/".join(map(str, path))
        yield f"{label} at /{where}", dumped(changed(lawful, path, label))


def changed(body: dict[str, Any], path: tuple[Any, ...], label: str) -> dict[str, Any]:
    """A copy of the body in which the value at a path is replaced or omitted."""
    made = copy.deepcopy(body)
    holder: Any = made
    for step in path[:-1]:
        holder = holder[step]
    if label == "left out":
        del holder[path[-1]]
    else:
        holder[path[-1]] = VALUES[label]
    return made


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a value, including the inner nodes."""
    if path:
        yield path
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in steps:
        yield from _leaves(part, (*path, step))


def dumped(value: Any) -> bytes:
    """JSON of any value, including numbers of any size and unpaired surrogates."""
    return json.dumps(value).encode()
