"""The files of the project as text and as syntax trees, for tests of their form; imports none of
them.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The folders (and the one file) at the root that hold the suite's code.
TOPS = {"iceworthy", "scenarios", "chaos", "fixtures", "analysis", "locustfile"}


@cache
def tracked() -> tuple[Path, ...]:
    """Files that are in git or would be added, that exist."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        said = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout
        names = [name for name in said.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        # An unpacked archive: everything but what a build or a run leaves.
        left = re.compile(r"(^|/)(\.|__pycache__|results|dist|build)")
        found = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*"))
        names = [name for name in found if name.startswith(".ci/") or not left.search(name)]
    return tuple(path for name in sorted(set(names)) if (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    """(path below the root, text) of every tracked text file."""
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw and path.suffix != ".ops":
            yield path.relative_to(ROOT).as_posix(), raw.decode("utf-8", errors="replace")


def is_code(name: str) -> bool:
    """Whether a file below the root is the suite's own code."""
    return name.endswith(".py") and top(name.replace("/", ".")) in TOPS


@cache
def parsed(text: str) -> ast.Module:
    """The syntax tree of a file's text, parsed once for all tests."""
    return ast.parse(text)


@cache
def code() -> dict[str, ast.Module]:
    """Syntax trees of the suite's own code, without its tests."""
    return {name: parsed(text) for name, text in texts() if is_code(name)}


@cache
def walked(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of a tree, as ast.walk gives them: walked once for all tests."""
    return tuple(ast.walk(tree))


@cache
def modules() -> dict[str, str]:
    """Dotted name -> file of every module of the suite ("chaos.bounds": "chaos/bounds.py")."""
    return {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): name
        for name in code()
    }


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere in a file, inside functions too."""
    for node in walked(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the direction"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            files = [one for one in inner if one in modules()]
            if len(files) < len(inner):  # a class or a function of the module itself
                files.append(str(node.module))
            yield from ((one, node.lineno) for one in files)


def top(module: str) -> str:
    return module.partition(".")[0]


def modules_named(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """Every module of the suite that a string of a file names, its line, and whether it follows
    "-m" in the arguments of a child process. A single word ("analysis") may be anything else."""
    run = {after for before, after in _neighbours(tree) if _is(before, "-m")}
    for node in walked(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = node.value if "." in node.value else ""
            if named in modules():
                yield named, node.lineno, node in run


def _neighbours(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each two elements that stand side by side in a list, a tuple or a call's arguments."""
    for node in walked(tree):
        if isinstance(node, ast.List | ast.Tuple):
            yield from pairwise(node.elts)
        elif isinstance(node, ast.Call):
            yield from pairwise(node.args)


def _is(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
