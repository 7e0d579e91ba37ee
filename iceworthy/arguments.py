"""The arguments that several verbs share, and what their values may be."""

from __future__ import annotations

import argparse

from iceworthy.orchestrator.settings import RUNTIMES


def target_arguments(one: argparse.ArgumentParser) -> None:
    """Which target, how it runs, and whether it lies."""
    one.add_argument(
        "--target", default="reference", help="a name of `iceworthy list targets`, or a file"
    )
    one.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="allow this very host, though it is not on loopback (you must be its owner)",
    )
    one.add_argument("--runtime", choices=RUNTIMES, default=RUNTIMES[0], help="how nodes are run")
    one.add_argument(
        "--lie", default=None, help="tell the reference catalog to lie (iceworthy list lies)"
    )


def load_arguments(one: argparse.ArgumentParser) -> None:
    """How many sessions, by which seed, and where the results go."""
    one.add_argument(
        "--sessions", type=sessions, default=None, metavar="N", help="instead of each experiment's"
    )
    one.add_argument("--seed", type=int, default=None, metavar="S", help="of every random choice")
    one.add_argument("--load-processes", type=sessions, default=1, metavar="N", help="of Locust")
    one.add_argument("--results", default="results", help="where results folders are made")


def sessions(text: str) -> int:
    """The number of sessions, or of load processes, that a word on the command line gives."""
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"wanted a number from 1 to 100000, got {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """The seconds of load that a word on the command line gives."""
    try:
        given = float(text)
    except ValueError:
        given = -1.0
    if not 2 <= given <= 86_400:
        raise argparse.ArgumentTypeError(f"wanted seconds from 2 to 86400, got {text!r}")
    return given
