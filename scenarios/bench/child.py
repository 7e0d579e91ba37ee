"""Runs one command and writes its cost: `python -m scenarios.bench.child OUT COMMAND...`.

Claim: user and system CPU seconds are those of the command and its children, from its first
instruction to its last. Method: wait4.
What it does NOT show: CPU time that the kernel spends for the command in other processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """The command's exit code; OUT gets cpu_s, rss_mb and code."""
    out, *argv = sys.argv[1:]
    child = subprocess.Popen(argv)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    facts = {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "rss_mb": usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024),
        "code": child.returncode,
    }
    Path(out).write_text(json.dumps(facts), encoding="utf-8")
    return child.returncode


if __name__ == "__main__":
    raise SystemExit(main())
