"""What an experiment learns is in its plan, and in the review for all later experiments."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.stage import RunState, Stage
from iceworthy.record.known import Known, read_known
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder


def test_what_is_learned_is_kept_in_the_plan_and_in_the_review(tmp_path: Path) -> None:
    live: Any = None
    folder = RunFolder(tmp_path / "experiments" / "survey")
    folder.root.mkdir(parents=True)
    state = RunState(folder, Plan(experiment="survey"), tmp_path)
    stage = Stage(live=live, state=state, progress=Progress(), cleanup=ExitStack())
    stage.learn(Known(id_bits=53))
    assert stage.plan.known == folder.read_plan().known == read_known(tmp_path) == Known(id_bits=53)
