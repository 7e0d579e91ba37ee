"""Kill the orchestrator with SIGKILL at random moments of short runs; nothing may be left.

Use: `python -m tests.orchestrator_kills [--runtime docker] [--times N] [--seed S] [--for-s S]`.
Method: each run has a cache and a folder for temporary files of its own kind, and a word in its
environment that all its processes inherit. After the kill the machine has CLEAN_S to get rid of the
run's processes (their ports end with them), temporary folders and, with --runtime docker, of each
container, network and volume that was not there before. The moments are spread evenly over a run
that was not killed. Exit code: 0 if nothing was left after any kill. What it does NOT show: that
the machine itself survives a power loss.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from fixtures.stack.engine import Engine
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[1]
WORD = "ICEWORTHY_KILLED_BY"
EXPERIMENTS = ("steady", "pause_node", "database_crash", "squeeze_cpu", "kill_all_nodes")
CLEAN_S = 60.0
RUN_S = 300.0


class World:
    """What the runs may leave behind: asked before and after each."""

    def __init__(self, folder: Path, runtime: str) -> None:
        self.word = secrets.token_hex(8)
        self._folder, self._runtime = folder, runtime
        self.results = folder / "results"
        self._before = self._of_engine()

    def start(self, seed: int, experiment: str) -> subprocess.Popen[bytes]:
        """A short run of its own session, with its output in a file."""
        argv = [sys.executable, "-m", "iceworthy", "run", experiment, "--runtime", self._runtime]
        argv += ["--sessions", "20", "--seed", str(seed)]
        argv += ["--results", str(self.results)]
        places = {"ICEWORTHY_CACHE": str(self._folder / "cache"), "TMPDIR": str(self._temporary)}
        with open(self._folder / "output.txt", "ab") as output:
            return subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**os.environ, **places, WORD: self.word},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def _temporary(self) -> Path:
        made = self._folder / "tmp"
        made.mkdir(exist_ok=True)
        return made

    def left(self) -> list[str]:
        """What a run has left, by kind and name."""
        folders = [self._folder / "cache" / "tmp", self._temporary]
        files = [one for folder in folders if folder.is_dir() for one in folder.iterdir()]
        found = [f"process {one.pid}" for one in psutil.process_iter() if self._is_of_a_run(one)]
        found += [f"folder {one}" for one in files]
        return found + sorted(self._of_engine() - self._before)

    def _is_of_a_run(self, process: psutil.Process) -> bool:
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            return process.environ().get(WORD) == self.word
        except psutil.Error:
            return False

    def _of_engine(self) -> set[str]:
        if self._runtime != "docker":
            return set()
        with Engine() as engine:
            containers = [one["Id"] for one in engine.api.containers(all=True)]
            networks = [one["Id"] for one in engine.api.networks()]
            volumes = [one["Name"] for one in engine.api.volumes()["Volumes"] or []]
        named = {"container": containers, "network": networks, "volume": volumes}
        return {f"{kind} {name}" for kind, names in named.items() for name in names}


def whole_run_s(world: World, seed: int, experiment: str) -> float:
    """How long a run takes that nobody kills; it leaves nothing either."""
    began = time.monotonic()
    with world.start(seed, experiment) as running:
        running.wait(timeout=RUN_S)
    took = time.monotonic() - began
    if left := world.left():
        raise SystemExit(f"{experiment} left this though nobody killed it: {', '.join(left)}")
    return took


def kill_once(world: World, seed: int, experiment: str, after_s: float) -> tuple[float, list[str]]:
    """(seconds until nothing was left, or CLEAN_S; what was left)."""
    with world.start(seed, experiment) as running:
        try:
            running.wait(timeout=after_s)  # it may end by itself just before
        except subprocess.TimeoutExpired:
            os.kill(running.pid, signal.SIGKILL)
    began = time.monotonic()
    shutil.rmtree(world.results, ignore_errors=True)  # kept on purpose, and of no use here
    try:
        until(lambda: not world.left(), CLEAN_S, every_s=0.1)
    except AssertionError:
        return CLEAN_S, world.left()
    return time.monotonic() - began, []


def kills(
    world: World, say: Callable[[str], object], *, seed: int, times: int, for_s: float
) -> tuple[int, int]:
    """(kills after which nothing was left, kills)."""
    chance, end = random.Random(seed), time.monotonic() + for_s
    lasts = {one: whole_run_s(world, seed, one) for one in EXPERIMENTS}
    say(f"whole runs: {', '.join(f'{one} {took:.0f} s' for one, took in lasts.items())}")
    clean = done = 0
    while done < times and time.monotonic() < end:
        experiment = chance.choice(EXPERIMENTS)
        after_s = chance.uniform(0.2, lasts[experiment])
        took, left = kill_once(world, seed + done, experiment, after_s)
        done += 1
        clean += not left
        say(f"{done}: {experiment} killed after {after_s:.1f} s: {left or f'gone in {took:.1f} s'}")
        if left:  # the next kill would be accused of it too
            break
    return clean, done


def main(arguments: list[str]) -> int:
    """0 when nothing was left after any kill."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--runtime", choices=("processes", "docker"), default="processes")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--for-s", type=float, default=3600.0)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="iceworthy-kills-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        world = World(folder, given.runtime)
        clean, done = kills(
            world,
            lambda line: sys.stdout.write(f"{line}\n") and sys.stdout.flush(),
            seed=given.seed,
            times=given.times,
            for_s=given.for_s,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"nothing left after {clean} of {done} kills\n")
    return 0 if done and clean == done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
