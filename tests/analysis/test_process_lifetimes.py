"""Lives: a process counts as running from its first healthy answer until it was asked to end."""

from __future__ import annotations

from typing import Any

from analysis.process_lifetimes import NEVER_NS, lives, running
from tests.streams import append_line


def test_a_life_ends_when_it_was_asked_to(synthetic: Any) -> None:
    run = synthetic()
    pid = run.start(0, 0.0, took_s=1.0)
    run.end(0, pid, 10.0, took_s=2.0)
    run.start(0, 13.0, took_s=1.0, reason="restart")
    found = lives(run.done())
    assert [life.reason for life in found] == ["initial", "restart"]
    assert found[1].end_ns == NEVER_NS

    def at(seconds: float) -> int:
        return run.T0 + int(seconds * 1e9)

    assert running(found, 0, at(5), at(6))
    assert not running(found, 0, at(0.1), at(0.2))  # not yet healthy
    assert not running(found, 0, at(9.5), at(10.5))  # asked to end meanwhile
    assert not running(found, 0, at(11), at(11.1))
    assert running(found, 0, at(15), at(16))
    assert running(found, 1, at(0), at(1))  # not started by the suite: taken to run


def test_a_process_that_died_by_itself_ended_then(synthetic: Any) -> None:
    run = synthetic()
    pid = run.start(0, 0.0)
    append_line(
        run.folder,
        "exits",
        node=0,
        pid=pid,
        t_ns=run.T0 + 7 * 10**9,
        code=1,
        asked="none",
        asked_ns=None,
    )
    assert lives(run.done())[0].end_ns == run.T0 + 7 * 10**9
