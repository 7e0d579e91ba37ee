"""Finds out what is tested: the catalog's version, its program with a checksum, the machine.

Claim: nothing here ends a review. A fact that cannot be found is empty; a version command that
fails or takes longer than 10 s leaves the reason in its place. Secrets stay out: the command is
shown with its placeholders, and a literal value after a secret's name is left out.
What it does NOT show: that the nodes run this very program; a script may start another.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fixtures.stack.placeholders import fill
from fixtures.stack.toxiproxy_build import VERSION
from iceworthy.orchestrator.doctor import memory_bytes
from iceworthy.record.tested import UnderTest
from iceworthy.suite_path import suite_root
from iceworthy.words.errors import PlanError
from iceworthy.words.foreign import shell_line, shown
from iceworthy.words.target import TargetSpec

VERSION_S_MAX = 10.0
LINE_MOST = 200
CPU_INFO = Path("/proc/cpuinfo")
_SECRET = re.compile(r"passw|secret|token|api.?key|credential", re.IGNORECASE)


def under_test(target: TargetSpec) -> UnderTest:
    """What a review of this target is about to test."""
    program = _program(target.node.command)
    has_proxies = target.node.is_started and target.database.kind == "postgres"
    return UnderTest(
        version=version_of(target),
        program=program,
        sha256=checksum(program),
        command=start_command((*_image(target), *target.node.command)),
        toxiproxy=VERSION if has_proxies else "",
        storage=target.storage.kind if target.node.is_started else "",
        cpu=_cpu_model(),
        memory_bytes=memory_bytes(),
        load_average=_load_average(),
    )


def _image(target: TargetSpec) -> tuple[str, ...]:
    return (target.node.image,) if target.node.image else ()


def version_of(target: TargetSpec) -> str:
    """The first line of the version command's output; in its place the reason, where it failed."""
    words = target.node.version_command
    if not words:
        return ""
    try:
        done = subprocess.run(
            [_filled(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=VERSION_S_MAX,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError, PlanError) as error:
        return shown(f"not known: {error}", LINE_MOST)
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    if done.returncode or not lines:
        said = lines[0] if lines else "nothing was printed"
        return shown(f"not known: version_command: exit code {done.returncode}, {said}", LINE_MOST)
    return shown(lines[0], LINE_MOST)


def start_command(words: Sequence[str]) -> str:
    """The command as one line, with its placeholders and without secrets; "" for no command."""
    words_shown: list[str] = []
    is_secret = False
    for word in words:
        name, sign, value = word.partition("=")
        if is_secret and "{" not in word:
            words_shown.append("…")
        elif sign and _SECRET.search(name) and "{" not in value:
            words_shown.append(f"{name}=…")
        else:
            words_shown.append(word)
        is_secret = not sign and word.startswith("-") and bool(_SECRET.search(word))
    return shell_line(*words_shown) if words_shown else ""


def checksum(program: str) -> str:
    """The SHA-256 of a file; "" where it cannot be read."""
    try:
        with open(program, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _program(command: Sequence[str]) -> str:
    try:
        found = shutil.which(_filled(command[0])) if command else None
    except PlanError:
        return ""
    return os.path.realpath(found) if found else ""


def _filled(word: str) -> str:
    values = {"python": sys.executable, "suite": str(suite_root())}
    return fill(word, values, os.environ, where="[node] version_command")


def _cpu_model() -> str:
    try:
        lines = CPU_INFO.read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _load_average() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None
