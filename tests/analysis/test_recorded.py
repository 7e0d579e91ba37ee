"""A run that an older version recorded is read whole, and judged as it was judged then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from analysis.judge import judge_review
from iceworthy.record.review import read_review
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.streams import KINDS

# As the version before formats had numbers judged it.
EXPERIMENTS = {
    "survey": ("unknown", []),
    "steady": ("fail", ["access_logs"]),
    "cut_link": ("unknown", []),
    "drain_node": ("unknown", []),
}
FAILED = "FR-014"
PASSED = "FR-005 FR-008 FR-013 SC-003 SC-004 SC-005 SC-006 SC-007 EC-4"
UNKNOWN = (
    "FR-001 FR-002 FR-003 FR-004 FR-006 FR-007 FR-009 FR-010 FR-011 FR-012 FR-015 FR-016 FR-017 "
    "FR-018 SC-001 SC-002 SC-008 EC-1 EC-2 EC-3 EC-5"
)


def test_a_run_of_the_version_before_is_read_whole(recorded: Path) -> None:
    """Its files name no format; each plan and each line of each stream is taken in."""
    for root in sorted((recorded / "experiments").iterdir()):
        folder = RunFolder(root)
        assert "format" not in json.loads(folder.plan_file.read_text())
        plan = folder.read_plan()
        assert plan.experiment == root.name
        assert plan.complete
        for kind in KINDS:
            path = folder.stream_file(kind)
            lines = path.read_text().splitlines() if path.exists() else []
            assert len(list(folder.read(kind))) == len(lines)


def test_the_record_of_the_review_before_is_read(recorded: Path) -> None:
    facts = json.loads((recorded / "review.json").read_text())
    assert "format" not in facts
    found = read_review(recorded)
    assert (found.target, found.seed, found.sessions) == ("reference", 11, 110)
    assert found.experiments == tuple(facts["experiments"])
    assert found.target_spec is not None


def test_a_run_of_the_version_before_is_judged_as_it_was(recorded: Path, tmp_path: Path) -> None:
    found = judge_review(Path(shutil.copytree(recorded, tmp_path / "review")))
    ended = {name: (one.verdict, sorted(one.failed)) for name, one in found.experiments.items()}
    assert ended == EXPERIMENTS
    by_verdict: dict[str, list[str]] = {}
    for one in found.requirements:
        by_verdict.setdefault(one.verdict, []).append(one.id)
    assert by_verdict == {
        "fail": FAILED.split(),
        "pass": PASSED.split(),
        "unknown": UNKNOWN.split(),
    }
