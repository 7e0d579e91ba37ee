"""The table of requirements: complete, consistent, and every judge on disk has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.requirements import (
    GUARDS,
    REQUIREMENTS,
    Judge,
    experiments_for,
    judges_of,
    requirement_ids,
)
from iceworthy import discovery
from iceworthy.words.experiment import Declared

EXPERIMENTS = {"survey", *discovery.names("experiment")}
JUDGES = {*discovery.names("checker"), *discovery.names("criterion")}
DOCS = Path(__file__).parents[2] / "docs" / "judging.md"


def test_every_id_of_the_specification_is_there_once() -> None:
    wanted = [f"FR-{i:03}" for i in range(1, 19)]
    wanted += [f"SC-{i:03}" for i in range(1, 9)] + [f"EC-{i}" for i in range(1, 6)]
    assert sorted(requirement_ids()) == sorted(wanted)


def test_every_basis_names_a_judge_and_experiments_that_exist() -> None:
    for one in REQUIREMENTS:
        for basis in one.bases:
            assert basis.judge.name in JUDGES, (one.id, basis.judge)
            assert {*basis.required, *basis.also} <= EXPERIMENTS, (one.id, basis)
            assert basis.required or basis.also or basis.where, (one.id, basis)


def test_every_judge_on_disk_decides_something_or_is_a_guard() -> None:
    named = {basis.judge.name for one in REQUIREMENTS for basis in one.bases}
    assert named | set(GUARDS) == JUDGES
    assert not named & set(GUARDS)


def test_what_nobody_judges_says_so_and_what_is_refutable_names_what_is_open() -> None:
    for one in REQUIREMENTS:
        assert (one.scope == "later") == (not one.bases), one.id
        assert (one.scope == "refutable") == bool(one.leaves_open), one.id


def test_the_experiments_of_a_requirement_are_those_it_requires() -> None:
    assert experiments_for("SC-002") == ("steady", "single_node")
    assert experiments_for("SC-008") == ()
    assert Judge("read_latency") in judges_of(Declared(experiment="steady"))
    assert Judge("read_latency") not in judges_of(Declared(experiment="survey"))


@pytest.mark.parametrize("judge", sorted(JUDGES))
def test_every_judge_has_its_row_in_the_docs(judge: str) -> None:
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith(f"| `{judge}`")]
    assert len(rows) == 1, f"docs/judging.md needs one row that begins with | `{judge}`"
    assert all(cell.strip() for cell in rows[0].strip("|").split("|")), rows[0]


def test_every_requirement_has_its_row_in_the_docs() -> None:
    text = DOCS.read_text()
    for name in requirement_ids():
        assert f"| {name} " in text, name
