"""Each word of ARCHITECTURE.md's table is defined once: by one class, or by what its content has.

Not shown: that the suite's sentences use the words so.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

from iceworthy import discovery
from tests.source_tree import ROOT, code, is_code, texts, walked

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
# A variable is named after its content; these say only that it was expected or received.
EMPTY = {"came", "wanted", "told", "scene"}
# The same in sentences: docstrings, comments, messages and pages.
SHAPES = re.compile(
    r"\b(came|wanted)\b|\btold\b(?! apart)|\b(runs?|is|file|seal) of before\b"
    r"|\b(which|it|that|what|this) (is|are) (not )?(one|none|it)\b[.,;:]|\bcan(not)? be one\b"
)
# Files whose strings may be a former name of a field: "came" is `got` in records of format 1.
FORMER = "iceworthy/record/"
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
        for node in walked(tree)
        if isinstance(node, ast.ClassDef) and node.name == wanted
    ]
    assert found == [file]


@pytest.mark.parametrize("word", sorted(CONTENT))
def test_a_word_of_content_is_a_kind_of_its_own(word: str) -> None:
    kind = discovery.KINDS[word]
    assert kind.attribute
    assert discovery.names(word)


def empty_names(tree: ast.Module) -> list[str]:
    """The variables, parameters, fields, keywords and functions that are named by a word of EMPTY,
    alone or before an underscore (`_came`, `told_at`)."""
    found = []
    for node in walked(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.arg | ast.keyword):
            found.append(node.arg or "")
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.append(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.name if node.name.count("_") < 2 else "")
    return sorted(name for name in found if EMPTY.intersection(name.split("_")))


def test_names_say_what_they_hold() -> None:
    text = (
        "def case(wanted):\n    came = wanted\n    desk.that(came=1, got=came)\n    self._told = 1"
    )
    assert empty_names(ast.parse(text)) == ["_told", "came", "came", "wanted"]
    assert empty_names(ast.parse("def _came(): pass\ntold_at = 1")) == ["_came", "told_at"]
    found = {name: empty_names(tree) for name, tree in code().items() if is_code(name)}
    assert len(found) > 400
    assert {name: words for name, words in found.items() if words} == {}


@cache
def tokens(text: str) -> tuple[tokenize.TokenInfo, ...]:
    return tuple(tokenize.generate_tokens(io.StringIO(text).readline))


def empty_shapes(text: str, *, former: bool = False) -> list[str]:
    """Line and match of each of SHAPES in the strings and comments of a Python file."""
    found = []
    for token in tokens(text):
        is_name = former and re.fullmatch(r'"\w+"', token.string)
        if token.type in (tokenize.STRING, tokenize.COMMENT) and not is_name:
            prose = re.sub(r"`\w+`", "", token.string)
            found += [f"line {token.start[0]}: {match[0]}" for match in SHAPES.finditer(prose)]
    return found


def pages() -> list[Path]:
    found = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    return [*found, *(ROOT / "docs").rglob("*.md"), *(ROOT / "compose").glob("*.md")]


def test_sentences_name_the_thing() -> None:
    text = (
        '"""What came; a log that is none."""\ntold = "came"  # `came` tells A and B told apart\n'
    )
    assert empty_shapes(text) == ["line 1: came", "line 1: that is none.", "line 2: came"]
    assert empty_shapes(text.partition("\n")[2], former=True) == []
    found = {
        name: empty_shapes(text, former=name.startswith(FORMER))
        for name, text in texts()
        if is_code(name)
    }
    for page in pages():
        prose = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
        found[str(page)] = [match[0] for match in SHAPES.finditer(prose)]
    assert len(found) > 400
    assert {name: shapes for name, shapes in found.items() if shapes} == {}


def lonely_words(text: str) -> list[int]:
    """Lines that hold a single word of a text that goes on over several lines."""
    found, before = [], tokenize.NAME
    for token in tokens(text):
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
