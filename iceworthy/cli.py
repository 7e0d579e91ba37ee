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
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from iceworthy import __version__
from iceworthy.arguments import (
    listed,
    load_arguments,
    refuse_unusable,
    seconds,
    selftest_arguments,
    target_arguments,
)
from iceworthy.discovery import KINDS, names, nearest
from iceworthy.orchestrator.interrupt import HeldAtExit, held, installed, was_asked
from iceworthy.orchestrator.machine_limits import refuse_low_limits
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import LATEST, Settings, saved_run
from iceworthy.record.run_folder import RunFolder
from iceworthy.terminal import complain, prepare, settle, tell, warn
from iceworthy.words.errors import (
    EXIT_FAIL,
    EXIT_PASS,
    EXIT_SUITE_BUG,
    EXIT_UNKNOWN,
    IceworthyError,
    PlanError,
)
from iceworthy.words.foreign import quoted
from iceworthy.words.target_file import load_target, refuse_remote

if TYPE_CHECKING:
    from iceworthy.orchestrator.judging import Reviewed

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
DESCRIPTION = "Is this Iceberg catalog fit for production?"
CODES = "exit codes: 0 pass, 1 fail, 2 unknown, 64 usage, 70 the suite's own fault"
EXIT_OF = {"pass": EXIT_PASS, "fail": EXIT_FAIL, "unknown": EXIT_UNKNOWN}


class _Parser(argparse.ArgumentParser):
    """argparse with this suite's exit code and the nearest name for a mistyped verb."""

    def error(self, message: str) -> NoReturn:
        if "invalid choice" in message and "verb" in message:
            given = message.split("'")[1] if "'" in message else ""
            message = f"no verb named {given!r}{nearest(given, VERBS)}"
        raise PlanError(f"{message}\nsee: {self.prog} --help")

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stdout:
            tell(message, end="")
        else:
            warn(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code. Errors reach stderr as one message."""
    if arguments is None:
        prepare()
    try:
        with installed(to_the_end=arguments is None):
            refuse_unusable(sys.argv[1:] if arguments is None else arguments)
            options = parser().parse_args(arguments)
            if options.run not in LIGHT:
                refuse_low_limits(runs=options.run in STARTING)
            verb: Callable[[argparse.Namespace], int] = options.run
            return verb(options)
    except SystemExit as ended:  # --help, --version
        return int(ended.code or 0)
    except IceworthyError as error:
        complain(str(error), *getattr(error, "__notes__", ()))
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted; everything that was started has been stopped")
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
    from iceworthy.orchestrator.review import run_review

    progress = Progress()
    return _conclude(run_review(_settings(options), progress), progress)


def run(options: argparse.Namespace) -> int:
    """One experiment; a bare scenario runs as itself, without faults."""
    from iceworthy.orchestrator.single import run_single

    progress = Progress()
    reviewed = run_single(
        _settings(options),
        options.scenario,
        options.experiment,
        options.duration,
        progress,
        cases=tuple(options.case),
    )
    return _conclude(reviewed, progress)


def judge(options: argparse.Namespace) -> int:
    """A saved run again, from its folder alone."""
    from iceworthy.orchestrator.judging import Reviewed, judge_and_report

    progress = Progress()
    root = saved_run(options.folder, Path(options.results))
    return _conclude(Reviewed(root=root, verdicts=judge_and_report(root, progress)), progress)


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
    from fixtures.stack.processes import Leash
    from fixtures.stack.stack import addresses, open_stack

    settings = _settings(options)
    progress = Progress()
    with HeldAtExit(Leash()) as own:  # which removes the folder however we end
        folder = RunFolder(own.make_folder(Path(tempfile.gettempdir()), prefix="iceworthy-up-"))
        opened = open_stack(
            settings.target, folder, lie=settings.lie, allow_hosts=settings.allow_hosts
        )
        with HeldAtExit(opened) as live:
            for line in addresses(live):
                tell(line)
            progress.say("up; Ctrl-C stops and removes everything")
            _wait_for_interrupt(live.check)
            progress.say("stopping")
    return EXIT_PASS


def selftest(options: argparse.Namespace) -> int:
    """Prove that the checks can fail."""
    from iceworthy.orchestrator import selftest as lies
    from iceworthy.orchestrator import variants

    progress = Progress()
    settings = _settings(options)
    if options.json and not Path(options.json).absolute().parent.is_dir():
        raise PlanError(f"--json {options.json}: its folder does not exist; make it first")
    if options.variants:
        root, varied = variants.run_variants(settings, options.names, progress)
        text, objects = variants.table(varied), variants.as_json(varied)
        endings = ["right" if row.right else "WRONG" for row in varied]
    else:
        root, told = lies.run_selftest(settings, options.names, progress, honest=options.honest)
        text, objects = lies.table(told), lies.as_json(told)
        endings = [row.ending for row in told]
    if options.json:
        try:
            Path(options.json).write_text(json.dumps(objects, indent=1) + "\n")
        except OSError as error:
            complain(f"--json {options.json} could not be written: {error}")
    tell(text)
    undecided = endings.count("undecided")
    also = f", {undecided} undecided: try them again on a quiet machine" if undecided else ""
    tell(f"{endings.count('right')} of {len(endings)} right{also}; {root}")
    if was_asked():
        tell("interrupted: the rest was not tried")
    if "WRONG" in endings:
        return EXIT_FAIL
    return EXIT_UNKNOWN if undecided or was_asked() else EXIT_PASS


def listing(options: argparse.Namespace) -> int:
    """What there is."""
    from iceworthy.orchestrator.listing import list_text

    tell(list_text(options.kind))
    return EXIT_PASS


def describe(options: argparse.Namespace) -> int:
    """One thing explained."""
    from iceworthy.orchestrator.listing import describe_text

    target = load_target(options.target) if options.target else None
    tell(describe_text(options.name, target))
    return EXIT_PASS


def doctor(options: argparse.Namespace) -> int:
    """What this machine lacks and how to get it."""
    from iceworthy.orchestrator.doctor import examine

    text, healthy = examine()
    tell(text)
    return EXIT_PASS if healthy else EXIT_FAIL


# --- arguments -----------------------------------------------------------------------------------

LIGHT = (listing, describe, doctor)
STARTING = (review, run, up, selftest)
VERBS = ("review", "run", "judge", "report", "up", "selftest", "list", "describe", "doctor")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="iceworthy", description=DESCRIPTION, epilog=CODES)
    top.add_argument("--version", action="version", version=f"iceworthy {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="verb", required=True, parser_class=_Parser)

    one = verbs.add_parser("review", help="run the experiments, judge, report: the main job")
    target_arguments(one)
    load_arguments(one)
    one.add_argument("--quick", action="store_true", help="the shortest review, under 90 s")
    one.add_argument(
        "--only",
        type=listed,
        default=(),
        metavar="ID,…",
        help="requirements or experiments, e.g. FR-004,EC-1",
    )
    one.set_defaults(run=review)

    _run_arguments(verbs.add_parser("run", help="one scenario, or one experiment"))

    for name, verb, text in (
        ("judge", judge, "judge a saved run again, from its folder alone"),
        ("report", report, "render a judged run's report again"),
    ):
        one = verbs.add_parser(name, help=text)
        one.add_argument("folder", help=f"a results folder, or {LATEST!r}")
        one.add_argument("--results", default="results", help="where results folders are")
        one.set_defaults(run=verb)

    one = verbs.add_parser("up", help="the stack, in the foreground until Ctrl-C")
    target_arguments(one)
    one.set_defaults(run=up, sessions=None, seed=None, load_processes=1, results="results")

    one = verbs.add_parser("selftest", help="prove that the checks can fail")
    selftest_arguments(one)
    one.set_defaults(run=selftest)

    _showing_verbs(verbs.add_parser)
    return top


def _showing_verbs(add: Callable[..., argparse.ArgumentParser]) -> None:
    one = add("list", help="what there is")
    one.add_argument(
        "kind", nargs="?", default=None, help=", ".join(kind.plural for kind in KINDS.values())
    )
    one.set_defaults(run=listing)
    one = add("describe", help="one thing explained")
    one.add_argument("name", help="of anything that `iceworthy list` shows, or FR-004, SC-003, …")
    one.add_argument(
        "--target",
        default=None,
        help="whether this target can have that fault or experiment",
    )
    one.set_defaults(run=describe)
    one = add("doctor", help="what this machine lacks and how to get it")
    one.set_defaults(run=doctor)


def _run_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("scenario", help="a name of `iceworthy list scenarios`, or an experiment's")
    one.add_argument("--experiment", default=None, help="a name of `iceworthy list experiments`")
    one.add_argument("--duration", type=seconds, default=None, metavar="S", help="of the load")
    one.add_argument(
        "--case",
        action="append",
        default=[],
        metavar="NAME",
        help="of `run contract`: only cases of this name, * for any text; may be repeated",
    )
    target_arguments(one)
    load_arguments(one)
    one.set_defaults(run=run)


def _settings(options: argparse.Namespace) -> Settings:
    target = load_target(options.target)
    # Here too, so that no folder is made for a run that must not be.
    refuse_remote(target, frozenset(options.allow_host))
    lie = options.lie
    if lie is not None and lie not in names("lie"):
        raise PlanError(f"no lie named {lie!r}{nearest(lie, names('lie'))}")
    if lie is not None and options.target != "reference":
        raise PlanError("--lie is for the reference catalog alone; leave --target out")
    from iceworthy.orchestrator.request_checks import (
        refuse_missing_program,
        refuse_unset_variables,
    )

    refuse_unset_variables(target)
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
    )


def _conclude(reviewed: Reviewed, progress: Progress) -> int:
    from analysis.report import terminal_table

    verdicts = reviewed.verdicts
    with held(quietly=True):
        progress.say("done")
        tell(terminal_table(verdicts))
        tell(f"{verdicts.verdict.upper()}  {reviewed.root / 'report.html'}")
    code = EXIT_OF[verdicts.verdict]
    # A fail stands whatever else broke; no other verdict may hide that the suite broke.
    return EXIT_SUITE_BUG if reviewed.is_broken and code != EXIT_FAIL else code


def _wait_for_interrupt(check: Callable[[], None]) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(NEWS_S)
            check()
