"""The notebook runs on a recorded review, calls analysis/ only, shows what the judges measured."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from analysis.judge import judge_review

NOTEBOOK = Path(__file__).parents[3] / "analysis" / "notebooks" / "compare.ipynb"
SUITE = NOTEBOOK.parents[2]


@pytest.fixture(scope="module")
def executed(recorded: Path) -> Any:
    judge_review(recorded)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # The kernel's client libraries warn of their own deprecations; they are not under test.
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        patch.setenv("ICEWORTHY_RESULTS", str(recorded))
        patch.setenv("ICEWORTHY_SUITE", str(SUITE))
        client = NotebookClient(notebook, timeout=120, kernel_name="python3")
        client.execute(cwd=str(NOTEBOOK.parent))
    return notebook


def test_every_cell_runs_and_shows_something(executed: Any) -> None:
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert len(cells) >= 5
    assert all(cell.outputs for cell in cells)
    assert not any(out.output_type == "error" for cell in cells for out in cell.outputs)
    assert sum("image/png" in out.get("data", {}) for c in cells for out in c.outputs) == 2


def test_the_notebook_holds_no_logic_of_its_own() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        assert not cell.outputs, "clear the outputs before committing"
        source = re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE)
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(
                node, ast.FunctionDef | ast.For | ast.While | ast.If | ast.BinOp | ast.ListComp
            ), cell.source


def test_its_tables_hold_the_figures_of_the_judges(recorded: Path) -> None:
    from analysis import compare  # pandas and matplotlib: only for the worker that runs this

    judge_review(recorded)
    latency = compare.latency_table(recorded)
    steady = latency[(latency.experiment == "steady") & (latency.operation == "loadTable")].iloc[0]
    verdicts = compare.requirements_table(recorded).set_index("id")
    assert f"{steady['p95_ms']:.1f} ms" in verdicts.loc["SC-003", "reason"]
    assert steady["p50_ms"] <= steady["p95_ms"]
    dropped = compare.dropped_table(recorded)
    assert (dropped[dropped.experiment == "drain_node"].in_flight > 0).any()
    assert (dropped.answered + dropped.dropped == dropped.in_flight).all()
