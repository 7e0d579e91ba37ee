"""Proves that the checks can fail: each lie must turn its check red in a short experiment.

Claim: the selftest fails if a lie does not turn its own check red, and if any check turns red on an
honest catalog. A lie whose check was withheld because the machine was starved is undecided: neither
right nor wrong.
Method: the experiments of the review, with the lie's overrides, on the reference catalog with one
lie; the honest catalog goes through each experiment too.
What it does NOT show: that defects other than these lies are found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.history import read_history
from analysis.judge import judge_run
from iceworthy import discovery
from iceworthy.orchestrator.conduct import resolve, run_experiment
from iceworthy.orchestrator.interrupt import held, telling, was_asked
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.review import environment, new_folder, record_review
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.blame import Blame
from iceworthy.words.errors import IceworthyError, PlanError
from iceworthy.words.lie import Lie
from iceworthy.words.target_file import load_target
from iceworthy.words.verdict import Verdict

HONEST = "honest "
"""First word of the rows in which the honest catalog goes through a lie's experiment."""
MARKS = {"right": "✓", "undecided": "?", "WRONG": "✕"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One lie's result. caught_by: names of all judges that failed. operations: recorded until the
    first evidence of its own check where that has a time, else in the whole run. undecided: its own
    check was withheld, and the machine is to blame."""

    lie: str
    own_check: str
    caught_by: tuple[str, ...]
    seconds: float
    operations: int
    problem: str = ""
    undecided: bool = False

    @property
    def ending(self) -> str:
        """right, WRONG, or undecided."""
        return "right" if self.right else "undecided" if self.undecided else "WRONG"

    @property
    def right(self) -> bool:
        """A lie must be caught by its own check; the honest catalog by none."""
        if self.problem:
            return False
        if self.lie.startswith(HONEST):
            return not self.caught_by
        return self.own_check in self.caught_by


def chosen_lies(requested: Iterable[str]) -> list[str]:
    """All lies, or those named; PlanError names the nearest to an unknown one."""
    asked = list(requested)
    for name in asked:
        discovery.path_of("lie", name)
    return asked or [*discovery.names("lie")]


def run_selftest(
    settings: Settings,
    lies: Iterable[str],
    progress: Progress,
    *,
    honest: bool = False,
    keep: Callable[[Sequence[Row]], None] = lambda rows: None,
) -> tuple[Path, list[Row]]:
    """Run each lie; returns the results folder and a row for each (fewer when interrupted).

    honest: the honest catalog goes through every experiment of these lies too, once each.
    keep: called with all rows so far after each lie, so that a run that is ended leaves them.
    """
    if settings.target_name != "reference":
        raise PlanError(
            "selftest turns on lies (deliberate defects) of the reference catalog; it takes no "
            "other target"
        )
    names = chosen_lies(lies)
    loaded: dict[str, Lie] = {name: discovery.load("lie", name) for name in names}
    for lie in loaded.values():
        resolve(lie.experiment, replace(settings, overrides=dict(lie.overrides)))
    root = new_folder(settings)  # not results/latest, which is a review
    record_review(root, environment(settings))
    work: list[tuple[str, Lie, str | None]] = [(name, lie, name) for name, lie in loaded.items()]
    if honest:
        first = {(lie.experiment, lie.target): lie for lie in reversed(loaded.values())}
        work += [
            (f"{HONEST}{experiment}{'' if target == 'reference' else f' {target}'}", lie, None)
            for (experiment, target), lie in first.items()
        ]
    with telling("stopping everything", f"what was recorded is kept in {root}"):
        return root, _run_each(work, settings, root, progress, keep)


def _run_each(
    work: list[tuple[str, Lie, str | None]],
    settings: Settings,
    root: Path,
    progress: Progress,
    keep: Callable[[Sequence[Row]], None],
) -> list[Row]:
    """A row for each; fewer when interrupted."""
    rows: list[Row] = []
    for number, (name, lie, target) in enumerate(work, start=1):
        try:
            row = _one(name, lie, replace(settings, lie=target), root, progress)
        except KeyboardInterrupt:
            return rows
        rows.append(row)
        keep(rows)
        progress.say(
            f"{number}/{len(work)} {name}: {row.ending}, "
            f"red: {', '.join(row.caught_by) or 'nothing'}; "
            f"{row.operations} operations, {row.seconds:.1f} s {row.problem}".rstrip()
        )
        if was_asked():
            break
    return rows


def _one(name: str, lie: Lie, settings: Settings, root: Path, progress: Progress) -> Row:
    started = time.monotonic()
    review = root / "lies" / name.replace(" ", "-")
    review.mkdir(parents=True, exist_ok=True)
    folder = RunFolder(review / "experiments" / lie.experiment)
    settings_of_lie = replace(
        settings,
        target=load_target(lie.target),
        target_name=lie.target,
        overrides={**dict(lie.overrides), **settings.overrides},
    )
    problem = ""
    try:
        run_experiment(lie.experiment, settings_of_lie, folder, progress, review=review)
    except PlanError:
        raise
    except IceworthyError as error:
        # A lie may keep the experiment from its end; its records are judged all the same.
        problem = str(error)
    with held():
        verdicts = judge_run(folder.root)
    red = tuple(v.name for v in verdicts if v.judgement == "fail")
    own = next((v for v in verdicts if v.name == lie.own_check), None)
    operations = _operations_until(folder.root, own)
    withheld = own is not None and own.judgement == "unknown" and own.blame is Blame.MACHINE
    if lie.own_check in red and settings_of_lie.lie is not None:
        problem = ""
    elif not problem and own is not None and settings_of_lie.lie is not None:
        problem = f"({lie.own_check}: {own.judgement.value}: {own.reason})"
    return Row(
        lie=name,
        own_check=lie.own_check if settings_of_lie.lie else "",
        caught_by=red,
        seconds=round(time.monotonic() - started, 1),
        operations=operations,
        problem=problem,
        undecided=withheld and settings_of_lie.lie is not None,
    )


def _operations_until(root: Path, own: Verdict | None) -> int:
    history = read_history(root / "history")
    times = [e["completed_ns"] for e in (own.evidence if own else ()) if "completed_ns" in e]
    if not times:
        return len(history)
    return int((history.ops["sent_ns"] <= min(times)).sum())


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The objects that --json writes."""
    return [
        {
            "lie": row.lie,
            "own_check": row.own_check,
            "caught_by": list(row.caught_by),
            "seconds": row.seconds,
            "operations": row.operations,
        }
        for row in rows
    ]


def table(rows: Iterable[Row]) -> str:
    """The text for the terminal: one line a row, and below it the fault of a row that is
    not right.
    """
    lines = []
    rows = list(rows)
    width = max((len(row.lie) for row in rows), default=0)
    for row in rows:
        mark = f"{MARKS[row.ending]} {row.ending:<5}"
        others = [name for name in row.caught_by if name != row.own_check]
        caught = row.own_check if row.own_check in row.caught_by else "-"
        also = f"  also {', '.join(others)}" if others else ""
        lines.append(
            f"{mark} {row.lie:<{width}}  {caught:<25} {row.seconds:>5.1f} s "
            f"{row.operations:>6} operations{also}"
        )
        if row.problem:
            lines.append(f"        {row.problem}")
    return "\n".join(lines)
