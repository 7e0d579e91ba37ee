"""Harm: by statuses, and by harms.toml, whose names all exist."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from analysis import checkers, criteria
from analysis.harm import (
    TABLES,
    harm_of_judge,
    harm_of_status,
    is_optional,
    operation_asked,
)
from iceworthy.contract.case import cases_of, subjects
from iceworthy.words.finding import Harm


def test_every_name_of_the_table_exists() -> None:
    judges = {
        path.stem for room in (checkers, criteria) for path in Path(room.__path__[0]).glob("*.py")
    }
    cases = {one.full_name for subject in subjects() for one in cases_of(subject)}
    for table in TABLES:
        assert set(table.judges) <= judges
        for name in (*table.cases, *table.refusals):
            assert any(fnmatchcase(case, name) for case in cases), name


@pytest.mark.parametrize(
    ("about", "asked", "expected", "given", "harm"),
    [
        ("createTable", "loadTable", (200,), 404, Harm.LOST),
        ("createTable", "loadTable", (404,), 200, Harm.TORN),
        ("updateTable", "updateTable", (409,), 200, Harm.UNGUARDED),
        ("updateTable", "updateTable", (200,), 400, Harm.UNAVAILABLE),
        ("loadTable", "loadTable", (200,), 500, Harm.UNAVAILABLE),
        ("updateTable", "updateTable", (), 500, Harm.CLIENTS),
        ("updateTable", "updateTable", (400,), 200, Harm.CLIENTS),
        ("loadTable", "loadTable", (404,), 200, Harm.CLIENTS),
        ("dropTable", "dropTable", (204,), 200, Harm.SHAPE),
        ("planTableScan", "planTableScan", (200,), 202, Harm.CLIENTS),
    ],
)
def test_statuses_say_the_harm(
    about: str, asked: str, expected: tuple[int, ...], given: int, harm: Harm
) -> None:
    assert harm_of_status(about, asked, expected, given) is harm


def test_a_judge_has_the_harm_of_its_table_with_or_without_its_argument() -> None:
    assert harm_of_judge("lost_acknowledgement") is Harm.LOST
    assert harm_of_judge("metrics_count[x]") is Harm.SHAPE
    assert harm_of_judge("unheard_of") is Harm.CLIENTS


def test_an_operation_is_known_by_its_path_whatever_precedes_it() -> None:
    path = "/v1/namespaces/a/tables/b"
    assert operation_asked("GET", path) == "loadTable"
    assert operation_asked("GET", f"/iceberg/v1/main/x{path[3:]}?a=b") == "loadTable"
    assert operation_asked("GET", "/metrics") == ""


def test_what_the_default_list_has_is_not_optional() -> None:
    assert [is_optional(name) for name in ("loadTable", "tableExists", "getConfig", "")] == [
        False
    ] * 4
    assert is_optional("loadView")
