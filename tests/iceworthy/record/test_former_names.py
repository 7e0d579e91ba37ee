"""Lines of earlier formats, whose fields had other names, are read as lines of today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iceworthy.record.contract_lines import (
    AnswerCount,
    CaseResult,
    Difference,
    Misshapen,
    TriedThing,
    Violation,
)
from iceworthy.record.line import Line
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.step_lines import Step

RESULT = {"wanted": "status 404", "came": "status 200", "expected": [404], "given": 200}
NOW = {"expected": "status 404", "got": "status 200", "expected_statuses": (404,), "given": 200}
WRONG = {"operation": "loadTable", "status": 200, "came": "{}"}
COUNT = {"t_ns": 1, "source": "load-0", "operation": "loadTable", "status": 200}
LOST = {"table": "a", "node": 1, "came": "404 NoSuchTableException"}

LINES: dict[str, tuple[dict[str, Any], Line]] = {
    "answers": (
        {**COUNT, "came": 7, "held": 5, "wrong": 1},
        AnswerCount(**COUNT, answers=7, held=5, wrong=1),
    ),
    "violations": ({**COUNT, "node": 0, "came": "{}"}, Violation(**COUNT, node=0, answer="{}")),
    "findings": (
        {"requirement": "FR-001", "what": "ids", **RESULT},
        TriedThing(requirement="FR-001", what="ids", **NOW),
    ),
    "cases": (
        {"case": "tables.x", "ended": "broken", **RESULT, "schema": [WRONG]},
        CaseResult(
            case="tables.x",
            ended="broken",
            **NOW,
            schema=(Misshapen(operation="loadTable", status=200, answer="{}"),),
        ),
    ),
    "differences": (
        {"what": "loadTable", "ruling": "wrong", **RESULT},
        Difference(what="loadTable", ruling="wrong", **NOW),
    ),
    "steps": (
        {"point": "kill_node/after/1", "others": {"asked": 2, "lost": [LOST]}},
        Step(
            point="kill_node/after/1",
            others={
                "asked": 2,
                "lost": [{"table": "a", "node": 1, "got": "404 NoSuchTableException"}],
            },
        ),
    ),
}


@pytest.mark.parametrize("stream", LINES)
@pytest.mark.parametrize("form", [0, 1])
def test_a_line_of_an_earlier_format_is_read_by_the_names_of_today(
    tmp_path: Path, stream: str, form: int
) -> None:
    facts, line = LINES[stream]
    header = [json.dumps({"stream": stream, "format": form})] if form else []
    text = "\n".join([*header, json.dumps(facts), json.dumps(facts)])
    (tmp_path / f"{stream}.jsonl").write_text(text + "\n")
    assert list(RunFolder(tmp_path).read(type(line))) == [line, line]


@pytest.mark.parametrize("stream", LINES)
def test_a_line_of_today_keeps_its_values(tmp_path: Path, stream: str) -> None:
    line = LINES[stream][1]
    folder = RunFolder(tmp_path)
    folder.append(line)
    assert list(folder.read(type(line))) == [line]
