"""Names that clients may send and servers have been seen to lose, cut or confuse.

Source: RFC 3986 for what must be percent-encoded in a segment; trackers of real catalogs for the
rest. The specification forbids none of them; a target may refuse one (4xx), never change it.
"""

from __future__ import annotations

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
