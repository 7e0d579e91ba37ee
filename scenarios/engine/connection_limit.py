"""The number of connections that this process may hold.

Claim: after raise_file_limit() the process may open as many files as it needs, or the returned
message says what is missing and how to get it.
What it does NOT show: limits of the whole machine (fs.file-max) or of a container.
"""

from __future__ import annotations

import resource

SPARE_FILES = 256  # history, logs, libraries, Locust's own sockets


def raise_file_limit(connections: int) -> str:
    """Raise the soft limit as far as needed; returns "", or what the user must do."""
    needed = connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return ""
    top = needed if hard == resource.RLIM_INFINITY else min(hard, max(needed, 16_384))
    if top >= needed:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))
        except (ValueError, OSError) as error:  # macOS caps it below "unlimited"
            return _advice(connections, needed, f"{soft} and could not be raised ({error})")
        return ""
    return _advice(connections, needed, f"{hard} at most (ulimit -Hn)")


def _advice(connections: int, needed: int, found: str) -> str:
    return (
        f"{connections} connections need {needed} open files in one process; the limit is {found}. "
        f"Raise it (ulimit -n {needed}, or LimitNOFILE, or nofile in limits.conf) or take fewer "
        "sessions (--sessions)"
    )
