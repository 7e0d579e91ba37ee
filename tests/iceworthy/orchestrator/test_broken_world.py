"""Real runs whose world breaks: a clear message, what was recorded judged, nothing left behind.

Each is a small `iceworthy run` on a stack of its own, one of them with the survey that a user's run
begins with. Not shown: every moment at which it could break; that was tried by hand.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from iceworthy.record.verdicts import read_review_verdicts
from iceworthy.words.errors import EXIT_UNKNOWN
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
END_S = 120.0
LOADED_S = 240.0  # a whole catalog is started first, on a machine that may be busy
LOOK_S = 0.25  # a look at all descendants costs CPU that the run needs


WHOLE = ("-m", "iceworthy")
UNSURVEYED = (
    "-c",
    "import sys; from iceworthy import cli; from iceworthy.orchestrator import review, single; "
    "single.opening = review.opening = tuple; sys.exit(cli.main())",
)
"""The same command without the survey, which starts a stack of its own and asks the early cases of
the contract: half of the run's CPU, and these tests look at the load after it."""


class Command:
    """A running `iceworthy run read_mix`, everything that it ever started, and what it said."""

    def __init__(self, folder: Path, program: tuple[str, ...]) -> None:
        self.results = folder / "results"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.errors = folder / "stderr"
        self.started: dict[int, psutil.Process] = {}
        with open(self.errors, "wb") as errors, open(folder / "stdout", "wb") as out:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    *program,
                    "run",
                    "read_mix",
                    "--sessions",
                    "20",
                    "--duration",
                    "8",
                    "--seed",
                    "1",
                    "--results",
                    str(self.results),
                ],
                cwd=ROOT,
                stdout=out,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": str(self.temporary)},
                start_new_session=True,
                preexec_fn=_heed_interrupts,
            )

    def look(self) -> None:
        """Note what runs now."""
        try:
            for one in psutil.Process(self.process.pid).children(recursive=True):
                self.started.setdefault(one.pid, one)
        except psutil.NoSuchProcess:
            pass

    def until_loaded(self) -> None:
        """Until sessions have worked for a moment."""

        def met() -> bool:
            self.look()
            loaded = len(self.lines("load")) >= 3
            assert loaded or self.process.poll() is None, self.said
            return loaded

        until(met, LOADED_S, every_s=LOOK_S)
        self.look()

    def lines(self, stream: str) -> list[str]:
        """The lines of a stream, its header first."""
        files = [*self.results.glob(f"*-*/experiments/steady/{stream}.jsonl")]
        return files[0].read_text().splitlines() if files else []

    def one(self, *words: str) -> psutil.Process:
        """The running process whose command holds these words."""
        for process in self.started.values():
            try:
                if process.is_running() and all(w in " ".join(process.cmdline()) for w in words):
                    return process
            except psutil.Error:
                continue
        raise AssertionError(f"nothing runs like {words}")

    @property
    def said(self) -> str:
        return self.errors.read_text()

    @property
    def root(self) -> Path:
        return (self.results / "latest").resolve()

    def left(self) -> list[str]:
        """What is still there when it should be gone."""
        found: list[str] = []

        def nothing() -> bool:
            found[:] = [str(p) for p in self.started.values() if _lives(p)]
            found.extend(str(path) for path in self.temporary.iterdir())
            return not found

        with contextlib.suppress(AssertionError):
            until(nothing)
        return found


def _heed_interrupts() -> None:
    """A shell's background job ignores Ctrl-C, and would hand that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def command(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Command]:
    """Without a survey, unless the test's parameter says WHOLE."""
    running = Command(tmp_path, getattr(request, "param", UNSURVEYED))
    yield running
    running.process.kill()
    running.process.wait()


def plan_of(command: Command) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (command.root / "experiments" / "steady" / "plan.json").read_text()
    )
    return found


@pytest.mark.parametrize("command", [WHOLE], indirect=True, ids=["whole"])
def test_an_interrupted_run_is_judged_and_leaves_nothing(command: Command) -> None:
    command.until_loaded()
    command.process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    command.process.send_signal(signal.SIGTERM)  # as make does: the same gesture
    assert command.process.wait(END_S) == EXIT_UNKNOWN, command.said
    assert not command.left()
    assert "interrupted: healing and stopping everything" in command.said
    assert "Traceback" not in command.said
    assert plan_of(command)["stopped_by"] == "interrupted"
    assert (command.root / "experiments" / "survey").is_dir()
    assert read_review_verdicts(command.root).verdict == "unknown"
    assert (command.root / "report.html").exists()


def test_a_run_interrupted_again_leaves_at_once_and_nothing_behind(command: Command) -> None:
    command.until_loaded()
    started = command.one("fixtures.reference")
    started.suspend()  # a node that does not obey SIGTERM makes the taking down take its time
    command.process.send_signal(signal.SIGINT)
    time.sleep(1.1)
    if command.process.poll() is None:
        command.process.send_signal(signal.SIGINT)
    assert command.process.wait(END_S) == EXIT_UNKNOWN, command.said
    assert not command.left()
    assert "Traceback" not in command.said


def test_a_killed_run_leaves_nothing_and_can_be_judged(command: Command) -> None:
    command.until_loaded()
    command.process.kill()
    command.process.wait(END_S)
    assert not command.left()
    judged = subprocess.run(
        [sys.executable, "-m", "iceworthy", "judge", str(command.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )
    assert judged.returncode == EXIT_UNKNOWN, judged.stderr
    assert "Traceback" not in judged.stderr
    assert "FAIL" not in judged.stdout, "a run that was killed accuses nobody"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("postgres", "-D"), "PostgreSQL ended by itself (code -9)"),
        (("toxiproxy-server", "-port"), "ended by itself (code -9)"),
        (("-m locust",), "the load ended after"),
    ],
)
def test_what_dies_under_the_run_is_named_and_accuses_nobody(
    command: Command, words: tuple[str, ...], told: str
) -> None:
    command.until_loaded()
    command.one(*words).kill()
    assert command.process.wait(END_S) == EXIT_UNKNOWN, command.said
    assert told in command.said
    assert "Traceback" not in command.said
    assert not command.left()
    verdicts = read_review_verdicts(command.root)
    assert not [one.id for one in verdicts.requirements if one.verdict == "fail"]
