"""The texts of `iceworthy list` and `iceworthy describe`: names and descriptions of content.

Claim: a broken piece of content is shown as broken and hides no other.
Method: names, summaries and docstrings are read from the files. Only `describe` imports a file, to
show its attribute.
What this does NOT show: that a piece works; the tests and the selftest show that.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from analysis.requirements import Basis, requirement, requirement_ids
from iceworthy import discovery
from iceworthy.orchestrator.availability import why_no_experiment, why_no_fault
from iceworthy.orchestrator.report_names import GROUPS, group_text, known_names, named_text
from iceworthy.suite_path import suite_root
from iceworthy.words.errors import PlanError
from iceworthy.words.experiment import Experiment
from iceworthy.words.fault import Fault
from iceworthy.words.foreign import quoted
from iceworthy.words.limits import FACTS, LimitsSpec, described
from iceworthy.words.limits import NAMES as LIMIT_NAMES
from iceworthy.words.target import TargetSpec

WIDTH, INDENT = 100, 13
ID = re.compile(r"(FR|SC|EC)-\d+", re.IGNORECASE)
SCOPES = {
    "judged": "this version can confirm and refute it",
    "refutable": "this version can refute it, not confirm it",
    "later": "not judged yet by this version",
}


def list_text(kind: str | None = None) -> str:
    """All content of one kind (singular or plural) as `name  summary` lines; without a kind, the
    names of every kind on one screen."""
    if kind and (text := group_text(kind)) is not None:
        return text
    if kind:
        return _block(discovery.kind_named(kind).name)
    parts = [_overview(one) for one in discovery.KINDS]
    parts += [f"{name:<{INDENT}}({what})" for name, what in GROUPS.items() if name != "cases"]
    return "\n".join([*parts, "", "more: iceworthy list KIND, iceworthy describe NAME"])


def describe_text(
    name: str, target: TargetSpec | None = None, limits: LimitsSpec | None = None
) -> str:
    """Everything known of one piece of content: `name`, or `kind:name` where two kinds share it;
    or of one requirement, by its id; or of a judge with its argument, a case or an operation, as
    reports name them. With a target, also whether it can have that fault or
    experiment. limits: the user's own, None for those of the requirements."""
    limits = limits or LimitsSpec()
    if name in LIMIT_NAMES:
        about = FACTS[name]["requirement"]
        return f"limit {described(name, limits)}\n\nmore: iceworthy describe {quoted(about)}"
    if ID.fullmatch(name):
        return _requirement(name.upper(), limits)
    content = any(name in discovery.names(kind) for kind in discovery.KINDS)
    if not content and (text := named_text(name)) is not None:
        return text
    found = _named(name)
    return "\n\n".join(_described(kind, short, target) for kind, short in found)


def content_markdown() -> str:
    """docs/content.md: a table of each kind, a row for each piece."""
    parts = ["# What there is", "Made by `make docs` from each file's first line."]
    for kind, found in discovery.KINDS.items():
        lines = [f"## {_plural(kind).capitalize()}", "", f"In {found.folder}/.", ""]
        lines += ["| name | what |", "|---|---|"]
        for name in discovery.names(kind):
            what = discovery.summary(kind, name).replace("|", "\\|")
            lines.append(f"| {name} | {what} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


NAMES_MOST = 24  # of one kind, so that all kinds fit a screen of 40 lines; of a longer list:
NAMES_SHOWN = 12


def _overview(kind: str) -> str:
    names = list(discovery.names(kind))
    more = f", … and {len(names) - NAMES_SHOWN} more (name the kind to see all)"
    known = ", ".join(names[:NAMES_SHOWN] if len(names) > NAMES_MOST else names) or "(none)"
    known += more if len(names) > NAMES_MOST else ""
    wrapped = textwrap.wrap(known, WIDTH - INDENT, break_on_hyphens=False)
    return "\n".join(
        f"{'' if i else _plural(kind):<{INDENT}}{line}" for i, line in enumerate(wrapped)
    )


def _block(kind: str) -> str:
    known = discovery.names(kind)
    width = max((len(name) for name in known), default=0)
    lines = [f"{name:<{width}}  {discovery.summary(kind, name)}".rstrip() for name in known]
    return "\n".join(lines or ["(none)"])


def _named(name: str) -> list[tuple[str, str]]:
    kind, colon, short = name.partition(":")
    if colon:
        singular = discovery.kind_named(kind).name
        discovery.path_of(singular, short)
        return [(singular, short)]
    found = [(kind, name) for kind in discovery.KINDS if name in discovery.names(kind)]
    if not found:
        every = known_names() | {one for kind in discovery.KINDS for one in discovery.names(kind)}
        raise PlanError(f"nothing is named {name!r}{discovery.nearest(name, every)}")
    return found


def _requirement(name: str, limits: LimitsSpec) -> str:
    known = requirement_ids()
    if name not in known:
        raise PlanError(f"no requirement {name!r}{discovery.nearest(name, known)}")
    one = requirement(name)
    lines = [f"requirement {one.id}: {one.title}", "", one.text, "", SCOPES[one.scope]]
    if one.leaves_open:
        lines.append(f"left open: {one.leaves_open}")
    own = [described(key, limits) for key in LIMIT_NAMES if FACTS[key]["requirement"] == name]
    lines += [f"limit: {text}" for text in own]
    if one.bases:
        lines += ["", "judged by"]
        width = max(len(str(basis.judge)) for basis in one.bases)
        for basis in one.bases:
            lines.append(f"  {basis.judge!s:<{width}}  {_where(basis)}")
        lines += ["", f"try it: iceworthy review --only {quoted(one.id)}"]
    return "\n".join(lines)


def _where(basis: Basis) -> str:
    required = f"in {', '.join(basis.required)}" if basis.required else ""
    others = [*basis.also, *([f"every other with: {basis.where}"] if basis.where else [])]
    also = f"(also in {', '.join(others)})" if others else ""
    return " ".join(part for part in (required, also) if part)


def _described(kind: str, name: str, target: TargetSpec | None) -> str:
    path = discovery.path_of(kind, name)
    parts = [f"{kind} {name}", f"file: {_shown(path)}", _text_of(path)]
    facts = _facts(kind, name, path)
    if facts:
        parts.append("\n".join(facts))
    if target is not None:
        parts.append(_on_target(kind, name, target))
    return "\n\n".join(part for part in parts if part)


def _on_target(kind: str, name: str, target: TargetSpec) -> str:
    """Whether the target can have it; "" for what every target can have."""
    if kind not in ("fault", "experiment"):
        return ""
    try:
        if kind == "fault":
            why = why_no_fault(name, target)
        else:
            why = why_no_experiment(discovery.load("experiment", name), target)
    except PlanError as error:
        return f"(broken: {error})"
    return f"on {target.name}: not available: {why}" if why else f"on {target.name}: available"


def _fault_lines(fault: type[Fault]) -> list[str]:
    try:
        return [
            f"bites: {fault.place}",
            *_fact_lines("needs", fault.needs),
            *_fact_lines("takes_away", tuple(sorted(fault.takes_away))),
            *(["interrupts operations under way"] if fault.interrupts else []),
        ]
    except AttributeError as error:
        return [f"(broken: {error}; iceworthy/words/fault.py says what a fault must have)"]


def _text_of(path: Path) -> str:
    """The whole docstring; of a TOML file its summary and the comments at its head."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            head = [line.lstrip("# ") for line in text.splitlines() if line.startswith("#")]
            return "\n".join([str(tomllib.loads(text).get("summary", "")), *head])
        return ast.get_docstring(ast.parse(text)) or "(it has no docstring)"
    except (OSError, SyntaxError, ValueError) as error:
        return f"(broken: {error})"


def _facts(kind: str, name: str, path: Path) -> list[str]:
    """What its agreed attribute holds, field by field; nothing for a function or a class."""
    try:
        if path.suffix == ".toml":
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            return [
                line
                for key, value in table.items()
                if key != "summary"
                for line in _fact_lines(key, value)
            ]
        content = discovery.load(kind, name)
    except (PlanError, OSError, ValueError) as error:
        return [f"(broken: {error})"]
    if kind == "fault":
        return _fault_lines(content)
    if isinstance(content, type) or not is_dataclass(content):
        return []
    lines = [
        line
        for field in fields(content)
        if field.name != "method"
        for line in _fact_lines(field.name, getattr(content, field.name))
    ]
    if isinstance(content, Experiment):
        method = content.method
        lines.append(f"method: {method.conductor}")
        for one in fields(method):
            lines += [f"  {line}" for line in _fact_lines(one.name, getattr(method, one.name))]
    return lines


def _fact_lines(key: str, value: Any) -> list[str]:
    if value is None or value == () or value == {} or value == "":
        return []
    if isinstance(value, Mapping):
        return [f"{key}:", *(f"  {sub} = {_fact(item)}" for sub, item in value.items())]
    if isinstance(value, tuple | list) and value and is_dataclass(value[0]):
        return [f"{key}:", *(f"  - {_fact(item)}" for item in value)]
    return [f"{key}: {_fact(value)}"]


def _fact(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        given = [(key, item) for key, item in parts if item not in ((), {}, None)]
        return ", ".join(f"{key}={_fact(item)}" for key, item in given)
    if isinstance(value, tuple | list):
        return ", ".join(_fact(item) for item in value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_fact(item)}" for key, item in value.items()) + "}"
    return str(getattr(value, "__qualname__", value))


def _plural(kind: str) -> str:
    return discovery.KINDS[kind].plural


def _shown(path: Path) -> str:
    root = suite_root()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
