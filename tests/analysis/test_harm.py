"""Harm: by statuses and by the state that is read, never by the name of a case."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from analysis.harm import (
    harm_of_judge,
    harm_of_refusal,
    harm_of_state,
    harm_of_status,
    is_optional,
    operation_asked,
)
from iceworthy import discovery
from iceworthy.words.finding import Harm


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
        ("dropNamespace", "listTables", (404,), 200, Harm.CLIENTS),
        ("dropNamespace", "loadNamespaceMetadata", (404,), 200, Harm.TORN),
        ("getConfig", "getConfig", (200, 400, 404), 500, Harm.CLIENTS),
        ("planTableScan", "planTableScan", (200,), 202, Harm.CLIENTS),
    ],
)
def test_statuses_say_the_harm(
    about: str, asked: str, expected: tuple[int, ...], given: int, harm: Harm
) -> None:
    assert harm_of_status(about, asked, expected, given) is harm


def test_a_judge_has_the_harm_that_its_file_declares_with_or_without_its_argument(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert harm_of_judge("lost_acknowledgement") is Harm.LOST
    assert harm_of_judge("metrics_count[x]") is Harm.SHAPE
    assert harm_of_judge("unheard_of") is Harm.CLIENTS
    new = {"checker": {"made_up": Path("made_up.py")}, "criterion": {"other": Path("other.py")}}
    monkeypatch.setattr(discovery, "names", new.__getitem__)
    monkeypatch.setattr(discovery, "module", lambda kind, name: ModuleType(name))
    assert harm_of_judge("made_up") is Harm.TORN  # no list has it, and it shows an anomaly
    assert harm_of_judge("other[x]") is Harm.CLIENTS


@pytest.mark.parametrize(
    ("about", "asked", "given", "field", "refused", "harm"),
    [
        ("updateTable", "loadTable", 200, "property k", False, Harm.LOST),
        ("updateTable", "loadTable", 200, "property k", True, Harm.TORN),
        ("updateTable", "loadTable", 200, "snapshot-log", False, Harm.CLIENTS),
        ("updateTable", "loadTable", 200, "metadata-location", False, Harm.CLIENTS),
        ("updateTable", "loadTable", 500, "property k", False, Harm.CLIENTS),
        ("updateTable", "updateTable", 200, "property k", False, Harm.CLIENTS),
        ("loadTable", "loadTable", 200, "property k", False, Harm.CLIENTS),
    ],
)
def test_the_state_that_is_read_says_the_harm(
    about: str, asked: str, given: int, field: str, refused: bool, harm: Harm
) -> None:
    assert harm_of_state(about, asked, given, field, refused) is harm


def test_a_refused_commit_of_data_loses_them_and_any_other_refusal_does_not() -> None:
    adds = '{"updates": [{"action":"add-snapshot", "snapshot": {}}]}'
    assert harm_of_refusal("updateTable", adds) is Harm.LOST
    assert harm_of_refusal("updateTable", '{"updates": []}') is Harm.UNAVAILABLE
    assert harm_of_refusal("loadTable", adds) is Harm.UNAVAILABLE


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
