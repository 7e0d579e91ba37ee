"""Judges give numbers: no judge writes a figure as text, and each limit has its measure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from analysis.judge import judge_review

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"
# Only these make or read the text: the maker of verdicts.json, and what is drawn from that file.
OF_TEXT = {"verdict_json.py", "judge.py", "compare.py", "charts.py", "report_experiment.py"}
OF_TEXT |= {"report_page.py", "report_text.py", "asked.py"}


def text_in_numbers(tree: ast.AST) -> Iterator[str]:
    """Places where a measure's or a limit's text is not a constant, or is given past them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("figure", "limit"):
            yield f"line {node.value.lineno}: {node.arg}= is given as a value"
        if isinstance(node, ast.Constant) and node.value in ("figure", "limit"):
            yield f"line {node.lineno}: the key {node.value!r}"
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in ("Measure", "Limit"):
            continue
        for given in node.keywords:
            if given.arg not in ("value", "shown", "without"):
                continue
            for inner in ast.walk(given.value):
                if isinstance(inner, ast.JoinedStr):
                    yield f"line {inner.lineno}: {node.func.id}() holds a formatted string"
                if isinstance(inner, ast.Attribute) and inner.attr in ("format", "join"):
                    yield f"line {inner.lineno}: {node.func.id}() calls {inner.attr}"


@pytest.mark.parametrize(
    "source",
    [
        'failed(NAME, "r", figure=f"{n} errors")',
        'facts = {"figure": f"{n} errors"}',
        'Measure(name="e", value=n, unit="errors", shown=f"{n} errors")',
        'Measure(name="e", value=n, unit="errors", shown="{} errors".format(n))',
        'Limit(name="e", relation="<=", value=n, shown=f"{n} errors")',
    ],
)
def test_a_figure_made_as_text_is_found(source: str) -> None:
    assert list(text_in_numbers(ast.parse(source)))


def test_no_judge_writes_a_figure_as_text() -> None:
    files = [path for path in ANALYSIS.rglob("*.py") if path.name not in OF_TEXT]
    assert len(files) > 60
    found = [
        f"{path.relative_to(ANALYSIS)} {place}"
        for path in files
        for place in text_in_numbers(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "give a Measure or a Limit; iceworthy.words.measure makes the text"


def test_each_limit_of_a_recorded_run_has_its_measure(recorded: Path) -> None:
    judge_review(recorded)
    limits = 0
    for one in judge_review(recorded).requirements:
        for verdict in (one, *one.evidence):
            measures = {measure.name: measure for measure in verdict.measures}
            assert len(measures) == len(verdict.measures)
            for limit in verdict.limits if measures else ():
                limits += 1
                assert limit.name in measures, (one.id, limit)
                assert (limit.relation == "all") == (limit.value is None)
    assert limits > 20


def test_two_runs_can_be_subtracted(recorded: Path) -> None:
    rows = {one.id: one for one in judge_review(recorded).requirements}
    (p95,), (limit,) = rows["SC-003"].measures, rows["SC-003"].limits
    numbers = (0, p95.low, p95.value, p95.high, limit.value)
    assert all(a < b for a, b in pairwise(numbers))
    assert limit.value == 50.0
    assert (p95.unit, limit.unit) == ("ms", "ms")
