"""What a message of an event stream is about: its kind of change, by words; its names, by texts.

The specification defines no events, so no form of message is required. A message is recognised by
names that the suite created, anywhere in its JSON, and its kind by a word anywhere in it. Example:
{"type": "table.updated", "namespace": ["a"], "name": "t"} and {"event": "TableCommitted", "id":
"a.t"} both tell a commit to table t of namespace a.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

WORDS = {
    "created": "creat|add|new",
    "updated": "updat|chang|propert|set",
    "dropped": "drop|delet|remov",
    "committed": "commit|updat|chang",
    "renamed": "renam|mov",
    "replaced": "replac|updat|commit",
}
_TOKEN = re.compile(r"\w+")


def texts_of(value: Any) -> Iterator[str]:
    """Every string in a JSON value."""
    return (leaf for leaf in _leaves(value) if isinstance(leaf, str))


def numbers_of(value: Any) -> Iterator[int]:
    """Every integer in a JSON value, those written as text too."""
    for leaf in _leaves(value):
        if isinstance(leaf, int) and not isinstance(leaf, bool):
            yield leaf
        elif isinstance(leaf, str) and leaf.isascii() and leaf.isdigit() and len(leaf) < 20:
            yield int(leaf)


def _leaves(value: Any) -> Iterator[Any]:
    """Every value in a JSON value that is no object and no list, in order."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


def tokens_of(value: Any) -> set[str]:
    """The words of every string in a JSON value: {"a", "t"} of "a.t"."""
    return {token for text in texts_of(value) for token in _TOKEN.findall(text)}


@cache
def kind_word(kind: str, subject: str) -> re.Pattern[str]:
    """A pattern for "table.created", "TableCreated", "create-table", and the like."""
    words = WORDS[kind]
    return re.compile(rf"\b{subject}s?\W*({words})|\b({words})\w*\W*{subject}", re.IGNORECASE)


def kind_text(value: Any, kind: str, subject: str) -> str:
    """The string of a message that tells this kind of change of a subject; "" where none does."""
    word = kind_word(kind, subject)
    return next((text for text in texts_of(value) if word.search(text)), "")
