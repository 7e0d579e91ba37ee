"""The terminal's text about what was asked for: its verdict first and last, and short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from analysis.pasted_lines import runnable
from analysis.report_asked import asked_text
from analysis.report_text import junit
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import AskedVerdict, ExperimentVerdict, ReviewVerdicts
from iceworthy.words.finding import Cause, Finding, Request
from iceworthy.words.verdict import Judgement

COMMAND = "iceworthy run contract --case dropped --target 'my file.toml' --seed 7"
FINDING = Finding(
    cause=Cause(rule="case", operation="dropTable", detail="tables.dropped"),
    title="dropTable: dropped",
    expected="404",
    got="204",
    requests=(
        Request(
            method="DELETE",
            path="/v1/x",
            headers=(),
            body="",
            answer="",
            curl="curl -X DELETE http://x/v1/x",
        ),
    ),
    experiments=("contract",),
    shown_by=("tables.dropped",),
)
OTHER = Finding(
    cause=Cause(rule="case", operation="loadView", detail="views.other"),
    title="loadView: other",
    experiments=("contract",),
    shown_by=("views.other",),
)


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.pasted_lines.shutil.which", lambda name: name)


def text(verdict: str, columns: int = 100, **more: Any) -> list[str]:
    row = AskedVerdict(
        kind="case",
        name="dropped",
        experiment="contract",
        verdict=Judgement(verdict),
        reason="tables.dropped: expected 404, got 204",
        figure="1 of 1 cases hold",
    )
    verdicts = ReviewVerdicts(verdict=row.verdict, asked=(row,), **more)
    record = ReviewRecord(command=COMMAND)
    return asked_text(verdicts, record, (FINDING, OTHER), Path("r"), columns).splitlines()


@pytest.mark.parametrize("verdict", ["pass", "fail", "unknown"])
def test_the_verdict_of_what_was_asked_is_the_first_and_the_last_line(verdict: str) -> None:
    lines = text(verdict)
    assert lines[0] == lines[-1]
    assert lines[0].startswith(f"{verdict.upper():<7}  case dropped: ")
    assert f"    again   {COMMAND}" in lines, "the very command"
    assert len(lines) <= 10


def test_a_fail_shows_its_own_cause_with_the_request_and_no_other() -> None:
    lines = text("fail")
    assert "    dropTable: dropped" in lines
    assert "        expected 404" in lines
    assert "        curl -X DELETE http://x/v1/x" in lines
    assert not [line for line in lines if "loadView" in line]
    assert not [line for line in text("pass") if "dropTable" in line]


def test_lines_to_paste_say_what_they_need_and_work_from_any_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program is not on PATH where it was called by its path in a virtual environment."""
    monkeypatch.setattr("analysis.pasted_lines.shutil.which", lambda name: None)
    (again,) = [line.split(maxsplit=1)[1] for line in text("fail") if "    again   " in line]
    assert again == runnable(COMMAND) != COMMAND
    lines = replace(FINDING.requests[0], curl='curl "$CATALOG"/v1/x')
    row = AskedVerdict(kind="case", name="dropped", experiment="contract", verdict=Judgement.FAIL)
    verdicts = ReviewVerdicts(verdict=row.verdict, asked=(row,))
    makes = "iceworthy reproduce tables.dropped"
    finding = replace(FINDING, requests=(lines,), needs=("BINARY",), again=makes)
    said = asked_text(verdicts, ReviewRecord(command=COMMAND), (finding,), Path("r"))
    assert f"        again    {runnable(makes)}" in said
    assert "needs    CATALOG: a node's address" in said
    assert "for iceworthy: BINARY" in said


def test_what_failed_beside_it_is_one_line() -> None:
    beside = {
        name: ExperimentVerdict(verdict=Judgement.FAIL) for name in ("survey", "contract", "mix")
    }
    wanted = "    not asked for, but failed: survey, mix"
    assert wanted in text("fail", experiments=beside)
    assert f"{wanted.replace('survey', 'survey, contract')}" in text("pass", experiments=beside)


def test_a_narrow_terminal_gets_narrow_verdict_lines() -> None:
    assert len(text("fail", 50)[0]) <= 50


def test_junit_has_a_testcase_for_each_thing_that_was_asked() -> None:
    rows = tuple(
        AskedVerdict(kind="case", name=f"c{number}", verdict=verdict, reason="why")
        for number, verdict in enumerate(Judgement)
    )
    suite = ElementTree.fromstring(junit(ReviewVerdicts(verdict=Judgement.FAIL, asked=rows)))
    assert [case.get("name") for case in suite] == ["c0", "c1", "c2"]
    assert {key: suite.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"]]
