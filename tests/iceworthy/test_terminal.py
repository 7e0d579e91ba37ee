"""The exit code is the verdict's, whatever became of stdout and stderr.

Each row is one process with a verdict that is known before: only the terminal is odd.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from iceworthy import terminal
from tests.hostile.clear import BOUND_S, assert_clear
from tests.source_tree import ROOT

# `judge` of a folder whose verdicts are these; everything around the verdict is the real command.
COMMAND = r"""
import sys
from pathlib import Path
from iceworthy import cli
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.verdict import Judgement
row = RequirementVerdict(id="FR-001", verdict=Judgement(sys.argv[2]), figure="1 \xd7 2",
    title="\u2713 \u2026 \u27f7 title", reason="\u2013 \u2603", reproduce="iceworthy review")
verdicts = ReviewVerdicts(verdict=row.verdict, requirements=(row,) * int(sys.argv[3]))
def judge(options):
    return cli.conclude(Reviewed(root=Path("x"), verdicts=verdicts), cli.Progress(), options)
cli.judge = judge
sys.argv = ["iceworthy", "judge", "x"]
sys.exit(cli.main())
"""
CODES = {"pass": 0, "fail": 1, "unknown": 2}
ASCII = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
LATIN = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1:strict"}
POSIX = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# name: (what the shell does with the streams, environment, verdict, rows)
TERMINALS: dict[str, tuple[str, dict[str, str], str, int]] = {
    "stdout is ascii": ("", ASCII, "pass", 1),
    "stdout is latin-1": ("", LATIN, "fail", 1),
    "the locale is POSIX": ("", POSIX, "unknown", 1),
    "the locale is POSIX, and it passes": ("", POSIX, "pass", 1),
    "stdout is closed": (">&-", {}, "pass", 1),
    "stderr is closed": ("2>&-", {}, "fail", 1),
    "stdout and stderr are closed": (">&- 2>&-", {}, "unknown", 1),
    "all three are closed": ("<&- >&- 2>&-", {}, "pass", 1),
    "stdout is full": (">/dev/full", {}, "pass", 1),
    "stderr is full": ("2>/dev/full", {}, "fail", 1),
    "both are full": (">/dev/full 2>/dev/full", {}, "unknown", 1),
    "the reader leaves at once": ("| true", {}, "pass", 20_000),
    "the reader leaves after a line": ("| head -n 1 >/dev/null", {}, "fail", 20_000),
    "both readers leave": ("2>&1 | true", {}, "unknown", 20_000),
    "no colour is wanted": ("", {"NO_COLOR": "1", "TERM": "dumb"}, "pass", 1),
    "the terminal is one column wide": ("", {"COLUMNS": "1", "LINES": "1"}, "fail", 1),
    "its width is no number": ("", {"COLUMNS": "wide"}, "pass", 1),
    "stdout can only be read": (">&0 </dev/null", {}, "pass", 1),
}


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """A line of bash in which "$PY" is this Python; its exit code is that of the first command."""
    return subprocess.run(
        ["bash", "-c", f"{command}\nexit ${{PIPESTATUS[0]}}"],
        env={**os.environ, "PY": sys.executable, **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=BOUND_S,
        check=False,
    )


@pytest.mark.parametrize("name", TERMINALS)
def test_the_exit_code_is_the_verdicts(name: str) -> None:
    streams, environment, verdict, rows = TERMINALS[name]
    done = run(
        f'"$PY" -c "$COMMAND" x {verdict} {rows} {streams}',
        {"COMMAND": COMMAND, **environment},
    )
    assert done.returncode == CODES[verdict], done.stderr.decode()[-2000:]
    for word in (b"Traceback", b"Exception ignored"):
        assert word not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "streams"),
    [
        ("--help", ">&-"),
        ("--help", "2>&-"),
        ("--help", "| true"),
        ("judge --help", ">/dev/full"),
        ("--version", ">/dev/full"),
    ],
)
def test_help_is_a_pass_whoever_reads_it(arguments: str, streams: str) -> None:
    done = run(f'"$PY" -m iceworthy {arguments} {streams}', {})
    assert done.returncode == 0, done.stderr.decode()
    assert b"Exception ignored" not in done.stderr


def test_what_an_encoding_lacks_is_written_in_plain_letters() -> None:
    done = run('"$PY" -c "$COMMAND" x pass 1', {"COMMAND": COMMAND, **ASCII})
    text = done.stdout.decode("ascii")
    assert [word for word in ("+ pass", "1 x 2", "\\u27f7") if word not in text] == []


def test_a_mistake_is_told_where_stdout_is_gone() -> None:
    done = run('"$PY" -m iceworthy run no_such_thing >&-', {})
    assert done.returncode == 64
    assert_clear(done.stderr.decode())


def test_a_file_that_is_opened_later_does_not_become_stdout() -> None:
    script = """
import os, sys
from iceworthy.terminal import prepare, tell
prepare()
handle = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)
tell("a result")
assert handle > 2, handle
"""
    place = f"/tmp/iceworthy-test-{os.getpid()}"
    try:
        done = run(f'"$PY" -c "$SCRIPT" {place} <&- >&- 2>&-', {"SCRIPT": script})
        assert done.returncode == 0
        assert os.path.getsize(place) == 0
    finally:
        os.unlink(place)


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_verdicts_are_coloured_on_a_terminal_that_allows_it(
    environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    line = "iceworthy run contract --case " + "x" * 300
    text = f"PASS     case a\n✕ FAIL     FR-001\nnot a PASS\n    again   {line}\n"
    stream = Tty()
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.tell(text, end="")
    told = stream.getvalue()
    assert ("\x1b[32mPASS" in told) is wanted
    assert ("\x1b[1;31m✕ FAIL" in told) is wanted
    assert "not a PASS" in told
    assert line in told, "a command is not broken"
    assert re.sub(r"\x1b\[[0-9;]*m", "", told) == text
    assert not terminal.has_colours(io.StringIO())
