"""Dropped requests are counted as docs/dropped-requests.md says, rules 1 to 3."""

from __future__ import annotations

from typing import Any

from analysis.dropped_requests import shutdowns
from iceworthy.record.history import FLAG_REUSED, FLAG_TORN


def test_each_request_in_flight_at_sigterm_is_answered_or_dropped(synthetic: Any) -> None:
    run = synthetic("drain_node")
    run.end(0, 1, 10.0, took_s=2.0)
    for facts in (
        {"status": 200},
        {"status": 409},
        {"status": 0, "error": "reset"},
        {"status": 503},
        {"status": 200, "flags": FLAG_TORN},
    ):
        run.op("updateTable", 9.99, took_ms=50.0, **facts)
    run.op("loadTable", 9.99, took_ms=50.0, node=1, status=500)  # another node
    run.op("loadTable", 9.9, took_ms=50.0, status=500)  # answered before
    run.op("loadTable", 10.5, status=0, flags=FLAG_REUSED)  # late, on an open connection
    run.op("loadTable", 10.6, status=200, flags=FLAG_REUSED)
    run.op("loadTable", 10.7, status=0)  # late, on a new connection: lawfully refused
    (found,) = shutdowns(run.done())
    assert (found.in_flight, found.answered, found.dropped) == (5, 2, 3)
    assert (found.late, found.late_answered) == (2, 1)
    assert found.exit_s == 2.0


def test_a_kill_is_no_shutdown(synthetic: Any) -> None:
    run = synthetic("kill_node")
    run.end(0, 1, 10.0, asked="SIGKILL", code=-9)
    assert shutdowns(run.done()) == ()
