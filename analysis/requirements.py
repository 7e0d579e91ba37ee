"""The requirements, and which judges in which experiments decide each of them.

Claim: requirements.toml alone joins requirements, judges and experiments. A requirement is
  confirmed   when all of its bases pass
  refuted     when any basis fails, in whatever experiment that judge ran
  unknown     otherwise: something was not run, was seen too rarely, or cannot be proven
Method: a basis names the experiments that it needs; those that it counts as well are named, or are
all that declare something (WHERE), so that a new experiment counts without a line in the table.
What this does NOT show: that the bases suffice for the requirement in general; docs/judging.md
names what each judge does not show.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iceworthy.record.verdicts import Scope
from iceworthy.words.experiment import Declared
from iceworthy.words.finding import Harm

NOT_YET = "not judged yet by this version"
# Guards: they say whether a run may be judged at all, and confirm or refute no requirement.
GUARDS = ("schedule_kept", "fault_bit")

WHERE: Mapping[str, Callable[[Declared], bool]] = {
    "load": lambda one: one.scenario is not None,
    "load without a fault": lambda one: one.scenario is not None and not one.faults,
    "fault under load": lambda one: bool(one.faults),
    "fault on a node": lambda one: any(fault.place.kind == "node" for fault in one.faults),
    "node asked to end": lambda one: any(
        fault.place.kind == "node" and not (fault.interrupts or fault.takes_away)
        for fault in one.faults
    ),
    "database taken away": lambda one: any("database" in fault.takes_away for fault in one.faults),
}
"""What an experiment can declare -> whether it does; the words stand in requirements.toml."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A file in analysis/checkers or analysis/criteria, and the part of a run that it judges.

    argument: for a criterion that judges one part of a run at a time, the part: for contract_cases
    the requirement whose cases count. "": the whole run. Shown as "contract_cases[FR-009]".
    """

    name: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.name}[{self.argument}]" if self.argument else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One judge and where its verdict counts for a requirement.

    required: experiments without which the requirement is not confirmed. also, where: experiments
    whose verdict counts fully too, where the profile runs them: these by name, and all that declare
    what WHERE says. Elsewhere only a fail counts.
    """

    judge: Judge
    required: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    where: str = ""

    def counts_in(self, one: Declared) -> bool:
        """Whether the judge's verdict in this experiment counts fully."""
        named = one.experiment in (*self.required, *self.also)
        return named or bool(self.where and WHERE[self.where](one))

    def experiments(self, planned: Iterable[Declared]) -> tuple[str, ...]:
        """The experiments in which it counts in a review: all required ones, then the others."""
        runs = {one.experiment: self.counts_in(one) for one in planned}
        also = (name for name in self.also if name in runs)
        others = (name for name, counts in runs.items() if counts)
        return tuple(dict.fromkeys((*self.required, *also, *others)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement: its text, its bases, and the part that this version does not judge.

    scope: "judged" can be confirmed and refuted; "refutable" has a part that no judge tries yet, so
    it can only be refuted; "later" has no judge.
    about: the fault that it is about (a word of WHERE): it fails only by evidence of that fault
    (analysis/shared_cause.py). "": it is about no fault, and a fail of its judges counts anywhere.
    protects: the harm that comes where an acknowledged write breaks it; None: statuses say it.
    """

    id: str
    title: str
    text: str
    bases: tuple[Basis, ...] = ()
    leaves_open: str = ""
    about: str = ""
    protects: Harm | None = None

    def concerns(self, one: Declared) -> bool:
        """Whether an experiment can refute it."""
        return not self.about or WHERE[self.about](one)

    @property
    def scope(self) -> Scope:
        if not self.bases:
            return "later"
        return "refutable" if self.leaves_open else "judged"

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments that this requirement needs, in the table's order."""
        return tuple(dict.fromkeys(name for basis in self.bases for name in basis.required))


def _requirement(name: str, row: dict[str, Any]) -> Requirement:
    groups = row.pop("judged_by", ())
    if (about := row.get("about", "")) and about not in WHERE:
        raise ValueError(f"{name}: no about = {about!r}; known: {', '.join(WHERE)}")
    bases = tuple(basis for group in groups for basis in _bases(name, **_renamed(group)))
    protects = Harm(row.pop("protects")) if "protects" in row else None
    return Requirement(id=name, bases=bases, protects=protects, **row)


def _renamed(group: dict[str, Any]) -> dict[str, Any]:
    return {{"in": "required", "also_in": "also"}.get(key, key): group[key] for key in group}


def _bases(
    row: str,
    *,
    judges: list[str],
    required: Iterable[str] = (),
    also: Iterable[str] = (),
    where: str = "",
) -> Iterable[Basis]:
    if where and where not in WHERE:
        raise ValueError(f"{row}: no where = {where!r}; known: {', '.join(WHERE)}")
    for text in judges:
        name, _, argument = text.removesuffix("]").partition("[")
        judge = Judge(name, argument)
        yield Basis(judge=judge, required=tuple(required), also=tuple(also), where=where)


def _table() -> tuple[Requirement, ...]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return tuple(_requirement(name, row) for name, row in tomllib.loads(text).items())


REQUIREMENTS = _table()
PROTECTED_BY = {one.id: one.protects for one in REQUIREMENTS if one.protects}


def requirement_ids() -> tuple[str, ...]:
    """Every id, in order."""
    return tuple(requirement.id for requirement in REQUIREMENTS)


def requirement(name: str) -> Requirement:
    """The requirement with this id; KeyError for an unknown one."""
    return {one.id: one for one in REQUIREMENTS}[name]


def experiments_for(name: str) -> tuple[str, ...]:
    """The experiments that judging this requirement needs; none where no judge exists."""
    return requirement(name).experiments


def named_experiments() -> tuple[str, ...]:
    """Every experiment that the table names."""
    bases = [basis for one in REQUIREMENTS for basis in one.bases]
    return tuple(dict.fromkeys(name for basis in bases for name in (*basis.required, *basis.also)))


def decides(judge: Judge, one: Declared) -> bool:
    """Whether this judge's verdict in this experiment counts fully for some requirement."""
    return judge in judges_of(one)


def judges_of(one: Declared) -> tuple[Judge, ...]:
    """Every judge that counts fully in this experiment, in the table's order."""
    bases = (basis for requirement in REQUIREMENTS for basis in requirement.bases)
    return tuple(dict.fromkeys(basis.judge for basis in bases if basis.counts_in(one)))
