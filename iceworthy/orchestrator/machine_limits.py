"""Limits of this process that are too low for a command, named before it starts anything.

Claim: a limit that would end a run half-way is one message with its name, the needed and
the present value, and how to raise it.
What this does NOT show: limits of a container or of the whole machine, and memory that others use;
`iceworthy doctor` looks at more.
"""

from __future__ import annotations

import os
import resource

from iceworthy.words.errors import PlanError, StackError

MEGABYTE = 1 << 20
RUN_ADDRESS_MB = 2_000
"""Virtual memory of one process of a run: the proxy's Go runtime reserves more than 1 GB."""
READ_ADDRESS_MB = 256
"""Of `judge` and `report`, with a small folder."""
RUN_FILE_MB = 256
"""The largest file of a run: a log of the write-ahead log, a program that is unpacked."""
SPARE_FILES = 256
"""Descriptors of a load process beside its connections."""


def refuse_low_limits(*, runs: bool) -> None:
    """StackError when this process may not have what every command needs; runs: whether it starts
    a target, which needs more."""
    try:
        os.getcwd()
    except OSError as error:
        raise StackError(
            f"the folder in which the command was started is gone ({error.strerror}); "
            "go to a folder that exists, and run again"
        ) from error
    needed_mb = RUN_ADDRESS_MB if runs else READ_ADDRESS_MB
    _refuse(resource.RLIMIT_AS, needed_mb, "address space for each process", "ulimit -v")
    if runs:
        _refuse(resource.RLIMIT_FSIZE, RUN_FILE_MB, "file size", "ulimit -f")


def refuse_too_many_sessions(sessions: int, processes: int) -> None:
    """PlanError when one load process may not open as many files as it has sessions."""
    each = -(-sessions // max(1, processes))
    needed = each + SPARE_FILES
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        fewer = max(1, (hard - SPARE_FILES) * max(1, processes))
        raise PlanError(
            f"{sessions} sessions want {needed} open files in a load process; the limit is {hard} "
            f"(ulimit -Hn); raise it, or take fewer: --sessions {fewer}"
        )


def _refuse(limit: int, needed_mb: int, what: str, how: str) -> None:
    soft, hard = resource.getrlimit(limit)
    if soft == resource.RLIM_INFINITY or soft >= needed_mb * MEGABYTE:
        return
    raise_it = "raise it as root" if 0 <= hard < needed_mb * MEGABYTE else "raise it"
    raise StackError(
        f"this needs {needed_mb} MB of {what}; the limit is {soft / MEGABYTE:.1f} MB ({how}); "
        f"{raise_it} ({how} unlimited), and run again"
    )
