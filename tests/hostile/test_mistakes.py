"""A mistake on the command line or in a target file is told at once, with 64 and its line.

Nothing may be started by these rows: opening a stack fails the test.
"""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

import fixtures.stack.stack
from iceworthy.cli import main
from iceworthy.orchestrator import conduct, review
from iceworthy.words.errors import EXIT_USAGE
from tests.hostile.clear import assert_clear

OWN = 'summary = "mine"\n[node]\ncommand = ["true"]\n'
RUNNING = 'summary = "mine"\n[node]\nurls = ["http://127.0.0.1:1"]\n'


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def started(*_: object, **__: object) -> None:
        raise AssertionError("a mistake must be told before anything is started")

    monkeypatch.setattr(conduct, "run_experiment", started)
    monkeypatch.setattr(review, "run_experiment", started)
    monkeypatch.setattr(fixtures.stack.stack, "open_stack", started)
    monkeypatch.chdir(tmp_path)
    for name in ("TOKEN", "CLIENT_ID", "CLIENT_SECRET", "KEY"):
        monkeypatch.delenv(name, raising=False)


# words on the command line: what the message says
ARGUMENTS: dict[str, tuple[list[str], str]] = {
    "only commas": (["review", "--only", ",,,,"], "expected requirements or experiments"),
    "only spaces": (["review", "--only", " , "], "expected requirements or experiments"),
    "only nothing": (["review", "--only", ""], "expected requirements or experiments"),
    "only one that is none": (["review", "--only", "FR-004,nothing"], "named 'nothing'"),
    "a superscript": (["review", "--sessions", "²"], "got '²'"),
    "digits of another script": (["review", "--sessions", "١٢"], "got '١٢'"),
    "a fraction": (["review", "--sessions", "1.5"], "got '1.5'"),
    "a number with a line between": (["review", "--sessions", "1_0"], "got '1_0'"),
    "a negative number": (["review", "--sessions", "-5"], "--sessions"),
    "many digits": (["review", "--sessions", "9" * 5000], "(5000 characters)"),
    "no processes": (["review", "--load-processes", "0"], "got '0'"),
    "a seed in words": (["review", "--seed", "seven"], "expected a whole number"),
    "a seed of another script": (["review", "--seed", "١٢"], "expected a whole number"),
    "a seed of many digits": (["review", "--seed", "9" * 5000], "expected a whole number"),
    "a duration without a number": (["run", "read_mix", "--duration", "nan"], "got 'nan'"),
    "a duration without an end": (["run", "read_mix", "--duration", "inf"], "got 'inf'"),
    "a duration of another script": (["run", "read_mix", "--duration", "١٢"], "got '١٢'"),
    "a negative duration": (["run", "read_mix", "--duration", "-3"], "--duration"),
    "an unknown experiment": (["run", "read_mix", "--experiment", "x"], "no experiment named 'x'"),
    "an unknown scenario": (["run", "x"], "no scenario named 'x'"),
    "an unknown case": (["run", "contract", "--case", "no_such"], "no case named 'no_such'"),
    "a case of no contract": (["run", "steady", "--case", "x"], "steady has no cases"),
    "a case of another inquiry": (["run", "fuzz", "--case", "x"], "fuzz has no cases"),
    "a name with NUL": (["review", "--target", "a\0b"], "that a file name can hold"),
    "half a pair": (["review", "--results", "\ud800"], "that a file name can hold"),
    "a name too long": (["judge", "x" * 5000], "cannot be looked at"),
    "a target too long": (["review", "--target", "x" * 300 + ".toml"], "target"),
    "an unset variable": (["review", "--target", "bingsan"], "BINGSAN_BINARY"),
    "results below a file": (["review", "--results", "/dev/null/x"], "name a writable folder"),
    "results in a file": (["run", "steady", "--results", "/dev/null"], "name a writable folder"),
    "a table in no folder": (["selftest", "--json", "no/such/x.json"], "does not exist"),
    "an unknown lie": (["selftest", "truth"], "no lie named 'truth'"),
    "no name": (["describe", ""], "named ''"),
}

# text of a target file: (what the message says, the line that it names or 0)
FILES: dict[str, tuple[str | bytes, str, int]] = {
    "nested arrays": (OWN + "x = " + "[" * 20_000, "brackets inside each other", 4),
    "nested tables": (OWN + "x = " + "{a=" * 20_000, "brackets inside each other", 4),
    "nested over lines": (OWN + "x = [\n" + "[\n" * 20_000, "brackets inside each other", 68),
    "a long dotted key": (OWN + ".".join("a" * 9000) + " = 1\n", "a key of more than 64 parts", 4),
    "a number of 5,000 digits": (OWN + "count = " + "9" * 5000, "thousands of digits", 4),
    "a number of 4,000 digits": (OWN + "count = " + "9" * 4000, "at most 64 bits", 4),
    "no UTF-8": (OWN.encode() + b'ready_s = "\xff"\n', "not UTF-8", 4),
    "UTF-16": (OWN.encode("utf-16"), "not UTF-8", 1),
    "no TOML": ("summary: mine\n", "not valid TOML", 1),
    "NUL": ('summary = "mine"\n[node]\ncommand = ["a\\u0000b"]\n', "character NUL", 3),
    "nothing": ("", "summary", 0),
    "65 kB": (OWN + "#" * 70_000, "larger than", 0),
    "an unknown key": (OWN + "redy_s = 1\n", "did you mean 'ready_s'", 4),
    "an unknown section": (OWN + "[nodes]\n", "unknown key 'nodes'", 4),
    "a text for a number": (OWN + 'ready_s = "1"\n', "ready_s", 4),
    "a boolean for a number": (OWN + "ready_s = true\n", "ready_s", 4),
    "an array for a text": (OWN + "[auth]\nscope = [1]\n", "scope", 5),
    "a plan that expires never": (OWN + "[plans]\nexpiry_s = inf\n", "expiry_s", 5),
    "a plan without a number": (OWN + "[plans]\nexpiry_s = nan\n", "expiry_s", 5),
    "a plan that expired": (OWN + "[plans]\nexpiry_s = -1\n", "expiry_s", 5),
    "a start without a number": (OWN + "ready_s = nan\n", "ready_s", 4),
    "a stop before the start": (OWN + "stop_s = -1.0\n", "stop_s", 4),
    "no nodes": (OWN + "count = 0\n", "count", 4),
    "metrics at health": (OWN + '[endpoints]\nmetrics = "/health"\n', "than health has", 5),
    "events at metrics": (OWN + '[endpoints]\nevents = "/metrics"\n', "than metrics has", 5),
    "a URL without a host": (OWN + '[endpoints]\nhealth = "http://"\n', "health", 5),
    "a URL with a port alone": (OWN + '[endpoints]\nready = "http://:80/r"\n', "ready", 5),
    "a port too high": (OWN + '[endpoints]\nmetrics = "http://[::1]:99999/"\n', "metrics", 5),
    "an open bracket": (OWN + '[endpoints]\nevents = "ws://[::1/"\n', "events", 5),
    "a scheme alone": (OWN + '[auth]\ntoken_path = "http:///t"\n', "token_path", 5),
    "a space in a path": (OWN + '[endpoints]\nhealth = "/a b"\n', "health", 5),
    "a line break in a path": (OWN + '[catalog]\nbase = "/a\\nb"\n', "base", 5),
    "no URL": ('summary = "m"\n[node]\nurls = ["localhost"]\n', "urls", 3),
    "a node without a host": ('summary = "m"\n[node]\nurls = ["http://:80"]\n', "urls", 3),
    "a login in a URL": ('summary = "m"\n[node]\nurls = ["http://a@b:1"]\n', "urls", 3),
    "an unset token": (
        RUNNING + '[auth]\nkind = "token"\ntoken_variable = "TOKEN"\n',
        "variable TOKEN",
        0,
    ),
    "an unset secret": (
        RUNNING + '[auth]\nkind = "client_credentials"\nclient_id_variable = "CLIENT_ID"\n'
        'client_secret_variable = "CLIENT_SECRET"\n',
        "CLIENT_ID",
        0,
    ),
    "no program": ('summary = "m"\n[node]\ncommand = ["no-such-program"]\n', "no-such", 0),
    "a variable without a name": (OWN + '[node.environment]\n"=" = "x"\n', "environment", 5),
    "an unset variable in a command": (
        'summary = "m"\n[node]\ncommand = ["true", "{env:NOT_SET_HERE}"]\n',
        "NOT_SET_HERE",
        0,
    ),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_mistake_on_the_command_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, wanted = ARGUMENTS[name]
    assert main(arguments) == EXIT_USAGE
    said = capsys.readouterr().err
    assert_clear(said)
    assert wanted in said
    assert not list(Path.cwd().iterdir()), "a mistake leaves nothing behind"


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_in_a_target_file(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, wanted, line = FILES[name]
    file = Path("mine.toml")
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["review", "--target", str(file)]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert_clear(said)
    assert wanted in said
    named = re.search(r"line (\d+)", said)
    assert (int(named[1]) if named else 0) == line
    assert [path.name for path in Path.cwd().iterdir()] == [file.name]


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


# What stands where the target file should: how it is made
PLACES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "a FIFO": _fifo,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": _loop,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("verb", ["review", "describe"])
def test_no_file_where_the_target_should_be(
    name: str, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    PLACES[name](Path("mine.toml"))
    words = {"review": ["review"], "describe": ["describe", "cut_link"]}[verb]
    assert main([*words, "--target", "mine.toml"]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert_clear(said)
    assert "mine.toml" in said


def test_too_few_open_files_are_told_before_anything_starts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda limit: (1024, 1024))
    monkeypatch.setattr("iceworthy.cli.refuse_low_limits", lambda runs: None)
    assert main(["run", "read_mix", "--sessions", "5000"]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert_clear(said)
    assert "5000 sessions want 5256 open files" in said
    assert "--sessions 768" in said
