"""Valid names that servers have been seen to lose, truncate or confuse.

Source: RFC 3986 for characters that a path segment must percent-encode; issue trackers of catalogs
for the rest. The specification forbids none of these names. A target may refuse a name (4xx), but
must never change it.
"""

from __future__ import annotations

from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs

ODD_NAMES: dict[str, str] = {
    "dot": "a.b",
    "dots alone": "...",
    "slash": "a/b",
    "encoded slash": "a%2Fb",
    "percent": "100%",
    "percent unit separator": "a%1Fb",
    "space": "a b",
    "plus": "a+b",
    "question mark": "a?b=c",
    "hash": "a#b",
    "ampersand": "a&b",
    "equals": "a=b",
    "semicolon": "a;b",
    "colon": "a:b",
    "at": "a@b",
    "comma": "a,b",
    "single quote": "o'brien",
    "double quote": 'say "x"',
    "backslash": "a\\b",
    "brackets": "a[b]{c}<d>",
    "umlauts": "größe",
    "combining": "e\u0301te\u0301",
    "cyrillic": "таблица",
    "chinese": "表格",
    "right to left": "جدول",
    "emoji": "🧊📦",
    "like pattern": "a_b%c",
    "upper case": "MixedCase",
    "digits": "12345",
    "minus": "-",
    "sql": "x'); drop table t; --",
    "tab": "a\tb",
    "long": "n" * 120,
}
ODD_EARLY = (
    "space",
    "percent",
    "encoded slash",
    "slash",
    "plus",
    "question mark",
    "hash",
    "single quote",
    "double quote",
    "umlauts",
    "chinese",
    "upper case",
)
"""Those that the survey tries."""


def can_be_addressed(desk: Desk, levels: Namespace) -> None:
    """Skip a name that contains the separator which the target advertises: in a path, such a name
    looks like several levels. Example: "a.b" where `namespace-separator` is %2E."""
    separator = desk.wire.separator
    if any(separator in level for level in levels):
        desk.skip(f"the target's namespace-separator is {separator!r}: no path can name {levels}")


def can_be_dropped_again(desk: Desk, load: str, *parts: Namespace | str) -> None:
    """On a target that remains in use: Needs, unless one can ask for this name.

    What is created under a name that no request can address cannot be dropped again.
    """
    if desk.live.spec.lives_on:
        reply = desk.do(load, *parts)
        if reply.status != 404:
            raise Needs(
                f"needs 404 for a name that does not exist, but: {reply.said}; nothing was created "
                "under it, as it could not be dropped again"
            )
