"""The arguments of a method: the running target, the plan so far, and the folder to record in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from iceworthy.orchestrator.progress import Progress
from iceworthy.record.known import Known, write_known
from iceworthy.record.plan import Plan, with_own_seal
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.seal import seal
from iceworthy.words.errors import notes_of, stopped_by
from iceworthy.words.live import LiveTarget

__all__ = ["Stage"]


@dataclass(slots=True)
class RunState:
    """The state of an experiment while it runs, written to plan.json at each step.

    review: the folder of the review, where known.json is.
    """

    folder: RunFolder
    plan: Plan
    review: Path

    def update(self, plan: Plan) -> None:
        """Replace the plan, in plan.json too."""
        self.plan = plan
        self.folder.write_plan(plan)

    def whole(self) -> None:
        """Write that the experiment reached its end, with the seal of all that is recorded."""
        ended = replace(self.plan, complete=True)
        self.update(with_own_seal(ended, seal(self.folder.root)))

    def stopped(self, error: BaseException) -> None:
        """Write why the experiment did not reach its end; a full disk must not hide that reason."""
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or repr(error)
        why = "\n".join((why, *notes_of(error)))
        with suppress(OSError):
            ended = replace(self.plan, stopped_because=why, stopped_by=stopped_by(error))
            self.update(with_own_seal(ended, seal(self.folder.root)))


def _none() -> Mapping[str, int]:
    return {}


@dataclass(slots=True, kw_only=True)
class Stage:
    """One experiment on a target that runs.

    cleanup: callbacks that undo what the method did, run last to first at the end. pids: name ->
    pid of the processes that the method has started, for the samplers; the method replaces it.
    """

    live: LiveTarget
    state: RunState
    progress: Progress
    cleanup: ExitStack
    pids: Callable[[], Mapping[str, int]] = _none

    @property
    def folder(self) -> RunFolder:
        """The folder in which the experiment is recorded."""
        return self.state.folder

    @property
    def plan(self) -> Plan:
        """plan.json as it is now."""
        return self.state.plan

    def learn(self, known: Known) -> None:
        """Keep what was learned about the target: in plan.json, and for all later experiments."""
        self.state.update(replace(self.plan, known=known))
        write_known(self.state.review, known)

    def show(self, text: str) -> None:
        """Show one line of progress, over the last one."""
        self.progress.live(f"{self.folder.name}: {text}")

    def tell_left(self, left: Sequence[str]) -> None:
        """Name what could not be dropped again from a target that lives on."""
        if left:
            self.progress.warn(f"could not be dropped again from the target: {'; '.join(left)}")
