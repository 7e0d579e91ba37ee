"""A whole listing: follows every page to the end, as the specification says.

Claim: `complete` is true only when every page was answered and the last page named no next page.
A page may be empty and still name another, so progress and time bound a listing: no token comes
twice, and it ends after LISTING_S_MAX.
Method: the next-page-token of each answer is the pageToken of the next request. Without a page size
the first request carries no token, which asks for everything at once.
What it does NOT show: one instant; a name created or dropped between two pages may or may not
appear.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from iceworthy.client import view_calls
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.wire import Call, Namespace, Wire
from iceworthy.record.history import key_of

LISTING_S_MAX = 120.0
"""Of all pages together: pages that come slowly and end never are no listing."""
TOKEN_CHARACTERS_MAX = 16 * 1024
NAMES_MAX = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """names: keys in the order of the pages; a key that is listed twice is there twice. sizes:
    entries of each page.

    stopped: why the listing is not complete. last: the last page's answer.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    complete: bool
    stopped: str
    last: Answer


def list_tables(
    client: CatalogClient,
    wire: Wire,
    namespace: Namespace,
    *,
    page_size: int = 0,
    flags: int = 0,
    pages_max: int = 0,
) -> Listing:
    """All tables of a namespace; the full listing is a fact of its last operation. pages_max: stop
    after so many pages; 0: when it ends."""
    return _follow(
        client,
        lambda token: wire.list_tables(namespace, page_size=page_size, page_token=token),
        _tables_in,
        flags,
        pages_max,
    )


def list_views(client: CatalogClient, wire: Wire, namespace: Namespace) -> Listing:
    """All views of a namespace; the full listing is a fact of its last operation."""
    return _follow(
        client,
        lambda token: view_calls.list_views(wire, namespace, page_token=token),
        _tables_in,
        0,
        0,
    )


def list_namespaces(
    client: CatalogClient,
    wire: Wire,
    parent: Namespace = (),
    *,
    page_size: int = 0,
    flags: int = 0,
    pages_max: int = 0,
) -> Listing:
    """All namespaces below a parent; the full listing is a fact of its last operation."""
    return _follow(
        client,
        lambda token: wire.list_namespaces(parent, page_size=page_size, page_token=token),
        _namespaces_in,
        flags,
        pages_max,
    )


def _follow(
    client: CatalogClient,
    call_of: Callable[[str | None], Call],
    names_in: Callable[[Mapping[str, Any]], list[str] | None],
    flags: int,
    pages_max: int,
) -> Listing:
    names: list[str] = []
    sizes: list[int] = []
    tokens: set[str] = set()
    ends_at = time.monotonic() + LISTING_S_MAX
    token: str | None = None
    first_op = -1
    stopped = ""
    while True:
        answer = client.ask(call_of(token), flags=flags)
        first_op = answer.op if first_op < 0 else first_op
        body = answer.json() if answer.ok else None
        page = names_in(body) if isinstance(body, dict) else None
        if page is None or not isinstance(body, dict):
            stopped = answer.error or f"status {answer.status} without a list"
            break
        names += page
        sizes.append(len(page))
        following = body.get("next-page-token")
        if following is None:
            break
        token = str(following)
        if token in tokens:
            stopped = "the same next-page-token twice"
        elif pages_max and len(sizes) >= pages_max:
            stopped = f"more than {pages_max} pages"
        elif len(token) > TOKEN_CHARACTERS_MAX:
            stopped = f"a next-page-token of {len(token)} characters"
        elif len(names) > NAMES_MAX:
            stopped = f"more than {NAMES_MAX} names"
        elif time.monotonic() > ends_at:
            stopped = f"no end within {LISTING_S_MAX:g} s and {len(sizes)} pages"
        if stopped:
            break
        tokens.add(token)
    client.note(answer.op, names=names, pages=len(sizes), complete=not stopped, first_op=first_op)
    return Listing(
        names=tuple(names), sizes=tuple(sizes), complete=not stopped, stopped=stopped, last=answer
    )


def _tables_in(body: Mapping[str, Any]) -> list[str] | None:
    try:
        listed = body.get("identifiers") or []  # not a required field: none is an empty list
        return [key_of(_levels(i["namespace"]), str(i["name"])) for i in listed]
    except (KeyError, TypeError):
        return None


def _namespaces_in(body: Mapping[str, Any]) -> list[str] | None:
    try:
        return [key_of(_levels(levels)) for levels in body.get("namespaces") or []]
    except (KeyError, TypeError):
        return None


def _levels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(level, str) for level in value):
        raise TypeError(f"{value!r} is no namespace")
    return value
