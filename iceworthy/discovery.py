"""Finds content by its file name and loads it by that name alone: one file to add, no list to edit.

A file whose name starts with "_" is not content. A broken file breaks only itself: names and
summaries are read without importing; module() and load() raise a PlanError that says what is
broken. No other file of the suite imports content by name.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from iceworthy.suite_path import ensure_importable
from iceworthy.words.errors import PlanError

MOST_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of content: its folder below the suite's root, its module attribute ("" for TOML)."""

    name: str
    folder: str
    attribute: str

    @property
    def plural(self) -> str:
        """Its name for several of them."""
        return {"criterion": "criteria", "inquiry": "inquiries"}.get(self.name, f"{self.name}s")


KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="scenario", folder="scenarios", attribute="SCENARIO"),
        Kind(name="action", folder="scenarios/actions", attribute="act"),
        Kind(name="case", folder="iceworthy/contract/cases", attribute="case"),
        Kind(name="fault", folder="chaos/faults", attribute="FAULT"),
        Kind(name="experiment", folder="chaos/experiments", attribute="EXPERIMENT"),
        Kind(name="method", folder="iceworthy/orchestrator/methods", attribute="conduct"),
        Kind(name="driver", folder="chaos/drivers", attribute="drive"),
        Kind(name="inquiry", folder="iceworthy/contract/inquiries", attribute="inquire"),
        Kind(name="checker", folder="analysis/checkers", attribute="check"),
        Kind(name="criterion", folder="analysis/criteria", attribute="judge"),
        Kind(name="target", folder="fixtures/targets", attribute=""),
        Kind(name="lie", folder="fixtures/reference/lies", attribute="LIE"),
        Kind(name="variant", folder="fixtures/reference/variants", attribute="VARIANT"),
    )
}


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean X?" with the nearest known name, else "; known: ..."."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"; known: {', '.join(names[:MOST_NAMED])}{more}"


def kind_named(name: str) -> Kind:
    """The Kind with this name (singular or plural); PlanError names the nearest."""
    for kind in KINDS.values():
        if name in (kind.name, kind.plural):
            return kind
    raise PlanError(f"no kind of content named {name!r}{nearest(name, KINDS)}")


def names(kind: str) -> dict[str, Path]:
    """Name -> file of all content of a kind, in alphabetical order."""
    found = kind_named(kind)
    folder = ensure_importable() / found.folder
    suffix = ".py" if found.attribute else ".toml"
    files = sorted(folder.glob(f"*{suffix}")) if folder.is_dir() else []
    return {file.stem: file for file in files if not file.stem.startswith("_")}


def summary(kind: str, name: str) -> str:
    """First line of its docstring (of a target: its `summary`), read without importing it."""
    file = path_of(kind, name)
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            return str(tomllib.loads(text).get("summary", ""))
        return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    except (OSError, SyntaxError, ValueError) as error:
        return f"(broken: {error})"


def path_of(kind: str, name: str) -> Path:
    """The file of one piece of content; PlanError names the nearest."""
    known = names(kind)
    if name not in known:
        raise PlanError(f"no {kind_named(kind).name} named {name!r}{nearest(name, known)}")
    return known[name]


def module(kind: str, name: str) -> ModuleType:
    """The file of one piece of content as an imported module; PlanError when it is broken or does
    not define the attribute that its kind must define."""
    found, path = kind_named(kind), path_of(kind, name)
    try:
        imported = importlib.import_module(f"{found.folder.replace('/', '.')}.{name}")
    except Exception as error:
        raise PlanError(
            f"{found.name} {name!r} cannot be loaded: {error!r}; mend {path}"
        ) from error
    if not hasattr(imported, found.attribute):
        raise PlanError(
            f"{found.name} {name!r}: expected {found.attribute}, which every {found.name} defines; "
            f"the file does not define it: add it to {path}"
        )
    return imported


def load(kind: str, name: str) -> Any:
    """The agreed attribute of one piece of content; PlanError as module() raises it."""
    return getattr(module(kind, name), kind_named(kind).attribute)
