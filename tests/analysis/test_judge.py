"""Reviews judged from their folder: what fails, what stays open, what is out of scope."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from analysis import judge, judge_experiment, requirements
from analysis.history import read_history
from analysis.judge import judge_review, judge_run
from analysis.judge_experiment import Ruling, own_verdict
from analysis.requirements import Basis, Judge, Requirement
from iceworthy.orchestrator.profile import default_order
from iceworthy.record.history_reader import workers_in
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.seal import seal
from iceworthy.record.verdicts import (
    RequirementVerdict,
    ReviewVerdicts,
    read_review_verdicts,
    read_rulings,
)
from iceworthy.words.errors import StoppedBy
from iceworthy.words.operation import MUTATIONS, READS
from iceworthy.words.verdict import Judgement, Verdict

EVERYTHING = list(default_order())
SURVEYED = ("FR-001", "FR-002", "FR-003", "FR-004", "FR-006", "FR-013")


@pytest.fixture
def review(tmp_path: Path, synthetic: Callable[..., Any]) -> Callable[..., ReviewVerdicts]:
    """A review of a survey and a steady run, judged; facts go into review.json."""

    def make(**facts: Any) -> ReviewVerdicts:
        survey = synthetic("survey", scenario=None)
        for node in range(2):
            survey.start(node, -6.0)
        for name in facts.pop("findings", SURVEYED):
            survey.finding(name.lstrip("!"), not name.startswith("!"))
        survey.op("createTable", 1.0)
        survey.held(200, 40, source="survey")
        survey.done()
        run = synthetic("steady", **facts.pop("plan", {})).calm(**facts.pop("load", {}))
        run.access_log()
        run.done()
        told = {"target": "reference", "target_name": "reference", "seed": 7, **facts}
        (tmp_path / "review.json").write_text(json.dumps(told))
        return judge_review(tmp_path)

    return make


def row(found: ReviewVerdicts, name: str) -> RequirementVerdict:
    return next(one for one in found.requirements if one.id == name)


def test_a_good_partial_review_passes_what_it_ran_and_claims_no_more(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    found = review(experiments=["survey", "steady"])
    assert found.verdict == "pass"
    assert row(found, "SC-003").verdict == "pass"
    assert row(found, "SC-003").in_scope
    held = row(found, "SC-002")
    assert held.verdict == "unknown"
    assert not held.in_scope
    assert "not run: outside the scope asked for" in held.reason
    assert read_review_verdicts(tmp_path) == found


def test_planned_but_missing_experiments_keep_the_whole_from_passing(
    review: Callable[..., ReviewVerdicts],
) -> None:
    found = review(experiments=["survey", "steady", "single_node"])
    assert found.verdict == "unknown"
    assert "the review ended before it ran" in row(found, "SC-002").reason


def test_without_a_list_of_experiments_all_standard_ones_were_meant(
    review: Callable[..., ReviewVerdicts],
) -> None:
    found = review()
    assert found.verdict == "unknown"
    assert sorted(found.planned) == sorted(EVERYTHING)


def test_one_fail_fails_the_whole_and_says_how_to_run_it_again(
    review: Callable[..., ReviewVerdicts],
) -> None:
    found = review(experiments=["survey", "steady"], load={"took_ms": 80.0})
    assert found.verdict == "fail"
    slow = row(found, "SC-003")
    assert slow.verdict == "fail"
    assert slow.limit == "p95 < 50 ms"
    assert slow.reproduce == (
        "iceworthy run mix --experiment steady --target reference --seed 7 --sessions 1000"
    )
    assert slow.evidence[0].experiment == "steady"


def test_a_finding_refutes_but_findings_alone_never_confirm_every_endpoint(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    found = review(experiments=["survey", "steady"])
    everything = row(found, "FR-001")
    assert everything.verdict == "unknown"
    assert "contract: not run" in everything.reason
    assert not everything.in_scope
    shutil.rmtree(tmp_path / "experiments")
    found = review(experiments=["survey", "steady"], findings=("!FR-001", "FR-003", "FR-004"))
    assert row(found, "FR-001").verdict == "fail"
    assert found.verdict == "fail"
    assert row(found, "FR-001").reproduce.startswith("iceworthy review --only FR-001")


def test_a_question_by_id_is_answered_for_that_id_alone(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    asked = {"experiments": ["survey", "steady"], "only": ["sc-003"]}
    found = review(**asked, findings=("!FR-001",))
    assert found.verdict == "pass"
    assert [one.id for one in found.requirements if one.in_scope] == ["SC-003"]
    assert row(found, "FR-001").verdict == "fail"


def test_asking_for_what_nobody_judges_is_unknown(
    review: Callable[..., ReviewVerdicts],
) -> None:
    found = review(experiments=["survey"], only=["SC-008"])
    assert found.verdict == "unknown"
    assert row(found, "SC-008").reason == "not judged yet by this version"


def test_a_run_that_was_stopped_passes_nothing_but_its_fails_stand(
    review: Callable[..., ReviewVerdicts],
) -> None:
    plan = {
        "complete": False,
        "stopped_because": "interrupted",
        "stopped_by": StoppedBy.INTERRUPTED,
    }
    found = review(experiments=["survey", "steady"], plan=plan, load={"took_ms": 80.0})
    assert row(found, "SC-003").verdict == "fail"
    assert row(found, "FR-014").verdict == "unknown"
    assert "interrupted" in row(found, "FR-014").reason


def test_nothing_at_all_is_unknown(tmp_path: Path) -> None:
    found = judge_review(tmp_path)
    assert found.verdict == "unknown"
    assert all(one.verdict == "unknown" for one in found.requirements)


def test_an_experiments_folder_of_rubbish_is_unknown_not_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "experiments" / "steady"
    (folder / "history").mkdir(parents=True)
    (folder / "history" / "load-0.ops").write_bytes(b"x" * 1000)
    (folder / "plan.json").write_text("{torn")
    found = judge_review(tmp_path)
    assert found.verdict == "unknown"
    assert found.experiments["steady"].verdict == "unknown"


def test_a_fail_of_a_judge_counts_in_experiments_that_do_not_ask_it(
    synthetic: Callable[..., Any], tmp_path: Path
) -> None:
    run = synthetic("steady").calm()
    for session in (1, 2):  # two commits on one parent, both acknowledged
        run.op("updateTable", 9.0 + session / 10, value=session, parent=77, chain=[77, session])
    run.done()
    (tmp_path / "review.json").write_text(json.dumps({"experiments": ["steady"]}))
    found = judge_review(tmp_path)
    assert "cas_exclusivity" in found.experiments["steady"].failed
    assert row(found, "FR-004").verdict == "fail"
    assert found.verdict == "fail"


def test_judging_again_gives_the_same_object(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    first = review(experiments=["survey", "steady"])
    second = judge_review(tmp_path)
    assert replace(first, judged_s=0) == replace(second, judged_s=0)


def test_judge_run_writes_its_verdicts_and_names_each_judge_once(
    synthetic: Callable[..., Any],
) -> None:
    run = synthetic("steady").calm().done()
    verdicts = judge_run(run.folder.root)
    names = [verdict.name for verdict in verdicts]
    assert len(names) == len(set(names))
    assert {"schedule_kept", "read_latency", "cas_exclusivity", "metrics_monotonic"} <= set(names)
    assert [line.judge for line in read_rulings(run.folder.verdicts)] == names


@pytest.mark.parametrize("crash", [ValueError("boom"), RecursionError(), "not a verdict"])
def test_a_judge_that_breaks_is_unknown_and_alone(
    synthetic: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, crash: Any
) -> None:
    def judge(_run: Any) -> Any:
        if isinstance(crash, Exception):
            raise crash
        return crash

    broken = ModuleType("analysis.criteria.read_latency")
    broken.judge = judge  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, broken.__name__, broken)
    verdicts = judge_run(synthetic("steady").calm().done().folder.root)
    found = {verdict.name: verdict for verdict in verdicts}
    assert found["read_latency"].judgement is Judgement.UNKNOWN
    assert "the judge itself broke" in found["read_latency"].reason
    assert found["start_time"].judgement is Judgement.PASS


def test_a_judge_that_never_ends_is_stopped(
    synthetic: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(_run: Any) -> Verdict:
        while True:
            pass

    endless = ModuleType("analysis.criteria.read_latency")
    endless.judge = judge  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, endless.__name__, endless)
    monkeypatch.setattr(judge_experiment, "JUDGE_S", 0.1)
    verdicts = judge_run(synthetic("steady").done().folder.root)
    found = {verdict.name: verdict for verdict in verdicts}
    assert "longer than" in found["read_latency"].reason


def test_an_experiments_own_verdict_counts_what_decides_and_every_fail() -> None:
    def ruling(judgement: Judgement, decides: bool) -> Ruling:
        verdict = Verdict(name="x", judgement=judgement, reason="")
        return Ruling(verdict=verdict, kind="checker", decides=decides, seconds=0.0)

    good, open_one = ruling(Judgement.PASS, True), ruling(Judgement.UNKNOWN, False)
    assert own_verdict([good, open_one]) is Judgement.PASS
    assert own_verdict([good, ruling(Judgement.UNKNOWN, True)]) is Judgement.UNKNOWN
    assert own_verdict([good, ruling(Judgement.FAIL, False)]) is Judgement.FAIL
    assert own_verdict([open_one]) is Judgement.UNKNOWN


@pytest.mark.parametrize("stopped_by", [StoppedBy.STACK, StoppedBy.LOAD, StoppedBy.SUITE, None])
def test_what_the_suite_broke_itself_accuses_nobody(
    review: Callable[..., ReviewVerdicts], stopped_by: StoppedBy | None
) -> None:
    plan = {"complete": False, "stopped_because": "it ended", "stopped_by": stopped_by}
    found = review(experiments=["survey", "steady"], plan=plan, load={"took_ms": 80.0})
    assert row(found, "SC-003").verdict == "unknown"
    assert "did not reach its end (it ended)" in row(found, "SC-003").reason


def test_records_that_were_cut_after_the_run_decide_nothing(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    found = review(experiments=["survey", "steady"], load={"took_ms": 80.0})
    assert row(found, "SC-003").verdict == "fail"
    folder = tmp_path / "experiments" / "steady"
    run = RunFolder(folder)
    run.write_plan(replace(run.read_plan(), sealed=seal(folder)))
    assert row(judge_review(tmp_path), "SC-003").verdict == "fail"
    ops = folder / "history" / "load-0.ops"
    ops.write_bytes(ops.read_bytes()[:1000])
    damaged = row(judge_review(tmp_path), "SC-003")
    assert damaged.verdict == "unknown"
    assert "its records are damaged: history/load-0.ops holds 1000 of" in damaged.reason


def test_what_a_killed_writer_left_of_its_last_record_is_told(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    review(experiments=["survey", "steady"])
    ops = tmp_path / "experiments" / "steady" / "history" / "load-0.ops"
    ops.write_bytes(ops.read_bytes() + b"half")
    judge_review(tmp_path)
    told = reasons_in(tmp_path)["listings"]
    assert "4 bytes of a torn last record are left out of the history" in told


def test_whole_records_that_cannot_be_read_decide_nothing_and_are_told(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    review(experiments=["survey", "steady"], load={"took_ms": 80.0})
    history = tmp_path / "experiments" / "steady" / "history"
    strings = history / "load-0.strings.jsonl"
    strings.write_text("\n".join(strings.read_text().splitlines()[:-1]) + "\n")
    assert row(judge_review(tmp_path), "SC-003").verdict == "unknown"
    told = reasons_in(tmp_path)["read_latency"]
    assert "its records are damaged" in told
    assert "names a string that load-0.strings.jsonl does not hold" in told


def test_the_recorded_run_is_of_version_1_and_its_operations_have_todays_names(
    recorded: Path,
) -> None:
    folder = recorded / "experiments" / "steady" / "history"
    assert {one.layout.version for one in workers_in(folder)} == {1}
    history = read_history(folder)
    assert {history.strings[i] for i in history.ops["operation"].tolist()} <= MUTATIONS | READS
    assert history.of_operation("updateTable").any()
    assert not history.torn


def reasons_in(root: Path) -> dict[str, str]:
    """Judge -> reason, of the experiment "steady"."""
    path = root / "experiments" / "steady" / "verdicts.json"
    return {one.judge: one.reason for one in read_rulings(path)}


def test_what_another_version_wrote_besides_is_no_obstacle(
    review: Callable[..., ReviewVerdicts], tmp_path: Path
) -> None:
    review(experiments=["survey", "steady"])
    before = [(one.id, one.verdict) for one in judge_review(tmp_path).requirements]
    for path in (tmp_path / "experiments" / "steady").glob("*.jsonl"):
        lines = [json.loads(line) | {"new": 1} for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    after = judge_review(tmp_path).requirements
    assert [(one.id, one.verdict) for one in after] == before


def test_what_does_not_apply_to_the_target_is_out_of_scope_unless_asked_for(
    review: Callable[..., ReviewVerdicts],
    synthetic: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    login = Requirement(
        id="FR-009",
        title="t",
        text="t",
        bases=(Basis(judge=Judge("contract_cases", "FR-009"), required=("contract",)),),
    )
    known = tuple(login if one.id == "FR-009" else one for one in requirements.REQUIREMENTS)
    monkeypatch.setattr(requirements, "REQUIREMENTS", known)
    monkeypatch.setattr(judge, "REQUIREMENTS", known)
    run = synthetic("contract", scenario=None, inquiry="x")
    run.case("skipped", requirement="FR-009", got="the target file configures no login")
    run.case("holds", about="createTable")
    run.operation("createTable")
    run.done()
    found = review(experiments=["survey", "steady", "contract"])
    one = row(found, "FR-009")
    assert (one.verdict, one.in_scope) == ("unknown", False)
    assert "configures no login" in one.reason
    facts = json.loads((tmp_path / "review.json").read_text()) | {"only": ["FR-009"]}
    (tmp_path / "review.json").write_text(json.dumps(facts))
    asked = judge_review(tmp_path)
    assert row(asked, "FR-009").in_scope
    assert asked.verdict == "unknown"


def test_a_judge_that_does_not_apply_does_not_make_its_experiment_unknown() -> None:
    def ruling(judgement: Judgement, **more: Any) -> Ruling:
        verdict = Verdict(name="x", judgement=judgement, reason="", **more)
        return Ruling(verdict=verdict, kind="criterion", decides=True, seconds=0.0)

    held = ruling(Judgement.PASS)
    assert own_verdict([held, ruling(Judgement.UNKNOWN, applies=False)]) is Judgement.PASS
    assert own_verdict([held, ruling(Judgement.UNKNOWN)]) is Judgement.UNKNOWN


def test_the_figure_of_a_fail_is_that_of_the_judge_with_most_failures(
    tmp_path: Path, synthetic: Callable[..., Any]
) -> None:
    survey = synthetic("survey", scenario=None, inquiry="survey")
    survey.case("broken", about="dropTable", name="one", expected_statuses=[404], given=200)
    survey.done()
    contract = synthetic("contract", scenario=None, inquiry="contract")
    for number in range(3):
        contract.case(
            "broken", about="dropTable", name=f"of{number}", expected_statuses=[404], given=200
        )
    contract.case("holds", about="dropTable")
    contract.done()
    told = {
        "target": "reference",
        "target_name": "reference",
        "experiments": ["survey", "contract"],
    }
    (tmp_path / "review.json").write_text(json.dumps(told))
    found = {one.id: one for one in judge_review(tmp_path).requirements}["FR-001"]
    assert found.verdict == "fail"
    assert found.figure == "1 of 4 cases hold", "not the 0 of 1 of the survey, which comes first"
