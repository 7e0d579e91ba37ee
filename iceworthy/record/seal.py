"""Sizes and checksums of a run's files, so that judging detects truncation and change.

Claim: a sealed file that was cut, changed or lost later is named; data appended later is no damage.
Method: length and CRC-32 of each file, kept in plan.json. A killed run has no seal.
What it does NOT show: a change by somebody who also renews the seal.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

CHUNK = 1 << 20
NOT_SEALED = {"plan.json", "plan.partial", "verdicts.json"}
"""What is written after the run has ended."""


def seal(root: Path) -> dict[str, tuple[int, int]]:
    """Relative path -> [bytes, CRC-32] of every file of an experiment's folder."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    names = ((path, path.relative_to(root).as_posix()) for path in files)
    return {
        name: (size := path.stat().st_size, _crc(path, size))
        for path, name in names
        if name not in NOT_SEALED and not path.name.startswith(".")
    }


def damage(root: Path, sealed: Mapping[str, tuple[int, int]]) -> str:
    """The first file that differs from its seal; "" when all match."""
    for name, (size, crc) in sealed.items():
        path = root / name
        try:
            found = path.stat().st_size
            if found < size:
                return f"{name} holds {found} of the {size} bytes that the run wrote"
            if _crc(path, size) != crc:
                return f"{name} is not what the run wrote"
        except OSError:
            return f"{name} is missing or cannot be read"
    return ""


def _crc(path: Path, size: int) -> int:
    crc = 0
    with open(path, "rb") as file:
        while size > 0 and (chunk := file.read(min(CHUNK, size))):
            crc = zlib.crc32(chunk, crc)
            size -= len(chunk)
    return crc
