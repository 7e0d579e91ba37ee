"""Nothing outside the record's room reads or writes a plan, a review or a stream by a string.

Method: syntax trees. A stream is named by a string literal in a call of append, lines, read or
stream, or by its file's name; a plan is read by key where something named plan is subscripted
with a literal or asked with .get. Not shown: a name that is put together at run time.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from iceworthy.record.streams import KINDS
from tests.source_tree import parsed, walked

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("iceworthy", "scenarios", "fixtures", "chaos", "analysis")
STREAMS = {kind.STREAM for kind in KINDS}
FILES = {"plan.json", "review.json", "verdicts.json", *(f"{name}.jsonl" for name in STREAMS)}


def untyped(tree: ast.Module) -> list[str]:
    """What in a file reaches into a plan or a stream by a string."""
    found = []
    for node in walked(tree):
        if isinstance(node, ast.Constant) and node.value in FILES:
            found.append(f"line {node.lineno}: the file {node.value}")
        if isinstance(node, ast.Subscript) and is_plan(node.value) and is_text(node.slice):
            found.append(f"line {node.lineno}: a plan by key")
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        first = node.args[0] if node.args else None
        if node.func.attr == "get" and is_plan(node.func.value) and is_text(first):
            found.append(f"line {node.lineno}: a plan by key")
        if (
            node.func.attr in {"append", "lines", "read", "stream", "stream_file"}
            and isinstance(first, ast.Constant)
            and first.value in STREAMS
            and is_folder(node.func.value)
        ):
            found.append(f"line {node.lineno}: the stream {first.value} by its name")
    return found


def name_of(node: ast.AST | None) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def is_plan(node: ast.AST | None) -> bool:
    return name_of(node) in {"plan", "_plan"}


def is_folder(node: ast.AST | None) -> bool:
    return name_of(node).lstrip("_") in {"folder", "run"}


def is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_no_plan_and_no_stream_is_reached_by_a_string() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} {what}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if not path.is_relative_to(ROOT / "iceworthy" / "record")
        for what in untyped(parsed(path.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        'run.plan.get("sessions")',
        'state.plan["seed"]',
        'folder.append("faults", t_ns=1)',
        'self._folder.append("faults", t_ns=1)',
        'run.stream("probes")',
        'run.folder.lines("exits")',
        'open(root / "plan.json")',
        'open(root / "load.jsonl")',
        'read_json(root / "verdicts.json")',
    ],
)
def test_each_way_by_a_string_is_seen(text: str) -> None:
    assert untyped(ast.parse(text))


@pytest.mark.parametrize(
    "text", ["run.plan.sessions", "folder.append(FaultEvent(t_ns=1))", "names.append('load')"]
)
def test_what_is_typed_or_no_record_is_let_be(text: str) -> None:
    assert not untyped(ast.parse(text))
