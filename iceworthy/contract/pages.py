"""Follows the pages of a listing for a case, as the specification says: token by token to the end.

Claim: a page may be empty and still have a token, so progress and time bound a listing: no token
comes twice, and PAGES_S_MAX is for all pages. An end that does not come in time is broken where all
names were shown, else not decided. What it does NOT do: compare the names.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import Any

from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs

PAGES_S_MAX = 60.0


def pages_of(
    desk: Desk,
    operation_id: str,
    field: str,
    *parts: Any,
    query: Mapping[str, Any],
    names: int,
    nodes: int = 1,
) -> list[list[Any]]:
    """All pages, from the first to the last, as lists of names. query: of the first page; its token
    is "" where it has none. names: how many there are. nodes: ask so many of them in turn."""
    pages: list[list[Any]] = []
    token, seen = query.get("pageToken", ""), {""}
    ends_at = time.monotonic() + PAGES_S_MAX
    for number in itertools.count():
        asked = {**query, "pageToken": token}
        reply = desk.do(operation_id, *parts, query=asked, node=number % nodes)
        found = desk.expect(reply, 200).get(field)
        pages.append([_name(one) for one in found] if isinstance(found, list) else [])
        token = reply.get("next-page-token")
        if not token:
            break
        if token in seen:
            desk.broken("an end, or a token that leads on", f"page {len(pages)} repeats a token")
        seen.add(token)
        if time.monotonic() > ends_at:
            shown = sum(map(len, pages))
            if shown < names:
                raise Needs(f"{shown} of {names} names in {len(pages)} pages and {PAGES_S_MAX:g} s")
            desk.broken("an end after the last name", f"page {len(pages)} names another")
    return pages


def _name(one: Any) -> Any:
    return one.get("name") if isinstance(one, dict) else one[-1]
