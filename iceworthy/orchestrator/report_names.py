"""Names that a report uses beside files of content: requirements, judges, cases, operations,
limits.

Claim: `iceworthy describe NAME` explains every name that a report or the terminal shows. Examples:
contract_cases[FR-009], tables.dropping_twice_is_not_found, loadTable.
What this does NOT show: the verdict of a run about a name; the report of the run does.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from analysis.requirements import REQUIREMENTS
from iceworthy import discovery
from iceworthy.words.asked import fits
from iceworthy.words.errors import PlanError
from iceworthy.words.foreign import shell_line
from iceworthy.words.limits import FACTS, default_text

if TYPE_CHECKING:
    from iceworthy.contract.case import Case

CASES_MOST = 40
JUDGES = ("checker", "criterion")
GROUPS = {
    "requirements": "every requirement, with its title",
    "judges": "every checker and criterion",
    "cases": "every case of the contract by its own name",
    "operations": "every operation of the specification, with the number of its cases",
    "limits": "every limit that you can set (iceworthy.toml, target files, --limit)",
}
"""What `iceworthy list` shows beside the kinds of content."""
SAME = {
    "requirement": "requirements",
    "judge": "judges",
    "check": "judges",
    "checks": "judges",
    "operation": "operations",
    "limit": "limits",
}


def group_text(name: str) -> str | None:
    """The lines of a group; None where no group has this name."""
    group = SAME.get(name, name)
    if group == "requirements":
        rows = [(one.id, one.title) for one in REQUIREMENTS]
    elif group == "judges":
        rows = [
            (judge, discovery.summary(kind, judge))
            for kind in JUDGES
            for judge in discovery.names(kind)
        ]
    elif group == "cases":
        rows = [(one.full_name, one.says) for one in _cases()]
    elif group == "operations":
        from iceworthy.specification import OPERATIONS

        about = [one.about for one in _cases()]
        rows = [(one.id, f"{about.count(one.id)} cases") for one in OPERATIONS]
    elif group == "limits":
        rows = [
            (name, f"{default_text(name)} ({facts['requirement']}): {facts['what']}")
            for name, facts in FACTS.items()
        ]
    else:
        return None
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {text}".rstrip() for name, text in rows)


def named_text(name: str) -> str | None:
    """What a name of a report means; None where it is no such name."""
    judge, bracket, _ = name.partition("[")
    for kind in JUDGES:
        if bracket and judge in discovery.names(kind):
            return _judge_of(kind, judge, name)
    return _operation(name) or _case(name)


def known_names() -> set[str]:
    """All names of cases and operations, to find the nearest."""
    from iceworthy.specification import OPERATIONS

    own = {name for one in _cases() for name in (one.name, one.full_name)}
    return own | {one.id for one in OPERATIONS} | set(FACTS)


def _judge_of(kind: str, judge: str, name: str) -> str | None:
    rows = [one for one in REQUIREMENTS if any(str(b.judge) == name for b in one.bases)]
    if not rows:
        return None
    decides = [f"  {one.id}  {one.title}" for one in rows]
    return "\n".join(
        [
            f"{kind} {name}: {discovery.summary(kind, judge)}",
            "",
            "a basis of",
            *decides,
            "",
            f"more: {shell_line('iceworthy', 'describe', judge)}",
        ]
    )


def _operation(name: str) -> str | None:
    from iceworthy.specification import OPERATIONS, advertised_name

    found = next((one for one in OPERATIONS if one.id == name), None)
    if found is None:
        return None
    about = [one.full_name for one in _cases() if one.about == name]
    return "\n".join(
        [
            f"operation {name}: {advertised_name(found)}",
            "",
            f"{len(about)} cases of the contract are about it",
            *_some(about),
            "",
            f"try it: {shell_line('iceworthy', 'run', 'contract', '--case', name)}",
        ]
    )


def _case(name: str) -> str | None:
    found = [one for one in _cases() if fits(name, (one.name, one.full_name))]
    stem = name.partition("[")[0]
    found = found or [one for one in _cases() if stem in (one.name.partition("[")[0],)]
    if not found:
        return None
    first = found[0]
    lines = [
        f"case {first.full_name}" if len(found) == 1 else f"{len(found)} cases {name}",
        f"file: iceworthy/contract/cases/{first.subject}.py",
        "",
        f"about: {first.about or 'every operation'}",
        f"says: {first.says}",
        f"place: {first.place}",
        f"requirement: {', '.join((first.requirement, *first.touches))}",
    ]
    lines += [f"needs: {', '.join(first.needs)}"] if first.needs else []
    lines += [f"can be read otherwise: {first.reading}"] if first.reading else []
    if len(found) > 1:
        lines += ["", *_some([one.full_name for one in found])]
    doc = (first.body.__doc__ or "").strip()
    lines += ["", doc] if doc else []
    return "\n".join(
        [*lines, "", f"try it: {shell_line('iceworthy', 'run', 'contract', '--case', name)}"]
    )


def _some(names: Sequence[str]) -> list[str]:
    more = [f"  … and {len(names) - CASES_MOST} more"] if len(names) > CASES_MOST else []
    return [f"  {one}" for one in names[:CASES_MOST]] + more


def _cases() -> list[Case]:
    from iceworthy.contract.case import cases_of, subjects

    found: list[Case] = []
    for subject in subjects():
        with suppress(PlanError):
            found += cases_of(subject)
    return found
