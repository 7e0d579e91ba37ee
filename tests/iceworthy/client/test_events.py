"""One frame of an event stream may hold one message, several, or none that is JSON."""

from __future__ import annotations

from typing import Any

import pytest

from iceworthy.client.events import bodies_in

ONE, OTHER = {"type": "table.created"}, {"type": "table.dropped"}


@pytest.mark.parametrize(
    ("frame", "bodies"),
    [
        ('{"type":"table.created"}', [ONE]),
        (b'{"type":"table.created"}', [ONE]),
        ('[{"type":"table.created"},{"type":"table.dropped"}]', [ONE, OTHER]),
        ('{"type":"table.created"}\n{"type":"table.dropped"}\n', [ONE, OTHER]),
        ('{"seq":3,"events":[{"type":"table.created"}]}', [ONE]),
        ('{"type":"x","events":["table.created"]}', [{"type": "x", "events": ["table.created"]}]),
        (
            '{"type":"x","updates":[{"a":1},{"b":2}]}',
            [{"type": "x", "updates": [{"a": 1}, {"b": 2}]}],
        ),
        ("[]", [[]]),
        ("table t was created\nand dropped", ["table t was created\nand dropped"]),
        (b"\xff\xfe", ["\ufffd\ufffd"]),
        ("", [""]),
    ],
)
def test_the_messages_of_a_frame(frame: str | bytes, bodies: list[Any]) -> None:
    assert bodies_in(frame) == bodies
