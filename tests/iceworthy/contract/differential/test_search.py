"""The reference is like itself; each lie about a change, a status or a page is found and shrunk.

Every node here is real; each lie's seed is one whose first sequences show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from iceworthy.contract.differential import search
from iceworthy.contract.differential.compare import Compared, compare, oracle
from iceworthy.contract.differential.search import Bounds
from iceworthy.words.target_file import load_target

STEPS_MAX = 5
RUNS_MAX = 40
"""Runs by which a cause is shrunk: a third of the suite's; STEPS_MAX says that they are enough."""
FEW = frozenset(
    ("createNamespace", "createTable", "updateTable", "renameTable", "listTables", "loadTable")
)
"""Fewer operations than there are, so that a seed draws the same whatever the reference learns."""
CHANGES = Bounds(seed=2, steps=150, seconds=3600, operations=FEW)
LISTINGS = Bounds(
    seed=8,
    steps=40,
    seconds=3600,
    operations=frozenset(("createNamespace", "createTable", "listTables")),
)
"""A seed whose pages hold one table to three: a page of the default size needs 103 tables, which
each run of the shrinking would make and drop on both sides."""


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oracle(tmp_path_factory.mktemp("oracle")) as url:
        yield url


def _compared(target: str, reference: str, bounds: Bounds) -> Compared:
    return compare(
        load_target("reference"), target, reference, bounds=bounds, tell=lambda line: None
    )


def test_the_reference_does_not_differ_from_itself(honest: str, tmp_path: Path) -> None:
    with oracle(tmp_path / "other") as other:
        found = _compared(other, honest, Bounds(seed=7, steps=200, seconds=3600))
    assert found.search.steps >= 200
    assert not found.ruled, [one.cause.shown.differs for one in found.ruled]


@pytest.mark.parametrize(
    ("lie", "operation", "bounds"),
    [
        ("update_ignored", "updateTable", replace(CHANGES, steps=90)),  # four of them show it
        ("update_order", "updateTable", CHANGES),
        ("wrong_status", "renameTable", CHANGES),
        ("page_cut", "listTables", LISTINGS),
    ],
)
def test_a_lie_is_found_ruled_wrong_and_shrunk(
    honest: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lie: str,
    operation: str,
    bounds: Bounds,
) -> None:
    monkeypatch.setattr(search, "RUNS_A_CAUSE_MAX", RUNS_MAX)
    with oracle(tmp_path / "liar", lie=lie) as liar:
        found = _compared(liar, honest, bounds)
    shown = [one for one in found.wrong if one.cause.shown.signature.operation == operation]
    assert shown
    assert min(len(one.cause.sequence) for one in shown) <= STEPS_MAX
    assert all(line.startswith("curl ") for line in shown[0].target_lines)
