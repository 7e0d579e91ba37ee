"""The scene of a case: the requests that made what its deciding request shows, as few as possible.

Claim: what `shortest` leaves out did not touch what the deciding request is about: reads, and
writes to other namespaces, tables and views. Example: of a case that created two tables and
committed to both, a wrong answer to the load of the first keeps the creation of the namespace, the
creation of the first table and its commit. Requests that several cases share (`shared`) belong to
the scene of each of them.
What it does NOT show: that no shorter sequence shows the same; nothing is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import unquote

import orjson

from iceworthy.client.asker import Asked, Reply
from iceworthy.record.contract_lines import SentRequest

FIRST, LAST = 4, 7  # of a scene with more requests, so many from its beginning and from its end
HELD_MOST = 2_000
READS = frozenset({"GET", "HEAD"})
_OBJECT = re.compile(r"/(?:tables|views|register)/([^/?]+)")
Shared = TypeVar("Shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortest:
    """Requests in the order in which they were sent, with their statuses; left_out: how many more
    there were between the first and the last of them."""

    requests: tuple[SentRequest, ...] = ()
    left_out: int = 0


class Scene:
    """The requests of the case that runs, and the values that cases share, with their requests."""

    def __init__(self) -> None:
        self._sent: list[Reply] = []
        self._shared: dict[str, tuple[Any, list[Reply]]] = {}

    def begin(self) -> None:
        """A new case begins."""
        self._sent = []

    def add(self, replies: Iterable[Reply]) -> None:
        """Requests that were answered."""
        self._sent = [*self._sent, *replies][-HELD_MOST:]

    def shared(self, key: str, make: Callable[[], Shared]) -> Shared:
        """A value that several cases share; the first of them makes it, by requests that then
        stand at the beginning of the scene of each other."""
        if key in self._shared:
            value, made_by = self._shared[key]
            known = {id(one) for one in self._sent}
            self._sent = [*(one for one in made_by if id(one) not in known), *self._sent]
        else:
            before = len(self._sent)
            value = make()
            self._shared[key] = value, self._sent[before:]
        found: Shared = value
        return found

    def shortest(self, last: Asked | None, stem: str) -> Shortest:
        """The requests before `last` that made what it shows. stem: all names that the suite made
        begin with it."""
        if last is None:
            return Shortest()
        asked = [one.asked for one in self._sent]
        end = next((i for i in range(len(asked))[::-1] if asked[i] is last), len(asked))
        kept = _touching(self._sent[:end], last, re.compile(re.escape(stem) + r"\w*"))
        left_out = max(0, len(kept) - FIRST - LAST)
        if left_out:
            kept = [*kept[:FIRST], *kept[-LAST:]]
        return Shortest(
            requests=tuple(replace(one.asked.sent, status=one.status) for one in kept),
            left_out=left_out,
        )


def _touching(sent: Sequence[Reply], last: Asked, names: re.Pattern[str]) -> list[Reply]:
    """The writes that touched what the last request names, or what such a write names."""
    spaces, objects = _names(last, names), _objects(last)
    everything = not spaces
    kept: list[Reply] = []
    for one in reversed(sent):
        if one.asked.method in READS:
            continue
        own_spaces, own_objects = _names(one.asked, names), _objects(one.asked)
        is_elsewhere = bool(objects and own_objects and objects.isdisjoint(own_objects))
        if not everything and (is_elsewhere or spaces.isdisjoint(own_spaces)):
            continue
        kept.append(one)
        spaces |= own_spaces
        objects |= own_objects if objects else set()
    return kept[::-1]


def _names(asked: Asked, names: re.Pattern[str]) -> set[str]:
    """The names of the suite in its path and body."""
    text = f"{asked.path} {(asked.body or b'').decode('utf-8', 'replace')}"
    return set(names.findall(text))


def _objects(asked: Asked) -> set[str]:
    """The tables and views that it names; of a path as they are in a body: "a/b", not "a%2Fb"."""
    found = {unquote(one) for one in _OBJECT.findall(asked.path)}
    try:
        body = orjson.loads(asked.body or b"{}")
    except ValueError:
        return found
    if isinstance(body, dict):
        for place in (body, body.get("source"), body.get("destination")):
            name = place.get("name") if isinstance(place, dict) else None
            if isinstance(name, str):
                found.add(name)
    return found
