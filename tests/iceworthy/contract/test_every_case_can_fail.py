"""A case that cannot fail is a defect: each is tried on catalogs that always answer the same."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from iceworthy.contract.case import cases_of, subjects
from iceworthy.contract.cases import nodes
from iceworthy.contract.desk import Desk
from iceworthy.contract.run import run_case
from tests.iceworthy.contract.conftest import Server


def error(status: int) -> tuple[int, bytes]:
    body = {"message": "no", "type": "NoSuchTableException", "code": status}
    return status, orjson.dumps({"error": body})


LEAK = b'{"error":{"message":"ERROR: duplicate key value (SQLSTATE 23505)","code":500}}'
WORLDS = {
    "yes": (200, b"{}"),
    "done": (204, b""),
    "not found": error(404),
    "bad request": error(400),
    "conflict": error(409),
    "broken": error(500),
    "leaking": (500, LEAK),
}
KNOWN = {"", *(one.full_name for subject in subjects() for one in cases_of(subject))}


@pytest.mark.parametrize("subject", subjects())
def test_no_case_holds_whatever_the_catalog_answers(
    subject: str, whole_desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "LATE_S", 0.5)  # who always answers the same shows no count later
    cases = cases_of(subject)
    ended: dict[str, set[str]] = {one.name: set() for one in cases}
    for world in WORLDS.values():
        server.otherwise = world
        whole_desk.requests._shared.clear()
        for one in cases:
            found: Any = run_case(whole_desk, one)
            ended[one.name].add(found.ended)
            assert found.left_to in KNOWN, "a skip leaves its question to a case that there is"
    always = sorted(name for name, ends in ended.items() if ends == {"holds"})
    assert always == []
    assert any("broken" in ends for ends in ended.values()) or all(
        ends == {"skipped"} for ends in ended.values()
    )
