"""An anomaly of the history is a sentence: who asked for what, and the answer."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from analysis import checkers
from analysis.operation_words import anomaly_words, operation_words
from iceworthy.record.history import FLAG_AUDIT, NO_ASSERTION, NULL_PARENT


def test_an_operation_and_the_facts_that_name_others_are_in_words(
    synthetic: Callable[..., Any],
) -> None:
    run = synthetic("steady")
    facts = {"key": "hot\x1ft", "session": 4}
    run.op("updateTable", 3.0, value=17, parent=NULL_PARENT, **facts)
    run.op("commitTransaction", 4.0, value=18, parent=17, status=0, node=1, **facts)
    run.op("updateTable", 5.0, value=19, parent=NO_ASSERTION, **facts)
    run.op("loadTable", 6.0, flags=FLAG_AUDIT, **facts)
    history = run.done().history
    rows = [history.row_of(f"load-0:{number}") for number in range(4)]
    first, silent, free, read = (history.describe(row) for row in rows if row is not None)
    assert anomaly_words(history, {"problem": "lost", **first, "seen_by": read["op"]}) == (
        "updateTable of hot.t by session 4 at node 0 (load-0:0) was answered 200; "
        "it adds snapshot 17 on no snapshot; "
        "seen by: loadTable of hot.t by the audit at node 0 (load-0:3) was answered 200"
    )
    said = anomaly_words(history, silent)
    assert said.endswith("(load-0:1) got no answer; it adds snapshot 18 on snapshot 17")
    assert anomaly_words(history, free).endswith("19 without an assertion about its parent")
    assert operation_words(history, int(rows[3] or 0)).startswith("loadTable of hot.t by the audit")


def test_an_anomaly_without_an_operation_shows_its_facts(synthetic: Callable[..., Any]) -> None:
    history = synthetic("steady").done().history
    example = {"problem": "missing", "location": "file:///x", "node": 1, "shown_value": None}
    assert anomaly_words(history, example) == "location: file:///x; node: 1; shown value: nothing"


def test_a_sort_of_anomalies_says_by_itself_what_is_wrong() -> None:
    """It is the title of a finding, which is read far from its checker ("answered 4xx" says too
    little there): the first argument of each call that counts an anomaly is a whole sentence."""
    found = {}
    for path in Path(checkers.__file__).parent.glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                found |= dict.fromkeys(_sorts(function), path.name)
    assert len(found) > 30
    assert {sort: name for sort, name in found.items() if len(sort.split()) < 5} == {}


COUNTS = ("add", "add_all", "add_fact")


def _sorts(function: ast.FunctionDef) -> Iterator[str]:
    """The texts that its calls of add, add_all and add_fact are given first, by name too."""
    named = {
        target.id: one.value.value
        for one in ast.walk(function)
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in (
            "add",
            "add_all",
            "add_fact",
        ):
            first = call.args[0] if call.args else None
            value = first.value if isinstance(first, ast.Constant) else None
            value = named.get(first.id) if isinstance(first, ast.Name) else value
            if isinstance(value, str):
                yield value
