"""Each word of ARCHITECTURE.md's table is defined once: by one class, or by what its content has.

Not shown: that the suite's sentences use the words so.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize

import pytest

from iceworthy import discovery
from tests.source_tree import ROOT, code, is_code, texts

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
# A variable is named by what it holds; these say only that it was expected or received.
EMPTY = {"came", "wanted", "told", "scene"}
CASES = "iceworthy/contract/cases/"
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


def empty_names(tree: ast.Module) -> list[str]:
    """The variables and parameters of a file that are named by a word of EMPTY."""
    stored = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    given = [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    return sorted(EMPTY.intersection(stored + given))


def test_the_variables_of_cases_name_what_they_hold() -> None:
    assert empty_names(ast.parse("def case(wanted):\n    came = wanted\n")) == ["came", "wanted"]
    found = {name: empty_names(tree) for name, tree in code().items() if name.startswith(CASES)}
    assert len(found) > 30
    assert {name: words for name, words in found.items() if words} == {}


def lonely_words(text: str) -> list[int]:
    """Lines that hold a single word of a text that goes on over several lines."""
    found, before = [], tokenize.NAME
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            word = token.string.strip("f\"'")
            if before == tokenize.STRING and re.fullmatch(r"[\w']{1,10} ", word):
                found.append(token.start[0])
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            before = token.type
    return found


def test_no_word_of_a_message_stands_alone_on_its_line() -> None:
    assert lonely_words('said = (\n    "there are "\n    "none "\n    "of them"\n)\n') == [3]
    found = {name: lonely_words(text) for name, text in texts() if is_code(name)}
    assert {name: lines for name, lines in found.items() if lines} == {}
