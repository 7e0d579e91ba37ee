"""A case of the contract: one function, one claim about one operation, found by its file.

Claim: every case has a name of its own, says which operation it is about, which requirement it
counts for and the contract's words that decide it; nothing else is needed to add one. `each` makes
one case of every value. What it does NOT say: how a case is run (iceworthy/contract/desk.py).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iceworthy.contract import cases as content

Body = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """about: operationId that it judges, "" where it judges what holds of all; uses: others without
    which it cannot be tried.

    says: the contract's words that decide it, in our own words. needs: capabilities of
    iceworthy/contract/capabilities.py. slow_s: what it may take beyond the usual half second.
    """

    name: str
    subject: str
    about: str
    requirement: str
    says: str
    body: Body
    values: tuple[Any, ...] = ()
    uses: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    slow_s: float = 0.0

    @property
    def title(self) -> str:
        """The name as a sentence."""
        return self.name.replace("_", " ")


_written: dict[str, list[Case]] = {}


def case(
    about: str,
    *,
    requirement: str = "FR-001",
    says: str,
    uses: Sequence[str] = (),
    needs: Sequence[str] = (),
    each: Mapping[str, Any] | Iterable[Any] | None = None,
    slow_s: float = 0.0,
) -> Callable[[Body], Body]:
    """Make a function a case, or one case of each value: of a mapping, keys name the cases."""

    def register(body: Body) -> Body:
        subject = body.__module__.rpartition(".")[2]
        for label, values in _each(each):
            _written.setdefault(body.__module__, []).append(
                Case(
                    name=f"{body.__name__}[{label}]" if label else body.__name__,
                    subject=subject,
                    about=about,
                    requirement=requirement,
                    says=says,
                    body=body,
                    values=values,
                    uses=tuple(uses),
                    needs=tuple(needs),
                    slow_s=slow_s,
                )
            )
        return body

    return register


def _each(
    each: Mapping[str, Any] | Iterable[Any] | None,
) -> Iterable[tuple[str, tuple[Any, ...]]]:
    if each is None:
        return (("", ()),)
    if isinstance(each, Mapping):
        return tuple((str(label), (value,)) for label, value in each.items())
    return tuple((re.sub(r"\s+", " ", str(value))[:60], (value,)) for value in each)


def subjects() -> list[str]:
    """Names of the files of cases."""
    return sorted(module.name for module in pkgutil.iter_modules(content.__path__))


def cases_of(subject: str) -> list[Case]:
    """The cases of one file, in the order in which they are written; raises what importing does."""
    module = f"{content.__name__}.{subject}"
    importlib.import_module(module)
    found = list(_written.get(module, []))
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{subject}: cases of the same name: {', '.join(twice)}")
    return found
