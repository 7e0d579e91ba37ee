"""The command line: arguments in, exit code out.

Exit codes: 0 pass, 1 fail, 2 unknown, 64 usage, 70 the suite's own fault. Each verb imports its
code inside its function, so that `--help` and `list` load no library, and `doctor` works with a
broken one.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from iceworthy.arguments import refuse_no_baseline, refuse_runs_of_one_run, refuse_unusable
from iceworthy.command_line import parser
from iceworthy.conclude import command_of, conclude, without
from iceworthy.discovery import names, nearest
from iceworthy.orchestrator.interrupt import installed, was_asked
from iceworthy.orchestrator.machine_limits import refuse_low_limits
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings, saved_run
from iceworthy.record.json_file import write_json
from iceworthy.terminal import complain, prepare, settle, tell
from iceworthy.user_defaults import effective
from iceworthy.words.errors import (
    EXIT_FAIL,
    EXIT_PASS,
    EXIT_SUITE_BUG,
    EXIT_UNKNOWN,
    EXIT_USAGE,
    IceworthyError,
    PlanError,
    notes_of,
)
from iceworthy.words.foreign import quoted
from iceworthy.words.limits import LimitsSpec
from iceworthy.words.target_file import load_target, refuse_remote
from iceworthy.words.user_limits import with_words

MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
    errno.EIO,
}
"""The world around the suite, not the suite."""
NEWS_S = 0.3
BISECT = {EXIT_UNKNOWN: 125, EXIT_SUITE_BUG: 125, EXIT_USAGE: 255}
"""For `git bisect run`: 125 skips a commit that nobody can judge, 255 ends a bisection that is
asked wrongly; of all others 1 alone is a bad commit."""
LIGHT = frozenset({"list", "describe", "doctor", "completion"})
STARTING = frozenset({"review", "run", "up", "reproduce", "selftest"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code. Errors reach stderr as one message."""
    if arguments is None:
        prepare()
    code = _main(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    return BISECT.get(code, code) if "--bisect" in words else code


def _main(arguments: Sequence[str] | None) -> int:
    try:
        with installed(to_the_end=arguments is None):
            given = sys.argv[1:] if arguments is None else arguments
            refuse_unusable(given)
            words = effective(given)
            refuse_unusable(words)
            options = parser().parse_args(words)
            options.words = words
            refuse_no_baseline(options)
            refuse_runs_of_one_run(options)
            if options.verb not in LIGHT:
                refuse_low_limits(runs=options.verb in STARTING)
            return _verbs()[options.verb](options)
    except SystemExit as ended:  # --help, --version
        return int(ended.code or 0)
    except IceworthyError as error:
        complain(str(error), *notes_of(error))
        return error.exit_code
    except KeyboardInterrupt as error:
        left = notes_of(error)
        complain(*left or ("interrupted; everything that was started has been stopped",))
        return EXIT_UNKNOWN
    except Exception as error:
        return _ended_by(error)
    finally:
        if arguments is None:
            settle()


def _ended_by(error: Exception) -> int:
    """The exit code of an error that no part of the suite foresaw, after telling it."""
    if isinstance(error, MemoryError):
        complain("the machine gave no more memory; end other programs, or take fewer --sessions")
        return EXIT_UNKNOWN
    if isinstance(error, OSError) and error.errno in MACHINE:
        complain(f"the machine refused: {error}; mend that, and run again")
        return EXIT_UNKNOWN
    complain(
        "this is the suite's own fault, not the target's; please report it with these lines:\n"
        + traceback.format_exc()
    )
    return EXIT_SUITE_BUG


# --- verbs ---------------------------------------------------------------------------------------


def review(options: argparse.Namespace) -> int:
    """The main job."""
    progress, settings = _begun(options, "review")
    from iceworthy.walking import run_seeds

    if options.last_failed:
        if options.only:
            raise PlanError("--last-failed chooses the experiments; leave --only out")
        from iceworthy.orchestrator.last_failed import failed_experiments

        only = failed_experiments(settings.results, settings.target_name)
        words = without(options.words, "--last-failed", "--only", ",".join(only))
        command = command_of(words, options.seed, settings.seed)
        settings = replace(settings, only=only, command=command)
    if options.dry_run:
        return _dry(settings)
    return run_seeds(settings, progress, options)


def run(options: argparse.Namespace) -> int:
    """One experiment; a bare scenario runs as itself, without faults."""
    progress, settings = _begun(options, f"run {options.scenario}")
    from iceworthy.orchestrator.single import single_settings
    from iceworthy.walking import run_seeds

    cases = tuple(options.case)
    if options.last_failed:
        if options.scenario != "contract" or cases:
            raise PlanError("--last-failed is for: iceworthy run contract, or iceworthy review")
        from iceworthy.orchestrator.last_failed import broken_cases

        cases = broken_cases(settings.results, settings.target_name)
        more = [word for one in cases for word in ("--case", one)]
        words = without(options.words, "--last-failed", *more)
        settings = replace(settings, command=command_of(words, options.seed, settings.seed))
    settings = single_settings(
        settings, options.scenario, options.experiment, options.duration, cases=cases
    )
    if options.dry_run:
        return _dry(settings)
    return run_seeds(settings, progress, options)


def _begun(options: argparse.Namespace, what: str) -> tuple[Progress, Settings]:
    """The settings, and to a terminal a first line before the libraries are loaded, which takes
    seconds."""
    progress, settings = Progress(quiet=options.quiet), _settings(options)
    if not options.dry_run and progress.is_terminal:
        progress.say(f"{settings.target.name}: {what}, seed {settings.seed}")
    return progress, settings


def _dry(settings: Settings) -> int:
    from iceworthy.orchestrator.conduct import resolve
    from iceworthy.orchestrator.expected_times import expected, plan_text
    from iceworthy.orchestrator.review import planned, refuse_wrong

    plans = planned(settings)
    refuse_wrong(plans)
    rows = expected([(name, resolve(name, own)) for name, own in plans], settings)
    tell(plan_text(rows, settings))
    return EXIT_PASS


def judge(options: argparse.Namespace) -> int:
    """A saved run again, from its folder alone."""
    from iceworthy.orchestrator.judging import Reviewed, judge_and_report

    progress = Progress(quiet=options.quiet)
    root = saved_run(options.folder, Path(options.results))
    reviewed = Reviewed(root=root, verdicts=judge_and_report(root, progress))
    return conclude(reviewed, progress, options)


def report(options: argparse.Namespace) -> int:
    """Render a judged run again."""
    from analysis.report import render
    from iceworthy.record.verdicts import VERDICTS_FILE

    root = saved_run(options.folder, Path(options.results))
    if not (root / VERDICTS_FILE).exists():
        raise PlanError(f"{root} has not been judged; run: iceworthy judge {quoted(root)}")
    tell(str(render(root)))
    return EXIT_PASS


def up(options: argparse.Namespace) -> int:
    """The stack in the foreground until Ctrl-C."""
    from iceworthy.standing import stand

    return stand(_settings(options), _wait_for_interrupt)


def reproduce(options: argparse.Namespace) -> int:
    """A case, a requirement, or a failure of a saved run, seen again."""
    from analysis.requirements import requirement_ids
    from iceworthy.orchestrator.bundle import ENDING
    from iceworthy.reproducing import see_requirement, see_run
    from iceworthy.standing import show_case

    wait = None if options.once else _wait_for_interrupt
    if options.id is not None:
        return see_run(options, _settings, wait)
    if options.name.endswith(ENDING):
        raise PlanError(f"{options.name}: expected the id of a requirement behind the bundle")
    options.target = options.target or "reference"
    if options.name.upper() in requirement_ids():
        return see_requirement(options.name.upper(), _settings(options), options)
    return show_case(options.name, _settings(options), wait)


def selftest(options: argparse.Namespace) -> int:
    """Prove that the checks can fail."""
    from iceworthy.orchestrator import selftest as lies
    from iceworthy.orchestrator import variants

    progress = Progress()
    settings = _settings(options)
    if options.json and not Path(options.json).absolute().parent.is_dir():
        raise PlanError(f"--json {options.json}: its folder does not exist; make it first")
    file = Path(options.json) if options.json else None
    if options.variants:
        root, varied = variants.run_variants(
            settings,
            options.names,
            progress,
            keep=lambda done: _keep_rows(file, variants.as_json(done)),
        )
        text, objects = variants.table(varied), variants.as_json(varied)
        endings = ["right" if row.right else "WRONG" for row in varied]
    else:
        root, rows = lies.run_selftest(
            settings,
            options.names,
            progress,
            honest=options.honest,
            keep=lambda done: _keep_rows(file, lies.as_json(done)),
        )
        text, objects = lies.table(rows), lies.as_json(rows)
        endings = [row.ending for row in rows]
    _keep_rows(file, objects, at_end=True)
    tell(text)
    undecided = endings.count("undecided")
    also = f", {undecided} undecided: try them again on a quiet machine" if undecided else ""
    tell(f"{endings.count('right')} of {len(endings)} right{also}; {root}")
    if was_asked():
        tell("interrupted: the rest was not tried")
    if "WRONG" in endings:
        return EXIT_FAIL
    return EXIT_UNKNOWN if undecided or was_asked() else EXIT_PASS


def _keep_rows(file: Path | None, objects: list[dict[str, Any]], *, at_end: bool = False) -> None:
    """Write the rows so far to the file of --json. A regular file is whole at each instant; what is
    none (a pipe, /dev/stdout) gets the rows once, at the end."""
    if file is None:
        return
    is_plain = not file.is_symlink() and (file.is_file() or not file.exists())
    try:
        if is_plain:
            write_json(file, objects)
        elif at_end:
            file.write_text(json.dumps(objects, indent=1) + "\n")
    except OSError as error:
        complain(f"--json {file} could not be written: {error}")


def listing(options: argparse.Namespace) -> int:
    """What there is."""
    from iceworthy.orchestrator.listing import list_text

    tell(list_text(options.kind))
    return EXIT_PASS


def describe(options: argparse.Namespace) -> int:
    """One thing explained."""
    from iceworthy.orchestrator.listing import describe_text

    target = load_target(options.target) if options.target else None
    limits = with_words(target.limits if target else LimitsSpec(), options.limit)
    tell(describe_text(options.name, target, limits))
    return EXIT_PASS


def doctor(options: argparse.Namespace) -> int:
    """What this machine lacks and how to get it."""
    from iceworthy.orchestrator.doctor import examine

    text, healthy = examine()
    tell(text)
    return EXIT_PASS if healthy else EXIT_FAIL


def completion(options: argparse.Namespace) -> int:
    """A script for a shell."""
    from iceworthy.completion import completion_text

    tell(completion_text(parser(), options.shell))
    return EXIT_PASS


def _verbs() -> dict[str, Callable[[argparse.Namespace], int]]:
    return {
        "review": review,
        "run": run,
        "judge": judge,
        "report": report,
        "up": up,
        "reproduce": reproduce,
        "selftest": selftest,
        "list": listing,
        "describe": describe,
        "doctor": doctor,
        "completion": completion,
    }


def _settings(options: argparse.Namespace) -> Settings:
    target = load_target(options.target)
    target = replace(target, limits=with_words(target.limits, options.limit))
    # Here too, so that no folder is made for a run that must not be.
    refuse_remote(target, frozenset(options.allow_host))
    lie = options.lie
    if lie is not None and lie not in names("lie"):
        raise PlanError(f"no lie named {lie!r}{nearest(lie, names('lie'))}")
    if lie is not None and options.target != "reference":
        raise PlanError("--lie is for the reference catalog alone; leave --target out")
    from iceworthy.orchestrator.request_checks import (
        refuse_missing_authorities,
        refuse_missing_program,
        refuse_other_runtime,
        refuse_unset_variables,
    )

    refuse_unset_variables(target)
    refuse_missing_authorities(target)
    refuse_other_runtime(target, options.runtime)
    if options.runtime == "processes":
        refuse_missing_program(target)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    return Settings(
        target=target,
        target_name=options.target,
        seed=seed,
        results=Path(options.results),
        sessions=options.sessions,
        quick=getattr(options, "quick", False),
        only=getattr(options, "only", ()),
        lie=lie,
        runtime=options.runtime,
        allow_hosts=frozenset(options.allow_host),
        load_processes=options.load_processes,
        command=command_of(options.words, options.seed, seed),
        stops_at_fail=getattr(options, "exitfirst", False),
        keep_s=getattr(options, "keep_for", None),
    )


def _wait_for_interrupt(check: Callable[[], None]) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(NEWS_S)
            check()
