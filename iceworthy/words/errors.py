"""What can go wrong outside a verdict, and the exit code of each.

A misbehaving catalog is a verdict, never an exception: these are for the world around the run.
Every message says what was wanted, what came, and what to do next.
"""

from __future__ import annotations

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_UNKNOWN = 2
EXIT_USAGE = 64
EXIT_SUITE_BUG = 70


class IceworthyError(Exception):
    """Base of the errors that reach the user as one message, without a traceback."""

    exit_code = EXIT_UNKNOWN


class PlanError(IceworthyError):
    """The request itself is wrong: an unknown name, an unknown key, a value out of its range."""

    exit_code = EXIT_USAGE


class TargetError(IceworthyError):
    """The target could not be brought into the state in which it can be judged."""


class FaultError(IceworthyError):
    """A fault could not be injected or healed, so what follows would be judged without it."""


class StackError(IceworthyError):
    """What the target stands on (PostgreSQL, toxiproxy, ports, disk) could not be had."""


class SuiteBug(IceworthyError):
    """The suite broke one of its own rules; the run says nothing about the target."""

    exit_code = EXIT_SUITE_BUG
