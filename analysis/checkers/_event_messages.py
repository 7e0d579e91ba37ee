"""The messages of event streams, by connection and by the entity and the kind of change.

Claim: a message is found for an entity when it holds the entity's names, and a word for the kind of
change; the suite makes every name of a run itself, so no other entity has both.
What this does NOT show: messages about entities that the history does not name.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.run import Run
from iceworthy.record.history import UNIT, text_hash
from iceworthy.record.sample_lines import EventMessage
from iceworthy.words.event_text import kind_text, kind_word, numbers_of, texts_of, tokens_of

SUBJECTS = (
    ("committed", "table"),
    ("created", "table"),
    ("renamed", "table"),
    ("dropped", "table"),
    ("created", "namespace"),
    ("updated", "namespace"),
    ("dropped", "namespace"),
    ("created", "view"),
    ("replaced", "view"),
    ("renamed", "view"),
    ("dropped", "view"),
)
KIND_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message about one change. kind: its own word for it. locations: hashes of its texts, as
    the history has those of metadata-locations. numbers: the integers in it. at: its place among
    all messages."""

    at: int
    kind: str
    locations: frozenset[int]
    numbers: frozenset[int]


Heard = Mapping[tuple[str, str, str], list[Message]]
"""(kind, subject, key) -> its messages, in the order of arrival."""


def messages_of(run: Run, keys: Iterable[str]) -> Mapping[tuple[int, int], Heard]:
    """(node, connection) -> its messages about these entities."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_name[names_in(key)[-1]].append(key)
    found: dict[tuple[int, int], dict[tuple[str, str, str], list[Message]]] = {}
    for at, line in enumerate(run.read(EventMessage)):
        heard = found.setdefault((line.node, line.connection), {})
        body = _parsed(line.text)
        named = _named(tokens_of(body), by_name)
        for kind, subject in SUBJECTS:
            text = kind_text(body, kind, subject)
            if not text or not named:
                continue
            message = Message(
                at=at,
                kind=_short(text, kind, subject),
                locations=frozenset(map(text_hash, texts_of(body))),
                numbers=frozenset(numbers_of(body)),
            )
            for key in _deepest(named) if subject == "namespace" else named:
                heard.setdefault((kind, subject, key), []).append(message)
    return found


def names_in(key: str) -> list[str]:
    """The levels of a namespace, and the table: ["a", "b", "t"] of the key of a.b's table t."""
    return key.replace("/", UNIT).split(UNIT)


def _named(words: set[str], by_name: Mapping[str, list[str]]) -> list[str]:
    """The entities all of whose names are among the words."""
    return [
        key for word in words for key in by_name.get(word, ()) if words.issuperset(names_in(key))
    ]


def _deepest(keys: list[str]) -> list[str]:
    """The namespaces in which none of the others lies: a message about a.b names a too."""
    return [key for key in keys if not any(one.startswith(f"{key}{UNIT}") for one in keys)]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _short(text: str, kind: str, subject: str) -> str:
    """The word of a text that names the kind, so that texts with a time or a name in them agree."""
    if len(text) <= KIND_MOST and " " not in text:
        return text
    match = kind_word(kind, subject).search(text)
    return match[0].lower() if match else ""
