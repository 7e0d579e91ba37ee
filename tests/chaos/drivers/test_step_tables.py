"""The stepper's tables over a small catalog that answers a commit before it can be read."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from chaos.drivers import DriverPlan, _held_commits
from chaos.drivers._held_commits import LATE_S, Patience
from chaos.drivers._step_tables import StepTables
from iceworthy.client.auth import header_source
from iceworthy.client.connect import wire_for
from tests.tiny_catalog import TinyCatalog

READS_LATE = 5


class Late(TinyCatalog):
    """READS_LATE reads after each commit still show the table as it was before."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, list[Any]] = {}

    def _commit(self, parts: list[str], _: Any, asked: Any) -> tuple[int, Any]:
        old = copy.deepcopy(self.tables[self._table(parts)])
        answer = super()._commit(parts, _, asked)
        self.before[parts[1]] = [old] * READS_LATE
        return answer

    def _load_table(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        shown = super()._load_table(parts)
        late = self.before.get(parts[1])
        return (200, {**late.pop(), "config": {}}) if late else shown


def test_a_new_table_is_used_when_every_node_shows_its_first_snapshot(live_over: Any) -> None:
    catalog = Late()
    live = live_over(catalog)
    url = live.nodes[0].url
    headers = header_source(live.spec, url)
    plan = DriverPlan(wire=wire_for(live.spec, url, headers), headers=headers, seed=1)
    subjects = StepTables(live, plan, live.folder)
    try:
        subjects.open()
        made = subjects.new("t", 0)
        assert not catalog.before["t"], "the reads that show the table of before were made"
        for node in subjects.nodes():
            table = subjects.read(made, node).table
            assert table is not None
            assert table.main == made.head
    finally:
        subjects.close()


def test_a_late_commit_lets_the_wait_for_the_next_begin_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(_held_commits, "time", SimpleNamespace(monotonic=lambda: now[0]))
    patience = Patience(lambda: True, 10 * LATE_S)
    assert patience.lasts()
    now[0] = 0.9 * LATE_S
    patience.saw_commit()
    now[0] = 1.8 * LATE_S
    assert patience.lasts(), "counted from the COMMIT that was seen"
    now[0] = 2.0 * LATE_S
    assert not patience.lasts()
    patience.saw_commit()
    now[0] = 10.1 * LATE_S
    patience.saw_commit()
    assert not patience.lasts(), "never beyond the deadline"
