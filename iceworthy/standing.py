"""A stack that stays up: `iceworthy up`, and `iceworthy reproduce` with one case's scene on it.

Claim: however these end, the stack and its folder are gone. stdout holds addresses, or lines for a
shell, and nothing else; progress is on stderr.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from fixtures.stack.processes import Leash
from fixtures.stack.refused_logins import watching_logins
from fixtures.stack.runtimes import open_containers
from fixtures.stack.stack import Stack, addresses, open_stack
from iceworthy.orchestrator.conduct import PREPARE
from iceworthy.orchestrator.interrupt import HeldAtExit
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.reproduce import case_named, cases_about, reproduce, step_by_step
from iceworthy.orchestrator.settings import Runtime, Settings
from iceworthy.record.run_folder import RunFolder
from iceworthy.terminal import tell
from iceworthy.words.errors import EXIT_FAIL, EXIT_PASS, EXIT_UNKNOWN

Wait = Callable[[Callable[[], None]], None]
OPEN: Mapping[Runtime, Callable[..., AbstractContextManager[Stack]]] = {
    "processes": open_stack,
    "docker": open_containers,
}
EXIT_OF = {"holds": EXIT_PASS, "broken": EXIT_FAIL}


def stand(settings: Settings, wait: Wait) -> int:
    """Tell the addresses of a stack, and keep it until `wait` returns."""
    with _stack(settings) as (live, progress):
        for line in addresses(live):
            tell(line)
        progress.say("up; Ctrl-C stops and removes everything")
        wait(live.check)
        progress.say("stopping")
    return EXIT_PASS


def show_case(name: str, settings: Settings, wait: Wait | None) -> int:
    """Make the scene of a case, print its requests, and keep the stack until `wait` returns; None:
    stop at once. Returns 0 if the case holds, 1 if it is broken, else 2.
    """
    one = case_named(name)
    with _stack(settings) as (live, progress):
        made = reproduce(live, one, settings.seed, progress.say)
        for line in made.lines:
            tell(line)
        if wait is not None:
            progress.say("the stack is up for these lines; Ctrl-C stops and removes everything")
            wait(live.check)
        progress.say("stopping")
    return EXIT_OF.get(made.ended, EXIT_UNKNOWN)


def tell_cases(requirement: str, settings: Settings) -> int:
    """Ask the cases about a requirement on one stack and print each step with its time; of the
    cases of one name that hold, those of the first alone. Returns 0 if all hold, 1 if one is
    broken, else 2. PlanError where no case is about it."""
    cases = cases_about(requirement)
    endings: list[str] = []
    shown_before: set[str] = set()
    with _stack(settings) as (live, progress):
        asked = step_by_step(live, cases, settings.seed, progress.live)
        for found in asked:
            endings.append(found.ended)
            plain = found.case.partition("[")[0]
            is_like_another = found.ended == "holds" and plain in shown_before
            if found.ended == "skipped" or is_like_another:
                continue
            shown_before.add(plain)
            for line in found.lines:
                tell(line)
        progress.say("stopping")
    counts = Counter(endings)
    words = {"holds": "hold", "broken": "are broken", "unknown": "are unknown"}
    said = (f"{count} {words.get(one, f'are {one}')}" for one, count in counts.most_common())
    tell(f"{len(cases)} cases: {', '.join(said)}")
    if counts["broken"]:
        return EXIT_FAIL
    is_whole = set(counts) <= {"holds", "skipped", "remark"}
    return EXIT_PASS if counts["holds"] and is_whole else EXIT_UNKNOWN


@contextmanager
def _stack(settings: Settings) -> Iterator[tuple[Stack, Progress]]:
    progress = Progress()
    with HeldAtExit(Leash()) as own:  # which removes the folder however we end
        folder = RunFolder(own.make_folder(Path(tempfile.gettempdir()), prefix="iceworthy-up-"))
        PREPARE[settings.runtime](settings.target, progress.say)
        opened = OPEN[settings.runtime](
            settings.target, folder, lie=settings.lie, allow_hosts=settings.allow_hosts
        )
        with HeldAtExit(ExitStack()) as standing:
            with watching_logins(settings.target, folder.logs, progress.say):
                live = standing.enter_context(opened)
            yield live, progress
