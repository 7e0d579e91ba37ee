"""Files of a run folder, read and written so that no link, FIFO or device is followed.

Claim: nothing outside the folder is read or written, and no read waits or grows without end,
whatever somebody has put into the folder. Example: plan.json is a FIFO; opening it as usual would
wait for ever.
Method: a file is opened without following a link and without waiting, and must be a regular file of
bounded size; a file is written beside its place and moved over it, so that a link there is
replaced.
What this does NOT show: that the folder stays as it is while it is read.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

JSON_BYTES_MAX = 256 << 20
FILE_BYTES_MAX = 2 << 30
"""Of a file that no seal names; a run of hours writes about 1 GB of history."""
ENTRIES_MAX = 20_000
DEPTH_MAX = 8
_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)


def read_text(path: Path, *, most: int = JSON_BYTES_MAX) -> str:
    """The UTF-8 text of a regular file; OSError or ValueError where there is none within `most`."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, f"{kind_of(mode)}, not a file that a run writes")
        raw = file.read(most + 1)
    if len(raw) > most:
        raise OSError(errno.EFBIG, f"more than {most} bytes")
    return raw.decode("utf-8")


def parse_json(text: str) -> Any:
    """One JSON value; ValueError for a text that is not JSON, or is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("brackets are nested too deeply") from error


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, in place of whatever stands there, a link included."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(partial, flags, 0o666), "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    partial.replace(path)


def intruder(root: Path, sealed: Mapping[str, tuple[int, int]] | None = None) -> str:
    """The first entry below a folder that no run writes, in words; "" where all are files and
    folders of bounded size and number. sealed: files that may be larger, by their sizes."""
    try:
        for number, entry in enumerate(_entries(str(root), 0)):
            name = os.path.relpath(entry.path, root)
            facts = entry.stat(follow_symlinks=False)
            if number >= ENTRIES_MAX:
                return f"more than {ENTRIES_MAX} files"
            if name.count(os.sep) >= DEPTH_MAX:
                return f"{name[:80]} lies deeper than any file of a run"
            if stat.S_ISDIR(facts.st_mode):
                continue
            if not stat.S_ISREG(facts.st_mode):
                return f"{name} is {kind_of(facts.st_mode)}, not a file that a run writes"
            known = (sealed or {}).get(name, (0, 0))[0]
            if facts.st_size > max(FILE_BYTES_MAX, known):
                return f"{name} holds {facts.st_size} bytes, more than a run writes"
    except OSError as error:
        return f"it cannot be looked through ({error})"
    return ""


def odd_entry(folder: Path) -> str:
    """Like `intruder`, of the folder itself and its own entries alone."""
    try:
        mode = os.lstat(folder).st_mode
        if not stat.S_ISDIR(mode):
            return f"{folder.name} is {kind_of(mode)}, not a folder that a run makes"
        for number, entry in enumerate(_entries(str(folder), DEPTH_MAX)):
            mode = entry.stat(follow_symlinks=False).st_mode
            if number >= ENTRIES_MAX:
                return f"{folder.name} has more than {ENTRIES_MAX} entries"
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return f"{entry.name} is {kind_of(mode)}, not a file that a run writes"
    except OSError as error:
        return f"{folder.name} cannot be looked through ({error})"
    return ""


def kind_of(mode: int) -> str:
    """What a mode of os.stat is, in words."""
    return next((words for is_it, words in _KINDS if is_it(mode)), "no regular file")


def _entries(folder: str, depth: int) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        for entry in found:
            yield entry
            if entry.is_dir(follow_symlinks=False) and depth < DEPTH_MAX:
                yield from _entries(entry.path, depth + 1)
