"""A case of the contract: one function with one claim about one operation, found by its file.

Claim: every case has a unique name, and states the operation it judges, the requirement it counts
for, and the contract's words that decide it; nothing else is needed to add a case. `each` makes one
case per value. `early` cases are asked by the survey too, before anything else. What it does NOT
show: how a case is run (see iceworthy/contract/desk.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iceworthy import discovery

__all__ = ["case"]

Body = Callable[..., None]
FIRST = ("plain_requests", "snapshot_ids")
STATUS = re.compile(r"\b[2-5]\d\d\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """about: the operationId that it judges; "" if it judges all operations. uses: other operations
    without which it cannot be tried.

    says: the contract's words that decide it, paraphrased. place: where they stand: an
    operationId.responses.404, schemas.NAME, "RFC 9110 8.8.3", or the requirement's identifier for
    what the document does not cover. needs: names of capabilities in
    iceworthy/contract/capabilities.py. slow_s: seconds it may take beyond the usual half second.
    early: the survey asks it first, since something later depends on it. touches: other
    requirements that are refuted too where it is broken. founds: the operation whose scenes in
    other cases cannot be made where this one is broken; "" for most.
    reading: why the words can be read otherwise too; not "": what does not fit is a remark.
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
    place: str = ""
    reading: str = ""
    early: bool = False
    touches: tuple[str, ...] = ()
    founds: str = ""

    @property
    def full_name(self) -> str:
        """file.name, as cases.jsonl has it."""
        return f"{self.subject}.{self.name}"

    @property
    def title(self) -> str:
        """The name as a sentence, with spaces for underscores."""
        return self.name.replace("_", " ")


_written: dict[str, list[Case]] = {}


def case(
    about: str | Mapping[str, str],
    *,
    requirement: str = "FR-001",
    says: str,
    uses: Sequence[str] = (),
    needs: Sequence[str] = (),
    each: Mapping[str, Any] | Iterable[Any] | None = None,
    slow_s: float = 0.0,
    early: bool | Collection[str] = False,
    touches: Sequence[str] = (),
    founds: str = "",
    place: str = "",
    reading: str | Mapping[str, str] = "",
) -> Callable[[Body], Body]:
    """Make a function a case, or one case per value of `each`; a mapping's keys name the cases.

    about: the operation, or the operation of each label. place: without one, the response of the
    first status in `says`, else the file's PLACE, else the operation as a whole. reading: of all,
    or of these labels. early: True, or the labels of `each` that are; ValueError for a label that
    is not there.
    """
    labels = {label for label, _ in _each(each)}
    first = (labels if early else set()) if isinstance(early, bool) else set(early)
    if strange := first - labels:
        raise ValueError(f"early: no case is named {sorted(strange)}; known: {sorted(labels)}")

    def register(body: Body) -> Body:
        subject = body.__module__.rpartition(".")[2]
        for label, values in _each(each):
            judged = about if isinstance(about, str) else about[label]
            _written.setdefault(body.__module__, []).append(
                Case(
                    name=f"{body.__name__}[{label}]" if label else body.__name__,
                    subject=subject,
                    about=judged,
                    requirement=requirement,
                    says=says,
                    body=body,
                    values=values,
                    uses=tuple(uses),
                    needs=tuple(needs),
                    slow_s=slow_s,
                    early=label in first,
                    touches=tuple(touches),
                    founds=founds,
                    place=place or _place(judged, says, body) or requirement,
                    reading=reading if isinstance(reading, str) else reading.get(label, ""),
                )
            )
        return body

    return register


def _place(about: str, says: str, body: Body) -> str:
    status = STATUS.search(says)
    if about and status:
        return f"{about}.responses.{status[0]}"
    return str(body.__globals__.get("PLACE", about))


def _each(
    each: Mapping[str, Any] | Iterable[Any] | None,
) -> Iterable[tuple[str, tuple[Any, ...]]]:
    if each is None:
        return (("", ()),)
    if isinstance(each, Mapping):
        return tuple((str(label), (value,)) for label, value in each.items())
    return tuple((re.sub(r"\s+", " ", str(value))[:60], (value,)) for value in each)


def subjects() -> list[str]:
    """The names of the files of cases; first those on which the scenes of others stand."""
    return [*FIRST, *sorted(set(discovery.names("case")) - {*FIRST})]


def cases_of(subject: str) -> list[Case]:
    """The cases of one file, in the order of their definition; PlanError when it is broken."""
    found = list(_written.get(discovery.module("case", subject).__name__, []))
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{subject}: cases of the same name: {', '.join(twice)}")
    return found
