"""A listing is whole only when every page came; why it is not is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.client.pages import list_namespaces, list_tables
from iceworthy.client.wire import Wire
from iceworthy.record.history import key_of

WIRE = Wire()


class Pages:
    """In place of a client: answers with one page after the other, and keeps what was asked."""

    def __init__(self, *pages: Any) -> None:
        self.pages = list(pages)
        self.asked: list[str] = []
        self.noted: dict[str, Any] = {}

    def ask(self, call: Any, *, flags: int = 0) -> Any:
        self.asked.append(call.path)
        page = self.pages[min(len(self.asked), len(self.pages)) - 1]
        status = page if isinstance(page, int) else 200
        return SimpleNamespace(
            op=len(self.asked) - 1,
            ok=status == 200,
            status=status,
            error="",
            json=lambda: json.loads(json.dumps(page)),
        )

    def note(self, op: int, **facts: Any) -> None:
        self.noted = {"op": op, **facts}


def page_of(*names: str, token: str | None = None) -> Mapping[str, Any]:
    listed = [{"namespace": ["a"], "name": name} for name in names]
    return {"identifiers": listed, "next-page-token": token}


def tables(client: Any, **settings: Any) -> Any:
    return list_tables(client, WIRE, ("a",), **settings)


def test_pages_are_followed_to_the_last() -> None:
    client = Pages(page_of("t1", "t2", token="x/1"), page_of("t3"))
    found = tables(client, page_size=2)
    assert found.names == tuple(key_of(("a",), name) for name in ("t1", "t2", "t3"))
    assert (found.sizes, found.complete, found.stopped) == ((2, 1), True, "")
    assert "pageToken=x%2F1" in client.asked[1]
    assert client.noted["op"] == 1
    assert client.noted["first_op"] == 0
    assert client.noted["complete"] is True


def test_without_a_page_size_everything_is_asked_for_at_once() -> None:
    client = Pages(page_of("t1"))
    assert tables(client).complete
    assert "pageToken" not in client.asked[0]


def test_a_name_that_is_listed_twice_stands_there_twice() -> None:
    found = tables(Pages(page_of("t", token="1"), page_of("t")), page_size=1)
    assert found.names == (key_of(("a",), "t"),) * 2


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ((page_of("t", token="1"), page_of("u", token="1")), "the same next-page-token twice"),
        ((page_of("t", token="1"), 500), "status 500 without a list"),
        ((404,), "status 404 without a list"),
        (([],), "status 200 without a list"),
        (({"identifiers": [{"name": "t"}]},), "status 200 without a list"),
    ],
)
def test_a_listing_that_breaks_off_is_not_complete_and_says_why(
    pages: tuple[Any, ...], why: str
) -> None:
    client = Pages(*pages)
    found = tables(client, page_size=1)
    assert (found.complete, found.stopped) == (False, why)
    assert client.noted["complete"] is False


def test_pages_without_an_end_are_bounded() -> None:
    client = Pages(*(page_of(f"t{n}", token=str(n)) for n in range(9)))
    found = tables(client, page_size=1, pages_max=3)
    assert (len(found.sizes), found.stopped) == (3, "more than 3 pages")


def test_namespaces_are_listed_by_their_levels() -> None:
    client = Pages({"namespaces": [["a", "b"], ["a", "c"]]})
    found = list_namespaces(client, WIRE, ("a",))  # type: ignore[arg-type]
    assert found.names == (key_of(("a", "b")), key_of(("a", "c")))
    assert not list_namespaces(Pages({"namespaces": ["a"]}), WIRE).complete  # type: ignore[arg-type]
