"""The arguments that several verbs share, and what their values may be.

Claim: a word that is no value of its argument is refused before anything is looked up or started.
Method: one function for each kind of value; numbers are ASCII digits alone, because int("١٢") is 12
and float("nan") is a number to Python.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path

from iceworthy.orchestrator.settings import RUNTIMES
from iceworthy.words.errors import PlanError, RecordError

SESSIONS_MOST = 100_000
_NUMBER = re.compile(r"[0-9]{1,9}")
_SEED = re.compile(r"-?[0-9]{1,18}")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?([eE][0-9])?")
SHOWN_MOST = 80
KEEP_S = 1800.0


def refuse_unusable(arguments: Sequence[str]) -> None:
    """PlanError for a word that no file name and no system call can hold."""
    for word in arguments:
        try:
            raw = os.fsencode(word)
        except UnicodeEncodeError:
            raw = b"\0"
        if b"\0" in raw:
            raise PlanError(f"{shown(word)}: expected text that a file name can hold; leave it out")
        if word.startswith("--") and word.endswith("=--"):  # argparse makes a list of it
            raise PlanError(f"{word}: expected a value after '='; got '--'")


def shown(word: str) -> str:
    """A word of the command line as an error message shows it: quoted, and not at any length."""
    text = repr(word)
    return text if len(text) <= SHOWN_MOST else f"{text[:SHOWN_MOST]}… ({len(word)} characters)"


def target_arguments(one: argparse.ArgumentParser) -> None:
    """Which target, how it runs, and whether it lies."""
    one.add_argument(
        "--target", default="reference", help="a name of `iceworthy list targets`, or a file"
    )
    one.add_argument(
        "--allow-host",
        type=host,
        action="append",
        default=[],
        metavar="HOST",
        help="allow this very host, though it is not on loopback (you must be its owner)",
    )
    limit_argument(one)
    one.add_argument("--runtime", choices=RUNTIMES, default=RUNTIMES[0], help="how nodes are run")
    one.add_argument(
        "--lie",
        default=None,
        help="start the reference catalog with this deliberate defect (iceworthy list lies)",
    )


def limit_argument(one: argparse.ArgumentParser) -> None:
    """Limits in place of the requirements'."""
    one.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="your own limit in place of a requirement's (iceworthy list limits)",
    )


def output_arguments(one: argparse.ArgumentParser) -> None:
    """How the verdict is printed."""
    how = one.add_mutually_exclusive_group()
    how.add_argument("-q", "--quiet", action="store_true", help="the verdict, and warnings")
    how.add_argument("-v", "--verbose", action="store_true", help="every requirement too")
    how.add_argument("--json", action="store_true", help="the verdicts as JSON on stdout")
    one.add_argument(
        "--bisect",
        action="store_true",
        help="exit codes for `git bisect run`: 125 in place of 2 and 70, 255 in place of 64",
    )
    one.add_argument(
        "--baseline",
        metavar="FILE",
        help="fail only on failures that are not known there; list those that are gone",
    )
    one.add_argument(
        "--write-baseline",
        type=file_to_write,
        metavar="FILE",
        help="write the failures of this run there, as known",
    )
    one.add_argument("--junit", type=file_to_write, metavar="FILE", help="also write JUnit XML")


def choice_arguments(one: argparse.ArgumentParser) -> None:
    """Options that choose which parts run, and the reaction to a fail."""
    one.add_argument(
        "--last-failed",
        action="store_true",
        help="only what failed in the newest run of this target: experiments, or of `run contract` "
        "its cases",
    )
    one.add_argument(
        "--runs",
        type=tries,
        default=1,
        metavar="N",
        help="run with this seed, the next one, …, until a run fails",
    )
    one.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first fail")
    one.add_argument(
        "--dry-run", action="store_true", help="print the plan and its times; start nothing"
    )
    one.add_argument(
        "--keep",
        dest="keep_for",
        action="store_const",
        const=KEEP_S,
        default=None,
        help=f"keep the stack up at the end or at a fail, for {KEEP_S / 60:.0f} minutes or until "
        "Ctrl-C; print its addresses",
    )
    one.add_argument(
        "--keep-for", type=seconds, default=None, metavar="S", help="as --keep, for S seconds"
    )


def file_to_write(text: str) -> str:
    """The path that a word gives, whose folder must be there before anything is run."""
    if not Path(text).absolute().parent.is_dir() or Path(text).is_dir():
        raise argparse.ArgumentTypeError(
            f"expected a file in a folder that exists, got {shown(text)}"
        )
    return text


def refuse_no_baseline(options: argparse.Namespace) -> None:
    """PlanError for a file of --baseline that is no baseline, before anything is run."""
    if path := getattr(options, "baseline", None):
        from iceworthy.record.baseline import read_baseline

        try:
            read_baseline(Path(path))
        except RecordError as error:
            raise PlanError(f"--baseline: {error}") from error


def refuse_runs_of_one_run(options: argparse.Namespace) -> None:
    """PlanError for --runs beside an option that is about a single run."""
    if getattr(options, "runs", 1) == 1:
        return
    beside = {"--last-failed": options.last_failed, "--keep": options.keep_for is not None}
    if given := [name for name, is_there in beside.items() if is_there]:
        raise PlanError(
            f"--runs {options.runs} makes several runs, and {given[0]} is about one; leave out one "
            "of the two"
        )


def load_arguments(one: argparse.ArgumentParser) -> None:
    """How many sessions, by which seed, and where the results go."""
    one.add_argument(
        "--sessions", type=sessions, default=None, metavar="N", help="instead of each experiment's"
    )
    seed_argument(one)
    one.add_argument("--load-processes", type=sessions, default=1, metavar="N", help="of Locust")
    one.add_argument(
        "--results", type=folder, default="results", help="where results folders are made"
    )


def seed_argument(one: argparse.ArgumentParser) -> None:
    """By which seed."""
    one.add_argument("--seed", type=seed, default=None, metavar="S", help="of every random choice")


def reproduce_arguments(one: argparse.ArgumentParser) -> None:
    """Which case, requirement or failure, how long the stack stays, how often a run is made."""
    one.add_argument(
        "name",
        metavar="NAME",
        help="a name of `iceworthy list cases`, the id of a requirement (EC-2), or with an ID a "
        "results folder or a bundle",
    )
    one.add_argument(
        "id",
        metavar="ID",
        nargs="?",
        default=None,
        help="a requirement that failed in that run: it is tried again and made smaller",
    )
    one.add_argument("--once", action="store_true", help="print the lines and stop the stack")
    one.add_argument(
        "--tries",
        type=tries,
        default=10,
        metavar="N",
        help="of ID: runs of the least world, for the rate (10)",
    )
    one.add_argument(
        "--budget",
        type=seconds,
        default=600.0,
        metavar="S",
        help="of ID: make nothing smaller after so many seconds (600)",
    )
    target_arguments(one)
    seed_argument(one)
    # The run of an ID names its target.
    one.set_defaults(target=None)


def selftest_arguments(one: argparse.ArgumentParser) -> None:
    """Which lies or variants; the target is the reference, as it is."""
    one.add_argument(
        "names", nargs="*", metavar="NAME", help="names of `iceworthy list lies` (or variants)"
    )
    one.add_argument(
        "--variants",
        action="store_true",
        help="run lawful variants of the catalog instead of lies; none may turn anything red",
    )
    one.add_argument("--json", default=None, metavar="FILE", help="write the rows as JSON")
    one.add_argument(
        "--honest",
        action="store_true",
        help="run the honest catalog through the same experiments too; none may turn red",
    )
    seed_argument(one)
    one.add_argument(
        "--results", type=folder, default="results", help="where results folders are made"
    )
    one.set_defaults(
        target="reference",
        sessions=None,
        load_processes=1,
        allow_host=[],
        lie=None,
        limit=[],
        runtime=RUNTIMES[0],
    )


def host(text: str) -> str:
    """A host's name or address, as a URL names it without brackets."""
    is_name = re.fullmatch(r"\w([\w.-]{0,251}[\w.])?", text)
    if not is_name:
        try:
            ipaddress.IPv6Address(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                "expected a host's name or address alone, such as catalog.example or 10.0.0.7, got "
                f"{shown(text)}"
            ) from None
    return text


def sessions(text: str) -> int:
    """The number of sessions, or of load processes, that a word on the command line gives."""
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= SESSIONS_MOST:
        raise argparse.ArgumentTypeError(
            f"expected a number from 1 to {SESSIONS_MOST}, got {shown(text)}"
        )
    return int(text)


def folder(text: str) -> str:
    """A folder's name. An empty word (an unset variable in a script) names none."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"expected a folder, got {shown(text) or 'an empty word'}")
    return text


def seed(text: str) -> int:
    """The seed that a word on the command line gives."""
    if not _SEED.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"expected a whole number of at most 18 digits, got {shown(text)}"
        )
    return int(text)


def seconds(text: str) -> float:
    """The seconds of load that a word on the command line gives."""
    given = float(text) if _SECONDS.fullmatch(text) else -1.0
    if not 2 <= given <= 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds from 2 to 86400, got {shown(text)}")
    return given


def tries(text: str) -> int:
    """A number of runs from 1 to 1,000."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:5]) <= 1000:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1000, got {shown(text)}")
    return int(text)


def listed(text: str) -> tuple[str, ...]:
    """The words between the commas of --only, of which there must be some."""
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise argparse.ArgumentTypeError(
            f"expected requirements or experiments, such as FR-004,EC-1; got {shown(text)}"
        )
    return words
