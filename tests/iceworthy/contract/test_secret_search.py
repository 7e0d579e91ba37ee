"""Secrets are found however they are written, and nothing else is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from iceworthy.contract.secret_search import forms, in_database, in_text

SECRET = "s3cret/of+some=length"
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: f"token={s};",
    "in a URL": lambda s: f"?token={quote(s, safe='')}&a=b",
    "hex": lambda s: s.encode().hex(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 inside another": lambda s: base64.b64encode(f"some-client:{s}!".encode()).decode(),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(f"x{s}?~".encode()).decode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_however_it_is_written(way: str) -> None:
    text = f"a line before\n{WAYS[way](SECRET)}\nand after".encode()
    assert in_text(text, {"it": SECRET, "other": "another-secret-text"}) == ["it"]


def test_what_is_too_short_to_be_told_from_chance_is_not_looked_for() -> None:
    assert forms("abc") == ()
    assert in_text(b"abc", {"it": "abc"}) == []


def test_every_table_is_asked_and_the_secret_is_named_with_its_table() -> None:
    kept = {"public.clean": "nothing", "auth.tokens": SECRET.encode().hex()}

    def query(sql: str, *params: Any) -> list[tuple[Any, ...]]:
        if "pg_class" in sql:
            return [(name,) for name in kept]
        table = next(name for name in kept if f" {name} t" in sql)
        return [(any(text in kept[table] for text in params[0]),)]

    found = in_database(query, {"token": SECRET, "key": "a-key-that-is-nowhere"})
    assert found == ["token in auth.tokens"]
