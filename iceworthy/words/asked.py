"""What a command asked for: a case, an experiment, a scenario or a requirement.

Claim: the exit code answers exactly these. Example: `iceworthy run contract --case X` is about X,
and not about the survey before it or the requirements that need all cases.
What this does NOT show: a verdict; analysis/asked.py gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

AskedKind = Literal["case", "experiment", "scenario", "requirement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """One thing that the command line asked for."""

    kind: AskedKind
    """What kind of thing it is."""
    name: str
    """Its name or id; of cases the pattern that was given."""
    experiment: str = ""
    """The experiment that answers it; empty for a requirement, which several can decide."""


def fits(pattern: str, names: Iterable[str]) -> bool:
    """Whether one of the names is as the pattern says, in which * stands for any text."""
    # fnmatch would read the brackets of a case's label as a set of characters
    expression = ".*".join(map(re.escape, pattern.split("*")))
    return any(re.fullmatch(expression, name) for name in names)


def names_of_case(full_name: str, operation: str) -> tuple[str, ...]:
    """The names by which a case can be asked for: file.name, name, both without the instance (then
    all instances are asked for), and its operation's, if it is about one. Example: of
    errors.no_body[taken table] also "errors.no_body". No name is empty, so `--case ""` asks for
    nothing."""
    name = full_name.partition(".")[2]
    plain = (one.partition("[")[0] for one in (name, full_name))
    return tuple(filter(None, (name, full_name, *plain, operation)))
