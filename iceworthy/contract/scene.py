"""The scene of a case: the requests that made what its deciding request shows, as few as possible.

Claim: what `shortest` leaves out did not touch what the deciding request is about: reads, and
writes to other namespaces, tables and views. Example: of a case that created two tables and
committed to both, a wrong answer to the load of the first keeps the creation of the namespace, the
creation of the first table and its commit. Requests that several cases share (`shared`) belong to
the scene of each of them. Its curl lines can be pasted into another catalog: requests that were
sent at the same moment are again, and the uuid of a table or view that an answer showed is asked
for where a line sends it.
What it does NOT show: that no shorter sequence shows the same; nothing is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, unquote

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
    there were between the first and the last of them; decides: the curl line of the request behind
    them, "" without such."""

    requests: tuple[SentRequest, ...] = ()
    left_out: int = 0
    decides: str = ""


class Scene:
    """The requests of the case that runs, and the values that cases share, with their requests."""

    def __init__(self) -> None:
        self._sent: list[Reply] = []
        self._shared: dict[str, tuple[Any, list[Reply]]] = {}
        self._moments: dict[int, int] = {}  # id of a request -> the moment that it shares

    def begin(self) -> None:
        """A new case begins."""
        self._sent, self._moments = [], {}

    def add_at_once(self, replies: Sequence[Reply]) -> None:
        """Requests that were sent at the same moment, and answered."""
        moment = len(self._moments) + 1
        self._moments |= {id(one.asked): moment for one in replies}
        self.add(replies)

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
        uuids = _uuids(kept)
        lines = [_with_uuids(one, uuids) for one in (*(each.asked for each in kept), last)]
        moments = [self._moments.get(id(one.asked), 0) for one in kept]
        moments.append(self._moments.get(id(last), 0))
        sent = [
            replace(one.asked.sent, status=one.status, curl=line + again)
            for one, line, again in zip(kept, lines, _joined(moments), strict=False)
        ]
        return Shortest(requests=tuple(sent), left_out=left_out, decides=lines[-1])


def _joined(moments: Sequence[int]) -> list[str]:
    """What joins each line but the last with the next. moments: 0 for a request by itself."""
    joined = []
    for i, moment in enumerate(moments[:-1]):
        is_followed = moment and moments[i + 1] == moment
        is_last = moment and i and moments[i - 1] == moment
        joined.append(" &" if is_followed else " & wait" if is_last else "")
    return joined


def _uuids(replies: Iterable[Reply]) -> dict[str, Asked]:
    """The uuids of the tables and views that these requests made, and a load that shows each; none
    of a name that was made twice, whose load shows the newer one alone."""
    found: dict[str, list[tuple[str, Asked]]] = {}
    for one in replies:
        body, path = one.asked_body, one.asked.path
        uuid = one.metadata.get("table-uuid", one.metadata.get("view-uuid"))
        is_made = path.endswith(("/tables", "/views")) and isinstance(body, dict)
        if not one.ok or not is_made or body.get("stage-create") or not isinstance(uuid, str):
            continue
        path = f"{path}/{quote(str(body.get('name')), safe='')}"
        load = replace(one.asked, method="GET", path=path, headers={}, body=None)
        found.setdefault(path, []).append((uuid, load))
    return dict(made[0] for made in found.values() if len(made) == 1)


def _with_uuids(asked: Asked, uuids: Mapping[str, Asked]) -> str:
    """The curl line, with a question for each of these uuids in its place; as it is where the body
    is not in single quotes."""
    line = asked.curl
    if asked.has_variables or "--data-binary '" not in line:
        return line
    for uuid, load in uuids.items():
        ask = load.curl.replace(" -i ", " ", 1)
        field = (
            "'\"$(" + ask + " | grep -oE '(table|view)-uuid\" *: *\"[^\"]*' | cut -d'\"' -f3)\"'"
        )
        line = line.replace(f'"uuid":"{uuid}"', f'"uuid":"{field}"')
    return line


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
