"""events: how much must have been heard where streams ended by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from analysis.checkers.events import _Change, _too_little
from analysis.run import Run
from iceworthy.record.sample_lines import EventConnection
from iceworthy.words.verdict import Judgement

HISTORIES = Path(__file__).parents[2] / "histories"


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


@pytest.mark.parametrize(
    ("untold", "kind"),
    [(("replaced", "v"), "content"), (("dropped", "w_r"), "no answer")],
)
def test_what_the_stream_passed_over_is_no_matter_of_waiting(
    untold: tuple[str, str],
    kind: str,
    tmp_path: Path,
    written: ModuleType,
    judged: Callable[[str, Run], Any],
) -> None:
    """The drop that follows was sent, so the replacement is not late. Nothing follows the drop."""
    lines = (HISTORIES / "events" / "ok-views-are-told.txt").read_text().splitlines()
    words = [f"view.{untold[0]}", f'\\"{untold[1]}\\"', "node=0"]
    lines = [line for line in lines if not all(word in line for word in words)]
    source = tmp_path / "events.txt"
    source.write_text("\n".join(lines))
    written.write_run(source, tmp_path / "run")
    verdict = judged("events", Run(tmp_path / "run"))
    assert verdict.judgement is Judgement.FAIL
    assert {ground.kind.value for ground in verdict.grounds} == {kind}
