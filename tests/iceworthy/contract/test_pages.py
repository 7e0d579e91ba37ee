"""A case follows a listing as long as its tokens lead on, and ends where they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iceworthy.contract import pages as module
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Needs
from iceworthy.contract.pages import pages_of
from tests.iceworthy.contract.conftest import Server

PATH = "/v1/p/namespaces/a/tables?pageSize=1&pageToken="
ENTRY = {"namespace": ["a"], "name": "t"}


def followed(desk: Desk, names: int = 1) -> list[list[Any]]:
    asked = {"pageSize": 1}
    return pages_of(desk, "listTables", "identifiers", ("a",), query=asked, names=names)


def page(server: Server, token: str, following: str | None, *entries: Any) -> None:
    body = {"identifiers": entries, "next-page-token": following}
    server.answers["GET", PATH + token] = 200, json.dumps(body).encode()


def test_empty_pages_are_read_over(desk: Desk, server: Server) -> None:
    page(server, "", "1")
    for number in range(1, 300):
        page(server, str(number), str(number + 1))
    page(server, "300", "301", ENTRY)
    page(server, "301", None)
    assert [one for one in followed(desk) if one] == [["t"]]


def test_a_token_that_comes_again_is_broken(desk: Desk, server: Server) -> None:
    page(server, "", "1")
    page(server, "1", "1", ENTRY)
    with pytest.raises(Broken, match="leads on"):
        followed(desk)


@pytest.mark.parametrize(("names", "ends"), [(2, Needs), (1, Broken)])
def test_what_does_not_end_in_time_is_broken_only_after_the_last_name(
    desk: Desk,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    names: int,
    ends: type[Exception],
) -> None:
    monkeypatch.setattr(module, "PAGES_S_MAX", -1.0)
    page(server, "", "1", ENTRY)
    with pytest.raises(ends):
        followed(desk, names)
