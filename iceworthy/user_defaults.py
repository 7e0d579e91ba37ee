"""Defaults of a user's own: iceworthy.toml in the working folder, and environment variables.

Claim: the command line beats a variable, and a variable beats the file; a key or a name that is not
known is refused before anything is run. Method: what is not on the command line is put there, so
that the command that a run keeps for its repetition is whole, and needs neither file nor variable.
Example: `[defaults] target = "my.toml"` makes `iceworthy review` a review of my.toml.
What this does NOT do: read a file of another folder, unless ICEWORTHY_CONFIG names it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iceworthy.discovery import nearest
from iceworthy.words.errors import PlanError
from iceworthy.words.user_limits import words_of

CONFIG = "iceworthy.toml"
CONFIG_VARIABLE = "ICEWORTHY_CONFIG"
CONFIG_BYTES_MOST = 100_000
LOAD = ("target", "sessions", "seed", "load-processes", "allow-host")
ENDING = ("results", "baseline", "junit")
OPTIONS_OF: Mapping[str, tuple[str, ...]] = {
    "review": (*LOAD, *ENDING, "only"),
    "run": (*LOAD, *ENDING),
    "up": ("target", "allow-host"),
    "judge": ENDING,
    "report": ("results",),
}
"""Verb -> its options that can have a default."""
KEYS = sorted({option for options in OPTIONS_OF.values() for option in options})
SECTIONS = ("defaults", "sets", "limits")
LIMITED = ("review", "run", "up", "describe")
"""Verbs that take --limit."""


def with_defaults(words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The words of a command with the user's defaults in front of its own, and with the members of
    a set in place of its name after --only. PlanError for a file that says something unknown."""
    verb = words[0] if words else ""
    if verb not in {*OPTIONS_OF, *LIMITED}:
        return list(words)
    own_file = _read(environment)
    sets, defaults = own_file.sets, own_file.defaults
    values = defaults | _of_variables(environment)
    own = list(words[1:])
    added = [
        f"--{option}={value}"
        for option in OPTIONS_OF.get(verb, ())
        if option in values and not _is_given(option, own)
        for value in values[option]
    ]
    # In front of the command's own, of which the last counts.
    limits = [f"--limit={one}" for one in own_file.limits] if verb in LIMITED else []
    return [verb, *_with_members([*added, *limits, *own], sets)]


def _is_given(option: str, words: Sequence[str]) -> bool:
    return any(word == f"--{option}" or word.startswith(f"--{option}=") for word in words)


def _of_variables(environment: Mapping[str, str]) -> dict[str, list[str]]:
    names = {option: "ICEWORTHY_" + option.upper().replace("-", "_") for option in KEYS}
    return {option: [environment[name]] for option, name in names.items() if environment.get(name)}


def _with_members(words: Sequence[str], sets: Mapping[str, list[str]]) -> list[str]:
    """`--only smoke,EC-1` with what `smoke` stands for."""
    found: list[str] = []
    is_only = False
    for word in words:
        head, equals, value = word.partition("=")
        if is_only:
            word = _members(word, sets)
        elif head == "--only" and equals:
            word = f"--only={_members(value, sets)}"
        is_only = word == "--only"
        found.append(word)
    return found


def _members(text: str, sets: Mapping[str, list[str]]) -> str:
    names = [one.strip() for one in text.split(",")]
    return ",".join(member for name in names for member in sets.get(name, [name]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnFile:
    """What the file says. limits: "NAME=NUMBER" each."""

    defaults: dict[str, list[str]] = field(default_factory=dict)
    sets: dict[str, list[str]] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)


def _read(environment: Mapping[str, str]) -> _OwnFile:
    """The file, empty where there is none."""
    named = environment.get(CONFIG_VARIABLE, "")
    path = Path(named or CONFIG)
    if not named and not path.is_file():
        return _OwnFile()
    try:
        with open(path, "rb") as file:
            raw = file.read(CONFIG_BYTES_MOST + 1)
        if len(raw) > CONFIG_BYTES_MOST:
            raise ValueError(f"it has more than {CONFIG_BYTES_MOST} bytes")
        facts: dict[str, Any] = tomllib.loads(raw.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"{path}: expected TOML with {' and '.join(SECTIONS)}; {error}") from error
    _refuse_unknown(path, "section", facts, SECTIONS)
    defaults, sets = facts.get("defaults", {}), facts.get("sets", {})
    limits = facts.get("limits", {})
    for name, section in (("defaults", defaults), ("sets", sets), ("limits", limits)):
        if not isinstance(section, dict):
            raise PlanError(f"{path}: {name}: expected a table, got {section!r}"[:400])
    _refuse_unknown(path, "[defaults]", defaults, KEYS)
    for name, members in sets.items():
        texts = isinstance(members, list) and all(isinstance(one, str) for one in members)
        if not texts or not members:
            raise PlanError(
                f"{path}: [sets] {name}: expected a list of requirements or experiments, such as "
                f'["FR-004", "EC-1"]; got {members!r}'[:400]
            )
    values = {key: _texts(path, key, value) for key, value in defaults.items()}
    return _OwnFile(defaults=values, sets=sets, limits=words_of(limits, str(path)))


def _texts(path: Path, key: str, value: Any) -> list[str]:
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in several):
        raise PlanError(
            f"{path}: [defaults] {key}: expected a text or a number, got {value!r}"[:400]
        )
    if key in ("only",):
        return [",".join(map(str, several))]
    return [str(one) for one in several]


def _refuse_unknown(path: Path, what: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            raise PlanError(f"{path}: {what}: no key {key!r}{nearest(key, known)}"[:400])


def effective(arguments: Sequence[str]) -> list[str]:
    """The words of the command line of this process, with the defaults."""
    return with_defaults(arguments, os.environ)
