"""Which modules of the suite a file of tests reaches, from the text of both; runs neither.

Claim: a module that no test of a file could have run is not among them. Method: the test's imports,
those of its conftest.py files and of the helpers in tests/; from each module that it imports one
step further. Content counts as imported where its kind is loaded by name. A program that the tests
start counts with all that it imports, because they reach it only from outside.
Not shown: that a module which is reached is run, or that its result is looked at.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from iceworthy.discovery import KINDS
from tests.source_tree import ROOT, code, modules

STEPS = 2
# A word in the tests -> the program that it starts; a target of the reference starts a node.
PROGRAMS = {
    "open_stack": "fixtures/reference/__main__.py",
    "fixtures.reference": "fixtures/reference/__main__.py",
    "fixtures.reference.keys": "fixtures/reference/keys.py",
    "iceworthy": "iceworthy/__main__.py",
    "start_load": "locustfile.py",
    "scenarios.bench.server": "scenarios/bench/server.py",
}
# Modules that load every file of a folder by its name, without iceworthy/discovery.py.
LOADERS = {
    "iceworthy/contract/case.py": "iceworthy/contract/cases",
    "iceworthy/specification/__init__.py": "iceworthy/specification/schemas",
}


def reached_by(test: str) -> frozenset[str]:
    """The files of the modules that a file of tests reaches."""
    return _reached(tuple(sorted(_with_helpers(test))))


@cache
def _reached(tests: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    new = {name for test in tests for name in _imports(test)}
    for _ in range(STEPS):
        new |= {name for one in new for name in _content(one)}
        found |= new
        new = {name for one in new for name in _imports(one)} - found
    found |= new
    started = {
        PROGRAMS[word] for test in tests for word in facts_of(test).words if word in PROGRAMS
    }
    while started:
        found |= started
        started = {
            name for one in started for name in (*_imports(one), *_content(one), *_named(one))
        } - found
    return frozenset(found | {name for test in tests for name in _content(test)})


def _with_helpers(test: str) -> set[str]:
    """The file, the conftest.py of its folder and of those above, and the helpers they import."""
    folders = [str(folder) for folder in PurePosixPath(test).parents]
    new = {test} | {f"{folder}/conftest.py" for folder in folders}
    found: set[str] = set()
    while new:
        found |= {name for name in new if (ROOT / name).is_file()}
        helpers = {
            f"{dotted.replace('.', '/')}.py" for name in found for dotted in facts_of(name).imports
        }
        new = {name for name in helpers if name.startswith("tests/")} - found
        new = {name for name in new if (ROOT / name).is_file()}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file says. imports: dotted names, each with and without its last part. words: its
    identifiers and strings. kinds: of content that it loads by name."""

    imports: frozenset[str]
    words: frozenset[str]
    kinds: frozenset[str]


@cache
def facts_of(name: str) -> Facts:
    """The facts of a file of the suite or of its tests."""
    tree = code().get(name) or ast.parse((ROOT / name).read_text(encoding="utf-8"))
    imports: set[str] = set()
    words: set[str] = set()
    kinds: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                imports |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                imports |= {module, *(f"{module}.{alias.name}" for alias in names)}
            case ast.Name(id=word) | ast.Constant(value=str(word)):
                words.add(word)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="discovery")),
                args=[ast.Constant(value=str(kind)), *_],
            ):
                kinds.add(kind)
    return Facts(imports=frozenset(imports), words=frozenset(words), kinds=frozenset(kinds))


@cache
def _imports(name: str) -> frozenset[str]:
    return frozenset(modules()[one] for one in facts_of(name).imports if one in modules())


@cache
def _named(name: str) -> frozenset[str]:
    """Modules whose dotted name stands in a file as a string: it starts them as programs."""
    return frozenset(modules()[word] for word in facts_of(name).words if word in modules())


@cache
def _content(name: str) -> frozenset[str]:
    """The files that a file can load by name: a whole kind of content, or a loader's folder."""
    folders = {KINDS[kind].folder for kind in facts_of(name).kinds if kind in KINDS}
    if name in LOADERS:
        folders.add(LOADERS[name])
    return frozenset(file for folder in folders for file in _files_in().get(folder, ()))


@cache
def _files_in() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in code():
        found.setdefault(name.rpartition("/")[0], []).append(name)
    return found
