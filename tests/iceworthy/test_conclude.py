"""How a run ends in the terminal: short, as JSON, with a copy of junit.xml; and its exit code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import report_findings
from iceworthy.command_line import parser
from iceworthy.conclude import command_of, conclude
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.orchestrator.progress import Progress
from iceworthy.record.findings_file import write_findings
from iceworthy.record.review import ReviewRecord, write_review
from iceworthy.record.verdicts import (
    AskedVerdict,
    ExperimentVerdict,
    RequirementVerdict,
    ReviewVerdicts,
)
from iceworthy.words.verdict import Judgement


def test_the_command_that_repeats_a_run_has_its_options_and_its_seed() -> None:
    words = ["run", "contract", "--case", "rename*", "--target", "my file.toml"]
    assert command_of(words, None, 7) == (
        "iceworthy run contract --case 'rename*' --target 'my file.toml' --seed 7"
    )
    assert command_of([*words, "--seed", "5"], 5, 5).endswith("--seed 5")


VERDICTS = ReviewVerdicts(
    verdict=Judgement.FAIL,
    target="x",
    seed=7,
    asked=(
        AskedVerdict(kind="case", name="a", verdict=Judgement.FAIL, reason="why", experiment="e"),
    ),
)


@pytest.mark.parametrize("option", ["--json", "-q", "-v", ""])
def test_a_conclusion_is_told_as_it_is_asked_for(
    option: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "junit.xml").write_text("<x/>")
    copy = tmp_path / "copy.xml"
    words = ["judge", "x", "--junit", str(copy), *([option] if option else [])]
    options = parser().parse_args(words)
    assert conclude(Reviewed(root=tmp_path, verdicts=VERDICTS), Progress(), options) == 1
    assert copy.read_text() == "<x/>"
    told = capsys.readouterr().out
    if option == "--json":
        facts = json.loads(told)
        assert (facts["verdict"], facts["asked"][0]["name"]) == ("fail", "a")
        return
    lines = told.splitlines()
    assert lines[0] == lines[-1] == "FAIL     case a: why"
    assert (len(lines) == 1) == (option == "-q")


def test_a_verdict_beside_a_broken_suite_is_no_pass(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = parser().parse_args(["judge", "x", "-q"])
    broken = Reviewed(root=tmp_path, verdicts=VERDICTS, is_broken=True)
    assert conclude(broken, Progress(), options) == 1, "a fail stands"
    passed = replace(VERDICTS, verdict=Judgement.PASS)
    assert conclude(replace(broken, verdicts=passed), Progress(), options) == 70
    capsys.readouterr()


STOPPED = "survey: node 0 did not answer"


@pytest.mark.parametrize(
    ("complete", "failed", "is_told"),
    [(False, "unknown", True), (True, "unknown", False), (False, "fail", False)],
)
def test_where_nothing_could_be_judged_the_cause_comes_first_and_once(
    complete: bool, failed: str, is_told: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_review(tmp_path, ReviewRecord(stopped=(STOPPED,)))
    row = RequirementVerdict(id="FR-001", verdict=Judgement(failed), reason=STOPPED)
    own = ExperimentVerdict(verdict=Judgement.UNKNOWN, complete=complete)
    verdicts = ReviewVerdicts(
        verdict=row.verdict, requirements=(row,) * 20, experiments={"survey": own}
    )
    options = parser().parse_args(["judge", "x"])
    conclude(Reviewed(root=tmp_path, verdicts=verdicts), Progress(), options)
    lines = capsys.readouterr().out.splitlines()
    told = lines[0] == f"UNKNOWN  nothing could be judged: {STOPPED}"
    assert told is is_told
    assert (len(lines) == 2) is is_told


@pytest.mark.parametrize("option", ["--json", "-q", "-v", ""])
def test_a_conclusion_reads_the_findings_at_most_once(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_findings(tmp_path, ())
    write_review(tmp_path, ReviewRecord(target="x"))
    known = tmp_path / "known.json"
    words = ["judge", "x", "--write-baseline", str(known), *([option] if option else [])]
    assert conclude(_reviewed(tmp_path), Progress(), parser().parse_args(words)) == 1
    reads: list[Path] = []
    monkeypatch.setattr(report_findings, "read_findings", lambda root: reads.append(root) or ())
    options = parser().parse_args([*words, "--baseline", str(known)])
    conclude(_reviewed(tmp_path), Progress(), options)
    assert reads == [tmp_path]


def _reviewed(root: Path) -> Reviewed:
    return Reviewed(root=root, verdicts=VERDICTS)
