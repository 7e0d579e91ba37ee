"""What a limit of the user's own may be: its name and its range.

Claim: a name that is not known, and a value that no judge could use, is a PlanError that lists the
names. Example: `[limits] read_p95_ms = 20` in a target file or in iceworthy.toml, or on the command
line `--limit read_p95_ms=20`: then SC-003 fails for a p95 of 21 ms.
What this does NOT show: whether a limit is reasonable; the report names each beside the
requirement's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from iceworthy.discovery import nearest
from iceworthy.words.errors import PlanError
from iceworthy.words.limits import DEFAULTS, FACTS, NAMES, LimitsSpec


def refuse_unknown_limit(name: str, where: str) -> None:
    """PlanError, with all names, for a limit that does not exist."""
    if name not in NAMES:
        close = nearest(name, NAMES)
        hint = close if "did you mean" in close else ""
        raise PlanError(f"{where}: unknown key {name!r} at [limits]{hint}; known: {_list()}"[:600])


def checked_limit(name: str, value: Any, where: str) -> float | int:
    """The value as a judge takes it; PlanError for one that is out of its range."""
    refuse_unknown_limit(name, where)
    is_whole = isinstance(DEFAULTS[name], int)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    most = FACTS[name]["most"]
    if not is_number or not 0 < value <= most or (is_whole and value != int(value)):
        kind = "a whole number" if is_whole else "a number"
        raise PlanError(
            f"{where}: [limits] {name}: expected {kind} more than 0 and at most {most:,.0f}; got "
            f"{value!r}; known: {_list()}"[:600]
        )
    return int(value) if is_whole else float(value)


def limit_of_word(text: str) -> tuple[str, float | int]:
    """(name, value) of a word such as "read_p95_ms=20"."""
    name, equals, value = text.partition("=")
    if not equals:
        raise PlanError(f"--limit: expected NAME=NUMBER, got {text!r}; known: {_list()}"[:600])
    refuse_unknown_limit(name, "--limit")
    try:
        number: Any = float(value) if value.isascii() and "_" not in value else value
    except ValueError:
        number = value
    return name, checked_limit(name, number, "--limit")


def with_words(limits: LimitsSpec, words: Iterable[str]) -> LimitsSpec:
    """The limits with those of the command line in place of a target file's."""
    given: dict[str, Any] = dict(map(limit_of_word, words))
    return replace(limits, **given)


def words_of(table: Mapping[str, Any], where: str) -> list[str]:
    """ "NAME=NUMBER" of each limit of a [limits] table; PlanError for a wrong one."""
    return [f"{name}={checked_limit(name, value, where):g}" for name, value in table.items()]


def _list() -> str:
    return ", ".join(NAMES)
