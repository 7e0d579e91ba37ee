"""The line that runs an experiment again names the lie that was on, and the runtime."""

from __future__ import annotations

import pytest

from analysis.run_again import run_again
from iceworthy.record.plan import Plan
from iceworthy.record.review import ReviewRecord


@pytest.mark.parametrize("of_review", [True, False])
def test_a_lie_is_turned_on_again_whether_review_or_plan_names_it(of_review: bool) -> None:
    plan = Plan(
        experiment="contention",
        scenario="mix",
        sessions=20,
        seed=3,
        target_name="reference",
        lie="last_write_wins",
    )
    lie = "last_write_wins" if of_review else None
    record = ReviewRecord(lie=lie)
    line = run_again("contention", "FR-004", {"contention": plan}, record)
    assert line == (
        "iceworthy run mix --experiment contention --target reference --seed 3 "
        "--lie last_write_wins --sessions 20"
    )


@pytest.mark.parametrize(
    ("runtime", "said"), [("", ""), ("processes", ""), ("docker", " --runtime docker")]
)
def test_what_ran_in_containers_runs_in_containers_again(runtime: str, said: str) -> None:
    plan = Plan(experiment="contention", scenario="mix", sessions=20, seed=3)
    record = ReviewRecord(runtime=runtime, target_name="reference")
    line = run_again("contention", "FR-004", {"contention": plan}, record)
    assert line.split(" --seed 3")[1] == f"{said} --sessions 20"
