"""What an experiment learns is in its plan, and in the review for all later experiments."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.stage import RunState, Stage
from iceworthy.record.known import Known, read_known
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import StackError


def test_what_is_learned_is_kept_in_the_plan_and_in_the_review(tmp_path: Path) -> None:
    live: Any = None
    folder = RunFolder(tmp_path / "experiments" / "survey")
    folder.root.mkdir(parents=True)
    state = RunState(folder, Plan(experiment="survey"), tmp_path)
    stage = Stage(live=live, state=state, progress=Progress(), cleanup=ExitStack())
    stage.learn(Known(id_bits=53))
    assert stage.plan.known == folder.read_plan().known == read_known(tmp_path) == Known(id_bits=53)


@pytest.mark.parametrize("error", [StackError("PostgreSQL ended"), KeyboardInterrupt()])
def test_what_could_not_be_removed_is_said_with_why_the_experiment_stopped(
    error: BaseException, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "experiments" / "steady")
    folder.root.mkdir(parents=True)
    error.add_note("could not be stopped or removed: node-0")
    RunState(folder, Plan(experiment="steady"), tmp_path).stopped(error)
    first, note = folder.read_plan().stopped_because.split("\n")
    assert first in ("PostgreSQL ended", "interrupted")
    assert note == "could not be stopped or removed: node-0"
