"""Sizes and checksums of a run's files, so that judging detects truncation and change.

Claim: a sealed file that was cut, changed or lost later is named. Lines that a late sampler
appended are no damage; a history that grew is.
Method: length and CRC-32 of each file, kept in plan.json, and of plan.json without that entry. A
killed run has no seal; an older seal does not hold plan.json.
What it does NOT show: a change by somebody who also renews the seal.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
PLAN = "plan.json"
HISTORY = "history/"
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
    is_whole = PLAN in sealed
    for name, (size, crc) in sealed.items():
        path = root / name
        if name == PLAN:  # its reader holds it against its mark
            continue
        try:
            found = path.stat().st_size
            if found < size:
                return f"{name} holds {found} of the {size} bytes that the run wrote"
            if _crc(path, size) != crc:
                return f"{name} is not what the run wrote"
            if is_whole and found > size and name.startswith(HISTORY):
                return f"{name} holds more than the run wrote"
        except OSError:
            return f"{name} is missing or cannot be read"
    there = (path.relative_to(root).as_posix() for path in root.glob(f"{HISTORY}*"))
    added = sorted(name for name in there if is_whole and name not in sealed)
    return f"{added[0]} was added after the run had ended" if added else ""


def own_mark(facts: Mapping[str, Any], name: str) -> tuple[int, int]:
    """[bytes, CRC-32] of a JSON object without the entry `name` of its own `sealed`."""
    others = {key: value for key, value in (facts.get("sealed") or {}).items() if key != name}
    text = json.dumps({**facts, "sealed": others}, sort_keys=True, ensure_ascii=False)
    raw = text.encode("utf-8", "replace")
    return len(raw), zlib.crc32(raw)


def mark_of(path: Path) -> tuple[int, int]:
    """[bytes, CRC-32] of one file."""
    size = path.stat().st_size
    return size, _crc(path, size)


def _crc(path: Path, size: int) -> int:
    crc = 0
    with open(path, "rb") as file:
        while size > 0 and (chunk := file.read(min(CHUNK, size))):
            crc = zlib.crc32(chunk, crc)
            size -= len(chunk)
    return crc
