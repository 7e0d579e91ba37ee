"""`--keep`: the stack stays up at the end of a run, or where an experiment fails, to be looked at.

Claim: it ends with Ctrl-C or after the given seconds, and then everything is stopped. The verdict
is the same as without --keep. What this does NOT do: keep the load or the faults going.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.judge_experiment import judge_one, own_verdict
from analysis.run import Run
from fixtures.stack.stack import addresses
from iceworthy.orchestrator.interrupt import forgotten
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.words.errors import IceworthyError
from iceworthy.words.foreign import shown
from iceworthy.words.verdict import Judgement

LOOK_S = 0.3

Keep = Callable[[Any, Path], None]
"""Called with the running target and the experiment's folder, before the stack is ended."""


def fails(folder: Path) -> bool:
    """Whether the experiment that is recorded here fails, as far as it is recorded."""
    return own_verdict(judge_one(Run(folder))) is Judgement.FAIL


def keep_up(live: Any, seconds: float, why: str, progress: Progress) -> None:
    """Print where everything is, and wait for Ctrl-C, the end of the time, or of the stack."""
    progress.warn(f"{why}: the stack stays up for {seconds:.0f} s; Ctrl-C ends it")
    for line in addresses(live):
        progress.warn(f"  {shown(line)}")
    ends = time.monotonic() + seconds
    try:
        while time.monotonic() < ends:
            time.sleep(LOOK_S)
            with contextlib.suppress(TimeoutError):
                live.check()
    except KeyboardInterrupt:
        forgotten()
    except IceworthyError as error:
        progress.warn(f"the stack ended by itself: {shown(error, 400)}")
    progress.warn("stopping it")


def stops_here(name: str, settings: Settings, folder: Path) -> bool:
    """Whether a run that is to stop at the first fail stops after this experiment. What was not
    asked for (the survey before a case) stops nothing."""
    asked = {one.experiment for one in settings.asked}
    counts = not asked or name in asked
    is_set = settings.stops_at_fail or settings.keep_s is not None
    return is_set and counts and fails(folder)


def keeper(settings: Settings, progress: Progress, *, is_last: bool) -> Keep | None:
    """What run_experiment is to call before the stack ends; None: nothing."""
    seconds = settings.keep_s
    if seconds is None:
        return None

    def keep(live: Any, root: Path) -> None:
        asked = {one.experiment for one in settings.asked}
        if (not asked or root.name in asked) and fails(root):
            keep_up(live, seconds, f"{root.name} fails", progress)
        elif is_last:
            keep_up(live, seconds, f"{root.name} is done", progress)

    return keep
