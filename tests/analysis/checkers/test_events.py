"""events: how much must have been heard where streams ended by themselves."""

from __future__ import annotations

import pytest

from analysis.checkers.events import _Change, _too_little
from iceworthy.record.sample_lines import EventConnection


def change(row: int) -> _Change:
    at_ns = 1_000 + row
    return _Change(
        row=row, done=True, sent_ns=at_ns, done_ns=at_ns, value=row, parent=-1, location=row
    )


@pytest.mark.parametrize(
    ("heard", "lost", "too_little"),
    [(24, True, True), (25, True, False), (24, False, False), (19, False, True)],
)
def test_a_quarter_must_have_been_heard_where_streams_ended(
    heard: int, lost: bool, too_little: bool
) -> None:
    made = {("updateTable", "n/t"): [change(row) for row in range(100)]}
    code = 1008 if lost else None
    stream = EventConnection(
        node=0, connection=0, opened_ns=0, closed_ns=9_000, lost=lost, code=code
    )
    why = _too_little({0: set(range(heard))}, [stream], made)
    assert bool(why) is too_little
    assert ("code 1008" in why) is (too_little and lost)
