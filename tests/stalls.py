"""Run tests while their processes stand still now and then, to find fragile tests.

Use: `python -m tests.stalls [--seed N] [--share S] [PYTEST ARGUMENTS]`, for example
`python -m tests.stalls -n auto --dist loadfile`. Method: the tests run as a child process; every
few seconds a random share of its descendants is stopped (SIGSTOP) for up to LONGEST_STALL_S seconds
and goes on (SIGCONT), as on a machine that gives its CPUs to somebody else. A process that a test
has stopped itself is left alone. Exit code: that of pytest. A failure that a stalled run finds and
a quiet run does not find is a test that waits for a time, not for an event.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import subprocess
import sys
import time

import psutil

LONGEST_STALL_S = 1.0
BETWEEN_S = (2.0, 6.0)
LONGEST_RUN_S = 3600.0


def _stalled(process: psutil.Process) -> bool:
    """Whether the process runs and has been stopped now."""
    with contextlib.suppress(psutil.Error):
        if process.status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
            process.send_signal(signal.SIGSTOP)
            return True
    return False


def stall(tests: psutil.Process, chance: random.Random, share: float) -> None:
    """Stop a share of the descendants of a process for a while."""
    with contextlib.suppress(psutil.Error):
        found = tests.children(recursive=True)
        stopped = [one for one in found if chance.random() < share and _stalled(one)]
        time.sleep(chance.uniform(0.2, LONGEST_STALL_S))
        for one in stopped:
            with contextlib.suppress(psutil.Error):
                one.send_signal(signal.SIGCONT)


def main(arguments: list[str]) -> int:
    """Exit code of pytest; 124 if the tests took longer than LONGEST_RUN_S seconds."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.5, help="of the processes, 0 to 1")
    given, others = parser.parse_known_args(arguments)
    chance, ends = random.Random(given.seed), time.monotonic() + LONGEST_RUN_S
    with subprocess.Popen([sys.executable, "-m", "pytest", *others]) as tests:
        while tests.poll() is None and time.monotonic() < ends:
            with contextlib.suppress(subprocess.TimeoutExpired):
                tests.wait(timeout=chance.uniform(*BETWEEN_S))
                break
            stall(psutil.Process(tests.pid), chance, given.share)
        if tests.poll() is None:
            tests.terminate()
            return 124
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
