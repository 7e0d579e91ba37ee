"""The verbs of the command line, and the options of each; iceworthy/cli.py runs them.

Claim: building the parser loads no library, so that `--help` and `list` are there at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from iceworthy import __version__
from iceworthy.arguments import (
    choice_arguments,
    folder,
    limit_argument,
    listed,
    load_arguments,
    output_arguments,
    reproduce_arguments,
    seconds,
    selftest_arguments,
    target_arguments,
)
from iceworthy.discovery import KINDS, nearest
from iceworthy.orchestrator.settings import LATEST
from iceworthy.terminal import tell, warn
from iceworthy.words.errors import PlanError

MORE = ("requirements", "judges", "operations", "limits")
DESCRIPTION = "Is this Iceberg catalog fit for production?"
SHELLS = ("bash", "zsh", "fish")
CODES = "exit codes: 0 pass, 1 fail, 2 unknown, 64 usage, 70 the suite's own fault"
VERBS = (
    *("review", "run", "judge", "report", "up", "reproduce"),
    *("selftest", "list", "describe", "doctor", "completion"),
)


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


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="iceworthy", description=DESCRIPTION, epilog=CODES)
    top.add_argument("--version", action="version", version=f"iceworthy {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="verb", required=True, parser_class=_Parser)

    one = verbs.add_parser("review", help="run the experiments, judge, report: the main job")
    target_arguments(one)
    load_arguments(one)
    choice_arguments(one)
    output_arguments(one)
    one.add_argument("--quick", action="store_true", help="the shortest review, under 90 s")
    one.add_argument(
        "--only",
        type=listed,
        default=(),
        metavar="ID,…",
        help="requirements or experiments, e.g. FR-004,EC-1",
    )

    _run_arguments(verbs.add_parser("run", help="one scenario, or one experiment"))

    for name, text in (
        ("judge", "judge a saved run again, from its folder alone"),
        ("report", "render a judged run's report again"),
    ):
        one = verbs.add_parser(name, help=text)
        one.add_argument("folder", help=f"a results folder, or {LATEST!r}")
        one.add_argument(
            "--results", type=folder, default="results", help="where results folders are"
        )
        if name == "judge":
            output_arguments(one)

    one = verbs.add_parser("up", help="the stack, in the foreground until Ctrl-C")
    target_arguments(one)
    one.set_defaults(sessions=None, seed=None, load_processes=1, results="results")

    one = verbs.add_parser(
        "reproduce", help="a case as curl lines; a requirement or a failure step by step"
    )
    reproduce_arguments(one)
    one.set_defaults(sessions=None, load_processes=1, results="results")
    one.set_defaults(baseline=None, write_baseline=None, junit=None, json=False)
    one.set_defaults(quiet=False, verbose=False)

    one = verbs.add_parser("selftest", help="prove that the checks can fail")
    selftest_arguments(one)

    _showing_verbs(verbs.add_parser)
    return top


def _showing_verbs(add: Callable[..., argparse.ArgumentParser]) -> None:
    one = add("list", help="what there is")
    one.add_argument(
        "kind",
        nargs="?",
        default=None,
        help=", ".join([*(kind.plural for kind in KINDS.values()), *MORE]),
    )
    one = add("describe", help="one thing explained")
    one.add_argument("name", help="of anything that `iceworthy list` shows, or FR-004, SC-003, …")
    one.add_argument(
        "--target",
        default=None,
        help="whether this target can have that fault or experiment",
    )
    limit_argument(one)
    add("doctor", help="what this machine lacks and how to get it")
    one = add("completion", help="a script that makes your shell complete this command")
    one.add_argument("shell", choices=SHELLS, help="the shell that reads it")


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
    choice_arguments(one)
    output_arguments(one)
