"""Which operations a server offers, by the `endpoints` of its /v1/config.

Claim: an operation is offered if an entry names its method and its path as the document writes it,
or in another spelling of the same: other names of the parameters, the prefix itself in place of
{prefix}, or no prefix, a base path in front, "*" for one segment, "**" for the rest, "*" for any
method. A server that lists nothing offers the document's default list. Entries that name no
operation of the document are nobody's concern.
What this does NOT show: that the document wants an entry as a whole text; a case of the contract
asks that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

from iceworthy.specification.operations import BY_DEFAULT, OPERATIONS, advertised_name

ALWAYS = frozenset({"getConfig"})
ENTRIES_MOST = 10_000
SEGMENTS_MOST = 64
PREFIX = "{prefix}"
_PARAMETER = re.compile(r"{[^{}]*}|<[^<>]*>|:\w+|\*")


@lru_cache(maxsize=64)
def operations_offered(listed: tuple[str, ...] | None, prefix: str = "") -> frozenset[str]:
    """The operationIds; listed: None where the server sends no list. prefix: as in paths."""
    if listed is None:
        return BY_DEFAULT | ALWAYS
    entries = listed[:ENTRIES_MOST]
    texts = frozenset(entries)
    exact = {one.id for one in OPERATIONS if advertised_name(one) in texts}
    names = {advertised_name(one) for one in OPERATIONS}
    others = [entry for text in entries if text not in names for entry in _read(text, prefix)]
    spelled = {
        one.id
        for one in OPERATIONS
        for method, path in others
        if method in ("*", one.method) and _fits(_segments(one.template), path)
    }
    return frozenset(exact | spelled) | ALWAYS


def _read(text: str, prefix: str) -> list[tuple[str, Sequence[str]]]:
    """Method and segments of an entry, with {prefix} in the place of the prefix; [] for no such."""
    words = text.split()
    if len(words) != 2 or "/v1/" not in words[1]:
        return []
    method, path = words[0].upper(), "/v1/" + words[1].partition("/v1/")[2]
    own = [unquote(part) for part in prefix.split("/") if part]
    segments = _segments(path)
    if len(segments) > SEGMENTS_MOST:
        return []
    if own and [unquote(part) for part in segments[1 : 1 + len(own)]] == own:
        segments = [segments[0], PREFIX, *segments[1 + len(own) :]]
    elif segments[1:2] and not _PARAMETER.fullmatch(segments[1]) and segments[1] != "**":
        segments = [segments[0], PREFIX, *segments[1:]]  # written without a prefix
    return [("*" if method == "ANY" else method, segments)]


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _fits(template: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a path covers a template, segment by segment."""
    for at, part in enumerate(path):
        if part == "**":
            return len(template) > at
        if at >= len(template):
            return False
        if part != "*" and not _same(template[at], part):
            return False
    return len(path) == len(template)


def _same(template: str, part: str) -> bool:
    if template.startswith("{"):
        return bool(_PARAMETER.fullmatch(part))
    return template == part
