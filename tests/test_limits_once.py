"""A limit, a band of numbers and the instant "never" stand in one file each; others import them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.source_tree import parsed, walked

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("analysis", "chaos", "fixtures", "iceworthy", "scenarios")


def is_never(node: ast.AST) -> bool:
    """1 << 62, or its value."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift):
        return ast.unparse(node) == "1 << 62"
    return isinstance(node, ast.Constant) and node.value == 1 << 62


def is_session_band(node: ast.AST) -> bool:
    """A number at which only bands of session numbers begin."""
    value = node.value if isinstance(node, ast.Constant) else None
    return type(value) is int and 4_000_000_000 <= value < (1 << 32) - 1


def is_read_limit(node: ast.AST) -> bool:
    """The limit of reads, as a number or in a text."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str):
        return ": 50 ms" in value
    return value == 50.0 and type(value) is float


@pytest.mark.parametrize(
    ("is_it", "where", "rooms"),
    [
        (is_never, "iceworthy/words/instant.py", ROOMS),
        (is_session_band, "iceworthy/record/session_numbers.py", ROOMS),
        (is_read_limit, "iceworthy/words/limits.py", ("analysis", "iceworthy/words")),
    ],
)
def test_it_is_defined_once(
    is_it: Callable[[ast.AST], bool], where: str, rooms: tuple[str, ...]
) -> None:
    found = {
        str(path.relative_to(ROOT)): node.lineno
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for node in walked(parsed(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.expr) and is_it(node)
    }
    assert list(found) == [where], f"import it from {where}: {found}"
