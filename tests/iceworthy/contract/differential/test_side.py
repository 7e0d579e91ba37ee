"""A listing is followed as long as its tokens lead on, however many pages there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from iceworthy.client.asker import Asked, Asker, Reply
from iceworthy.client.connection import Exchange
from iceworthy.client.pages import LISTING_S_MAX
from iceworthy.client.wire import Wire
from iceworthy.contract.differential import side as module
from iceworthy.contract.differential.diff import Answered
from iceworthy.contract.differential.side import Side
from iceworthy.contract.differential.steps import SideState, Step

PAGES = 900
LIST = Step(operation="listTables", space=("a",), query=(("pageSize", "1"), ("pageToken", "")))
Page = Callable[[str], dict[str, Any]]


class Pages:
    """Stands for an Asker: answers each request with the page of its token."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def send(self, method: str, path: str, *, body: bytes | None = None) -> Reply:
        (token,) = parse_qs(urlsplit(path).query, keep_blank_values=True)["pageToken"]
        asked = Asked(url="http://127.0.0.1:1", method=method, path=path, body=body)
        text = orjson.dumps(self.page(token))
        return Reply(asked=asked, exchange=Exchange(status=200, complete=True, body=text))


def listed(page: Page) -> Answered:
    asker = cast(Asker, Pages(page))
    wire = Wire()
    one = Side(name="x", wire=wire, root=(), operations=frozenset({"listTables"}), asker=asker)
    return one.send(SideState(wire=wire, stem="s_"), LIST)


def test_a_listing_of_many_empty_pages_comes_to_its_end() -> None:
    def page(token: str) -> dict[str, Any]:
        number = int(token or 0)
        if number == PAGES:
            return {"identifiers": [{"namespace": ["s_a"], "name": "t"}]}
        return {"identifiers": [], "next-page-token": str(number + 1)}

    found = listed(page)
    assert (found.status, len(found.body["names"])) == (200, 1)


def test_a_token_that_comes_again_ends_a_listing() -> None:
    found = listed(lambda token: {"identifiers": [], "next-page-token": "x"})
    assert (found.status, found.error) == (0, "the same next-page-token twice")


def test_a_listing_without_an_end_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((0.0, LISTING_S_MAX, LISTING_S_MAX + 1))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(times))
    found = listed(lambda token: {"identifiers": [], "next-page-token": f"{token}+"})
    assert (found.status, found.error) == (0, "no end of the listing in 120 s")
