"""A run folder as one file that another engineer unpacks, judges and reproduces.

Claim: `unpack` makes the folder that `pack` was given, byte for byte, and writes nothing outside
the folder that it is asked to fill. No command that a bundle holds is run: those of the nodes come
from the target file of the person who reproduces.
Method: a gzipped tar of regular files below one folder. A member that is a link, a device, has an
absolute path or `..` in it is refused, and so is a bundle beyond the bounds.
What this does NOT show: that the records are undamaged; the seal of the run does.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from iceworthy.words.errors import PlanError
from iceworthy.words.foreign import shown

ENDING = ".tar.gz"
BYTES_MOST = 2 << 30
MEMBERS_MOST = 20_000
CHUNK = 1 << 20


def pack(root: Path, path: Path) -> None:
    """Write the run folder `root` to a bundle; OSError where the disk refuses."""
    partial = path.with_name(path.name + ".partial")
    try:
        with tarfile.open(partial, "w:gz") as bundle:
            for file in sorted(root.rglob("*")):
                if file.is_file() and not file.is_symlink():
                    name = PurePosixPath(root.name, *file.relative_to(root).parts)
                    bundle.add(file, arcname=str(name), recursive=False)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> Path:
    """Fill an empty folder from a bundle, and return the run folder in it; PlanError for a file
    that is no bundle."""
    left, tops = BYTES_MOST, set()
    try:
        with tarfile.open(path, "r:gz") as bundle:
            for number, member in enumerate(bundle):
                if member.isdir():
                    continue
                parts = _parts(path, member)
                left -= member.size
                if left < 0 or number >= MEMBERS_MOST:
                    raise PlanError(
                        f"{path}: more than {BYTES_MOST >> 30} GiB or {MEMBERS_MOST} files; "
                        "expected a bundle that reproduce wrote"
                    )
                tops.add(parts[0])
                _write(bundle, member, folder.joinpath(*parts))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise PlanError(
            f"{path}: expected a bundle that reproduce wrote; it cannot be unpacked "
            f"({shown(error)}); get the file again"
        ) from error
    if len(tops) != 1:
        raise PlanError(
            f"{path}: expected one run folder in the bundle; got {len(tops)}; get the file again"
        )
    return folder / tops.pop()


def _parts(path: Path, member: tarfile.TarInfo) -> tuple[str, ...]:
    """The parts of a member's path; PlanError for one that leaves the folder or is no file."""
    parts = PurePosixPath(member.name).parts
    if not member.isreg() or len(parts) < 2 or ".." in parts or parts[0] == "/":
        raise PlanError(
            f"{path}: {shown(member.name)} is no regular file below the run folder; expected a "
            "bundle that reproduce wrote"
        )
    return parts


def _write(bundle: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> None:
    source = bundle.extractfile(member)
    assert source is not None  # it is a regular file
    to.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with source, open(descriptor, "wb") as file:
        while part := source.read(CHUNK):
            file.write(part)
