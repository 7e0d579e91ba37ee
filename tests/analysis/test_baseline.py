"""A baseline of known failures: only new ones fail, and those that went are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.baseline import Compared, held_against
from iceworthy.command_line import parser
from iceworthy.conclude import conclude
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.orchestrator.progress import Progress
from iceworthy.record.baseline import KnownFailure, read_baseline, write_baseline
from iceworthy.record.findings_file import write_findings
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import (
    AskedVerdict,
    ExperimentVerdict,
    RequirementVerdict,
    ReviewVerdicts,
)
from iceworthy.words.errors import EXIT_FAIL, EXIT_PASS, EXIT_USAGE, RecordError
from iceworthy.words.finding import Cause, Finding
from iceworthy.words.verdict import Judgement


def finding(rule: str, experiment: str = "contract", requirement: str = "FR-001") -> Finding:
    return Finding(
        cause=Cause(rule=rule),
        title=f"title of {rule}",
        experiments=(experiment,),
        requirements=(requirement,),
        shown_by=(f"tables.{rule}",),
    )


def known(rule: str, experiment: str = "contract") -> KnownFailure:
    return KnownFailure(cause=rule, title=f"title of {rule}", experiments=(experiment,))


def failing(**more: Any) -> ReviewVerdicts:
    fail = ExperimentVerdict(verdict=Judgement.FAIL, complete=True)
    row = RequirementVerdict(id="FR-001", verdict=Judgement.FAIL)
    facts = {"verdict": Judgement.FAIL, "requirements": (row,), "experiments": {"contract": fail}}
    return ReviewVerdicts(**{**facts, **more})


def held(
    findings: list[Finding], knowns: list[KnownFailure], verdicts: ReviewVerdicts | None = None
) -> Compared:
    return held_against(verdicts or failing(), ReviewRecord(), findings, knowns)


def test_known_failures_pass_and_a_new_one_fails() -> None:
    a, b = finding("a"), finding("b")
    assert held([a, b], [known("a"), known("b")]).verdict == "pass"
    found = held([a, b], [known("a")])
    assert found.verdict == "fail"
    assert (found.new, found.still) == ((b,), (a,))


def test_a_fail_that_no_finding_explains_is_a_fail() -> None:
    assert held([], []).verdict == "fail"
    assert held([finding("a", requirement="FR-002")], [known("a")]).verdict == "fail"
    assert held([finding("a", experiment="mix")], [known("a", "mix")]).verdict == "fail"


def test_what_is_not_decided_beside_known_failures_is_unknown() -> None:
    fail = RequirementVerdict(id="FR-001", verdict=Judgement.FAIL)
    unknown = RequirementVerdict(id="FR-002", verdict=Judgement.UNKNOWN)
    both = failing(requirements=(fail, unknown))
    assert held([finding("a")], [known("a")], both).verdict == "unknown"
    assert held([finding("a")], [known("a")], failing(planned=("mix",))).verdict == "unknown"
    assert held([finding("a")], [known("a")], failing(damage="cut")).verdict == "unknown"
    passed = ReviewVerdicts(verdict=Judgement.PASS)
    assert held([], [known("a")], passed).verdict == "pass"


def test_what_went_is_named_where_it_was_tried_again() -> None:
    knowns = [known("a"), known("b"), known("c", "kill_node")]
    assert held([finding("a")], knowns).gone == (known("b"),)
    cut = ExperimentVerdict(verdict=Judgement.FAIL, complete=False)
    assert held([finding("a")], knowns, failing(experiments={"contract": cut})).gone == ()
    some = ReviewRecord(overrides={"params": "{'stops_at_fail': True}"})
    assert held_against(failing(), some, [finding("a")], knowns).gone == ()


def test_of_what_was_asked_only_its_own_failures_count() -> None:
    row = AskedVerdict(kind="case", name="a", verdict=Judgement.FAIL, experiment="contract")
    asked = failing(asked=(row,))
    both = [finding("a"), finding("b")]
    assert held(both, [known("a")], asked).verdict == "pass"
    assert held(both, [known("b")], asked).verdict == "fail"
    assert held(both, [known("a"), known("z")], asked).gone == (), "not all cases were asked"
    assert held([finding("b")], [known("b")], asked).verdict == "fail", "nothing explains it"


def test_a_baseline_is_written_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    write_baseline(path, [finding("a"), finding("b", "mix")])
    assert read_baseline(path) == (known("a"), known("b", "mix"))
    for text in ("[]", "{", '{"format": 9, "known": []}', '{"format": 1, "known": 3}'):
        path.write_text(text)
        with pytest.raises(RecordError):
            read_baseline(path)


def test_the_command_fails_only_on_new_failures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "known.json"
    write_findings(tmp_path, [finding("a")])

    def ended(*words: str) -> tuple[int, str]:
        options = parser().parse_args(["judge", "x", *words])
        code = conclude(Reviewed(root=tmp_path, verdicts=failing()), Progress(), options)
        return code, capsys.readouterr().out

    assert ended("--write-baseline", str(path))[0] == EXIT_FAIL
    code, told = ended("--baseline", str(path))
    assert code == EXIT_PASS
    line = "PASS     against the baseline: 0 new, 1 known, 0 gone"
    assert told.splitlines()[0] == told.splitlines()[-1] == line
    assert ended("--baseline", str(path), "-q") == (EXIT_PASS, line + "\n")
    assert json.loads(ended("--baseline", str(path), "--json")[1])["baseline"]["known"] == ["a"]
    write_baseline(path, [finding("z")])
    code, told = ended("--baseline", str(path))
    assert code == EXIT_FAIL
    assert "    new   title of a" in told
    assert "    gone  title of z: take it out of the baseline" in told


def test_a_baseline_that_is_none_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    from iceworthy.cli import main

    missing = str(tmp_path / "no.json")
    assert main(["run", "mix", "--baseline", missing]) == EXIT_USAGE
