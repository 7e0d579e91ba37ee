"""Where a judge's verdict counts: in the experiments that the table names, and by declaration."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chaos.experiments
from analysis.declarations import declared_by, declared_in_content, declared_of
from analysis.judge import judge_review
from analysis.judge_experiment import criteria_of
from analysis.requirements import REQUIREMENTS, WHERE, Judge, decides, judges_of
from iceworthy import discovery
from iceworthy.orchestrator.conduct import first_plan, load_scenario, resolve
from iceworthy.orchestrator.profile import default_order
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.known import Known
from iceworthy.record.plan import Plan, plan_from_object, plan_to_object
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.experiment import Declared, Experiment, FaultAt, Load
from iceworthy.words.target import TargetSpec

# As the table was when it named each experiment: the experiments that are
# required / that count fully, and below them requirement/judge.
COUNTED = """\
 / survey
    FR-006/survey_findings[FR-006] FR-013/survey_findings[FR-013]
survey / survey
    FR-001/survey_findings[FR-001] FR-002/survey_findings[FR-002]
    FR-003/hierarchical_namespaces FR-004/survey_findings[FR-004]
contract / contract
    FR-001/contract_phases FR-001/contract_cases[FR-001] FR-002/contract_schemas
    FR-002/contract_cases[FR-002] FR-003/contract_cases[FR-003]
    FR-004/contract_cases[FR-004] FR-009/contract_cases[FR-009]
    FR-010/contract_cases[FR-010] FR-011/contract_cases[FR-011]
    FR-012/contract_cases[FR-012] FR-015/contract_cases[FR-015]
    FR-016/contract_cases[FR-016] FR-017/contract_cases[FR-017]
    FR-018/contract_cases[FR-018] SC-001/contract_operations EC-3/contract_cases[EC-3]
    EC-5/contract_cases[EC-5]
 / contract
    FR-013/contract_cases[FR-013]
 / differential
    FR-001/differences
 / fuzz
    FR-002/fuzz_findings[FR-002] SC-001/fuzz_findings[SC-001]
contention / contention
    FR-002/answers_as_specified FR-004/cas_exclusivity FR-004/conflict_status
    FR-004/chain_integrity FR-004/lost_acknowledgement FR-004/phantom
    FR-004/linearizability FR-004/progress FR-015/events
    FR-007/both_nodes_commit FR-007/cas_exclusivity
    FR-007/prefix_reads FR-007/real_time EC-2/conflict_status EC-2/cas_exclusivity
    EC-2/lost_acknowledgement EC-2/phantom
survey / black_hole contention cut_link drain_node kill_node single_node steady survey
    FR-002/answers_as_specified[any]
steady / single_node steady
    FR-003/listings FR-014/access_logs SC-007/health_answers
drain_node / drain_node
    FR-005/graceful_shutdown FR-005/shutdown_time SC-005/shutdown_time
    SC-005/graceful_shutdown EC-4/graceful_shutdown EC-4/shutdown_time
    EC-4/lost_acknowledgement EC-4/phantom EC-4/info_resolution EC-4/still_readable
cut_link black_hole / black_hole cut_link
    FR-006/readiness_tracks_database EC-1/recovery EC-1/readiness_tracks_database
    EC-1/lost_acknowledgement EC-1/phantom EC-1/info_resolution EC-1/still_readable
steady / black_hole cut_link steady
    FR-006/health_answers
contention / contention steady
    FR-007/names
drain_node / drain_node kill_node steady survey
    FR-008/migrations_at_start
steady / contention single_node steady
    FR-013/metrics_answer FR-013/metrics_follow_answers
steady / steady
    FR-013/metrics_count SC-003/read_latency SC-006/metrics_count SC-006/metrics_follow_answers
steady / black_hole contention cut_link drain_node kill_node single_node steady
    FR-013/metrics_monotonic
kill_node / black_hole cut_link drain_node kill_node
    FR-016/lost_acknowledgement FR-016/phantom FR-016/info_resolution
    FR-016/still_readable FR-016/chain_integrity FR-016/properties FR-016/names
    FR-016/progress
contention / black_hole contention cut_link drain_node kill_node
    FR-016/metadata_locations FR-016/transactions
commit_stepper / commit_stepper
    FR-016/commit_steps
steady single_node / single_node steady
    SC-002/concurrent_connections SC-002/no_errors_when_calm
steady / black_hole contention cut_link drain_node kill_node single_node steady survey
    SC-004/start_time
 / black_hole cut_link
    SC-007/probes_without_database
"""

NIGHT = Experiment(
    hypothesis="h",
    method=Load(scenario="mix", faults=(FaultAt(fault="cut_link", at_s=4.0, hold_s=5.0),)),
    order=55,
)
NIGHT_FILE = """
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.experiment import Experiment, FaultAt, Load
EXPERIMENT = Experiment(
    hypothesis="h",
    method=Load(scenario="read_mix", faults=(FaultAt(fault="kill_node", at_s=4.0, hold_s=1.0),)),
    order=55,
)
"""


def counted(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """Requirement/judge -> its required experiments, and all that count."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("    "):
            required, _, every = (part.split() for part in line.partition("/"))
        else:
            found |= dict.fromkeys(line.split(), (required, every))
    return found


def test_the_standard_experiments_count_where_they_did() -> None:
    standard = [declared_in_content(name) for name in default_order()]
    now = {
        f"{one.id}/{basis.judge}": (list(basis.required), sorted(basis.experiments(standard)))
        for one in REQUIREMENTS
        for basis in one.bases
    }
    assert now == counted(COUNTED)


def test_every_declaration_that_counts_is_used_and_fits_some_standard_experiment() -> None:
    used = {basis.where for one in REQUIREMENTS for basis in one.bases if basis.where}
    used |= {one.about for one in REQUIREMENTS if one.about}
    assert used == set(WHERE)
    standard = [declared_in_content(name) for name in default_order()]
    for holds in WHERE.values():
        assert 0 < sum(map(holds, standard)) < len(standard)


@pytest.fixture
def night(synthetic: Callable[..., Any], tmp_path: Path) -> Callable[..., ReviewVerdicts]:
    """A review of one experiment of which the table has no row: its link is cut under load."""

    def judged(**facts: Any) -> ReviewVerdicts:
        run = synthetic("night", declared=declared_by("night", NIGHT)).broken_link(**facts)
        run.access_log()
        run.done()
        (tmp_path / "review.json").write_text(json.dumps({"experiments": ["night"]}))
        return judge_review(tmp_path)

    return judged


def verdicts(found: ReviewVerdicts, requirement: str) -> dict[tuple[str, str], str]:
    (row,) = (one for one in found.requirements if one.id == requirement)
    return {(one.judge, one.experiment): one.verdict for one in row.evidence}


def test_an_experiment_without_a_row_confirms_and_refutes_by_what_it_declares(
    night: Callable[..., ReviewVerdicts],
) -> None:
    found = night()
    for requirement, judge in (
        ("FR-002", "answers_as_specified[any]"),  # it has load
        ("FR-006", "readiness_tracks_database"),  # its fault takes the database away
        ("EC-1", "recovery"),
        ("SC-007", "probes_without_database"),
    ):
        assert verdicts(found, requirement)[judge, "night"] == "pass", judge
    assert ("still_readable", "night") in verdicts(found, "FR-016")  # it has a fault under load
    assert ("names", "night") not in verdicts(found, "FR-007")


def test_what_an_experiment_without_a_row_refutes_fails_the_requirement(
    night: Callable[..., ReviewVerdicts],
) -> None:
    found = night(ready=200)
    assert verdicts(found, "FR-006")["readiness_tracks_database", "night"] == "fail"
    assert {one.id for one in found.requirements if one.verdict == "fail"} >= {
        "FR-006",
        "EC-1",
    }


def test_an_experiment_without_a_row_is_judged_by_every_criterion() -> None:
    judges = criteria_of(declared_by("night", NIGHT))
    every = set(discovery.names("criterion")) - {"schedule_kept", "fault_bit"}
    assert {judge.name for judge in judges} == every
    assert Judge("answers_as_specified", "any") in judges


def test_a_file_of_an_experiment_counts_without_any_other_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_night.py").write_text(NIGHT_FILE)
    names = discovery.names
    monkeypatch.setattr(
        discovery,
        "names",
        lambda kind: names(kind) | ({"a_night": tmp_path} if kind == "experiment" else {}),
    )
    monkeypatch.setattr(chaos.experiments, "__path__", [*chaos.experiments.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "chaos.experiments.a_night", raising=False)
    settings = Settings(
        target=TargetSpec(name="t", summary="s"), target_name="t", seed=1, results=tmp_path
    )
    experiment = resolve("a_night", settings)
    plan = first_plan("a_night", experiment, load_scenario(experiment), settings, Known())
    plan = plan_from_object(json.loads(json.dumps(plan_to_object(plan))), where="plan.json")
    declared = declared_of("a_night", plan)
    assert decides(Judge("info_resolution"), declared)
    assert decides(Judge("migrations_at_start"), declared)
    assert not decides(Judge("readiness_tracks_database"), declared)
    assert declared == declared_in_content("a_night")


def test_a_run_keeps_what_it_declared_whatever_the_files_say_later() -> None:
    kept = Declared(experiment="steady", inquiry="fuzz")
    assert declared_of("steady", Plan(experiment="steady", declared=kept)) is kept


def test_a_run_of_before_declares_what_its_file_says_else_what_its_plan_says() -> None:
    known = declared_of("cut_link", Plan(experiment="cut_link"))
    assert [fault.takes_away for fault in known.faults] == [("database",)]
    plan = Plan(
        experiment="gone",
        scenario="mix",
        faults=(FaultAt(fault="kill_node", at_s=1.0),),
    )
    assert decides(Judge("still_readable"), declared_of("gone", plan))
    assert judges_of(declared_of("gone", Plan(experiment="gone"))) == ()
