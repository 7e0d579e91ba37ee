"""Asking a catalog has one definition: the words of it, the curl line, ids, and the append commit.

Method: the syntax trees of the product's files. What it does NOT show: that everybody who asks uses
them; the load has a connection of its own (scenarios/engine).
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

import pytest

from tests.source_tree import parsed, texts, walked

PRODUCT = ("iceworthy/", "scenarios/", "chaos/", "fixtures/", "analysis/")


@cache
def trees() -> dict[str, ast.Module]:
    """Of every file of the product, by path; the reference catalog left out."""
    return {
        name: parsed(text)
        for name, text in texts()
        if name.endswith(".py")
        and name.startswith(PRODUCT)
        and not name.startswith("fixtures/reference/")
    }


@cache
def definitions() -> dict[str, list[str]]:
    """Files by the name of the class or function that they define, at any depth."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, tree in trees().items():
        for node in walked(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name].append(name)
    return found


@pytest.mark.parametrize(
    "word", ["Asker", "Asked", "Reply", "Needs", "Unanswered", "Desk", "may_be_sent_again"]
)
def test_each_word_of_asking_is_defined_once(word: str) -> None:
    assert len(definitions()[word]) == 1, definitions()[word]


def test_each_function_that_makes_a_curl_line_is_defined_once() -> None:
    makers = {name: where for name, where in definitions().items() if name.startswith("curl")}
    assert makers == {
        "curl": ["iceworthy/client/asker.py"],
        "curl_line": ["iceworthy/client/curl.py"],
    }
    writers = [
        name
        for name, tree in trees().items()
        for node in walked(tree)
        if isinstance(node, ast.Constant) and node.value in ("-sS", "--data-binary")
    ]
    reads_lines = {"analysis/findings_before.py"}  # takes a recorded line apart, makes none
    assert set(writers) - reads_lines == {"iceworthy/client/curl.py"}


def test_snapshot_ids_and_the_append_commit_are_made_in_one_file() -> None:
    """The comparison with the reference generates snapshots with placeholders, for both sides."""
    makers = [
        name
        for name, tree in trees().items()
        if not name.startswith("iceworthy/specification/")  # schemas, not documents
        for node in walked(tree)
        if isinstance(node, ast.Dict) and {"snapshot-id", "manifest-list"} <= texts_of(node.keys)
    ]
    assert set(makers) - {"iceworthy/contract/differential/table_changes.py"} == {
        "iceworthy/client/snapshots.py"
    }
    shifted = [
        name
        for name, tree in trees().items()
        for node in walked(tree)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitOr)
        and "getrandbits" in ast.dump(node)
    ]
    assert shifted == ["iceworthy/client/snapshots.py"] * len(shifted)
    assert shifted


def test_names_and_ids_of_the_contract_suite_are_drawn_from_its_seed_alone() -> None:
    drawn = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name, tree in trees().items()
        if name.startswith("iceworthy/contract/")
        for node in walked(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node)
        in ("uuid.uuid4", "os.urandom", "secrets.token_hex", "secrets.randbits", "random.random")
    ]
    assert not drawn, drawn


def texts_of(nodes: list[ast.expr | None]) -> set[object]:
    return {node.value for node in nodes if isinstance(node, ast.Constant)}
