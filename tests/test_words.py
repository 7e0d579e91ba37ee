"""Each word of ARCHITECTURE.md's table is defined once: by one class, or by what its content has.

Not shown: that the suite's sentences use the words so.
"""

from __future__ import annotations

import ast
import re

import pytest

from iceworthy import discovery
from tests.source_tree import ROOT, code

# Word -> the class that defines it, and its file.
CLASSES = {
    "operation": ("Operation", "iceworthy/specification/operations.py"),
    "history": ("History", "analysis/history.py"),
    "outcome": ("Outcome", "iceworthy/words/outcome.py"),
    "target": ("TargetSpec", "iceworthy/words/target.py"),
    "scenario": ("Scenario", "iceworthy/words/scenario.py"),
    "experiment": ("Experiment", "iceworthy/words/experiment.py"),
    "guard": ("Guards", "analysis/guards.py"),
    "verdict": ("Verdict", "iceworthy/words/verdict.py"),
    "review": ("Review", "analysis/judge.py"),
    "case": ("Case", "iceworthy/contract/case.py"),
    "lie": ("Lie", "iceworthy/words/lie.py"),
}
# Words that are functions, or classes of content: each of their files has the agreed attribute.
CONTENT = {"fault", "checker", "criterion"}


def words() -> set[str]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("## The words")[1].split("\n## ")[0]
    return set(re.findall(r"^\| ([a-z]+) \| ", table, re.MULTILINE)) - {"word"}


def test_every_word_of_the_table_has_its_definition() -> None:
    assert words() == set(CLASSES) | CONTENT


@pytest.mark.parametrize("word", CLASSES)
def test_a_word_is_defined_by_one_class(word: str) -> None:
    wanted, file = CLASSES[word]
    found = [
        name
        for name, tree in code().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == wanted
    ]
    assert found == [file]


@pytest.mark.parametrize("word", sorted(CONTENT))
def test_a_word_of_content_is_a_kind_of_its_own(word: str) -> None:
    kind = discovery.KINDS[word]
    assert kind.attribute
    assert discovery.names(word)
