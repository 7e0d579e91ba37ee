"""Errors of a run that are no verdict, and the exit code of each.

A misbehaving catalog is a verdict, never an exception. These exceptions are about everything around
the catalog. Every message says what was expected, what was found, and what to do next.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from iceworthy.words.live import Evidence

__all__ = ["FaultError", "PlanError", "TargetError"]

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_UNKNOWN = 2
EXIT_USAGE = 64
EXIT_SUITE_BUG = 70


class StoppedBy(StrEnum):
    """Which part ended an experiment early; plan.json holds the word and judging reads it.

    The word decides which verdicts may still be drawn: see analysis/judge_experiment.py.
    """

    INTERRUPTED = "interrupted"  # the user pressed Ctrl-C
    REQUEST = "request"  # the experiment could not be run as the user asked for it
    TARGET = "target"
    FAULT = "fault"  # a fault could not be injected or healed
    STACK = "stack"  # database, proxy, ports or disk under the target
    LOAD = "load"  # the load processes: operations may have been lost
    SUITE = "suite"  # the suite or this machine, in any other way


class IceworthyError(Exception):
    """Base of the errors that reach the user as one message, without a traceback."""

    exit_code = EXIT_UNKNOWN
    stopped_by: ClassVar[StoppedBy] = StoppedBy.SUITE


class PlanError(IceworthyError):
    """The request is wrong: an unknown name, an unknown key, a value out of its range."""

    exit_code = EXIT_USAGE
    stopped_by = StoppedBy.REQUEST


class TargetError(IceworthyError):
    """The target could not be brought into the state in which it can be judged."""

    stopped_by = StoppedBy.TARGET


class NotLetIn(TargetError):
    """The target runs and refuses the suite, and a key of the target file may be why."""

    stopped_by = StoppedBy.REQUEST


class FaultError(IceworthyError):
    """A fault could not be injected or healed, so the experiment would be judged without it.

    evidence: the facts of what the fault did before it failed, to be recorded.
    """

    def __init__(self, message: str, evidence: Evidence | None = None) -> None:
        super().__init__(message)
        self.evidence = evidence

    stopped_by = StoppedBy.FAULT


class Unavailable(FaultError):
    """The target cannot have this experiment; nothing was started for it."""


class StackError(IceworthyError):
    """Something below the target (PostgreSQL, toxiproxy, ports, disk) could not be set up."""

    stopped_by = StoppedBy.STACK


class SuiteBug(IceworthyError):
    """The suite broke one of its own rules; the run says nothing about the target."""

    exit_code = EXIT_SUITE_BUG


class RecordError(IceworthyError):
    """A file of a results folder is missing, damaged, or of a format that is not known."""


class UnknownFormat(RecordError):
    """A file whose format this version cannot read; nothing in it was looked at."""

    def __init__(self, where: str, *, expected: Any, got: Any) -> None:
        super().__init__(
            f"{where}: expected format {expected}, which this version of Iceworthy reads; got "
            f"format {got!r}: judge it with the version that wrote it (review.json names it)"
        )


def stopped_by(error: BaseException) -> StoppedBy:
    """The word for what ended an experiment; an error that declares none is the suite's."""
    if isinstance(error, KeyboardInterrupt):
        return StoppedBy.INTERRUPTED
    return error.stopped_by if isinstance(error, IceworthyError) else StoppedBy.SUITE


def notes_of(error: BaseException) -> tuple[str, ...]:
    """What else went wrong as an error left the stack: what could not be ended or removed, and the
    command that does it."""
    return tuple(getattr(error, "__notes__", ()))
