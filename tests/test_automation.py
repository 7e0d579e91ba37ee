"""What runs by itself (pre-commit, the forge, .ci/run) calls commands that exist, and no others.

Not shown: that a forge takes the workflow's file; only a forge can tell.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from iceworthy import cli

ROOT = Path(__file__).resolve().parents[1]
HOOKS = ROOT / ".pre-commit-config.yaml"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
SCRIPT = ROOT / ".ci" / "run"
ENGINE_STEP = ROOT / ".ci" / "docker"


def values(path: Path, key: str) -> list[str]:
    """The values of a key of a YAML file, wherever it stands; comments are none."""
    found = re.findall(rf"^[ -]*{key}: *(.*?) *$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{path.name} has no {key}"
    return [str(one) for one in found]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def assert_make(words: list[str]) -> None:
    """A call of make names targets that exist; files that its ARGS name exist too."""
    assert words[0] == "make", words
    plain = [word for word in words[1:] if "=" not in word and not word.startswith("-")]
    assert plain, words
    assert set(plain) <= make_targets(), words
    given = [word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")]
    for argument in (one for text in given for one in shlex.split(text)):
        assert argument.startswith("-") or (ROOT / argument).exists(), argument


def test_hooks_are_local_and_call_make() -> None:
    assert set(values(HOOKS, "repo")) == {"local"}
    assert set(values(HOOKS, "language")) == {"system"}
    entries = [shlex.split(entry) for entry in values(HOOKS, "entry")]
    assert "lint" in entries[0]
    for words in entries:
        assert_make(words)


def test_the_forge_runs_the_script_and_nothing_else() -> None:
    assert values(WORKFLOW, "run") == [".ci/run"]
    assert os.access(SCRIPT, os.X_OK)
    (used,) = values(WORKFLOW, "uses")
    assert used.startswith("actions/checkout@")


def steps() -> list[list[str]]:
    """[name, bound in seconds, command...] of each step of .ci/run."""
    lines = re.findall(r"^step (.+)$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line) for line in lines]


def test_the_script_calls_what_exists() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    apart = ENGINE_STEP.read_text(encoding="utf-8")
    defined = set(re.findall(r"^(\w+)\(\) \{", text, re.MULTILINE))
    for _name, bound, *command in steps():
        assert bound.isdigit()
        if command[0] == "make":
            assert_make(command)
        elif command == [".ci/docker"]:
            assert os.access(ENGINE_STEP, os.X_OK)
        else:
            assert command[:2] == ["bash", "-c"]
            assert defined & set(re.findall(r"\w+", command[2])), command
    direct = re.findall(r"\.venv/bin/iceworthy (?!\"\$@\")([^|&;'\n]+)", text + apart)
    lenient = re.findall(r"[{ ] unless_failed ([a-z][^|&;'\n]+)", text)
    assert len(direct) >= 2
    assert len(lenient) >= 2
    for call in (*direct, *lenient):
        cli.parser().parse_args([word for word in shlex.split(call) if word != "$@"])


def run_engine_step(folder: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """.ci/docker in a folder where no engine answers, and PATH has these programs before others."""
    (folder / "bin").mkdir()
    for name, text in programs.items():
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    return subprocess.run(
        [str(ENGINE_STEP)],
        env={
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "DOCKER_HOST": f"unix://{folder}/none.sock",
            "ICEWORTHY_ENGINE_FOLDER": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


HAS_GROUPS = pytest.mark.skipif(
    not any(os.access(f"/sys/fs/cgroup/{one}", os.W_OK) for one in ("cgroup.procs", "devices")),
    reason="no control groups are mounted that may be written",
)
REFUSES = "echo 'failed to start daemon: Devices cgroup: Operation not permitted'; exit 1"
ENDS = "echo 'failed to start daemon: no space left on device'; exit 1"


@pytest.mark.parametrize(
    ("programs", "code", "said"),
    [
        ({"id": "echo 1000"}, 0, "LEFT OUT: no Docker engine can run on this machine: only root"),
        ({"id": "echo 0", "unshare": "exit 1"}, 0, "LEFT OUT: .*refuses new namespaces"),
        pytest.param({"dockerd": REFUSES}, 0, "LEFT OUT: .*its kernel", marks=HAS_GROUPS),
        pytest.param({"dockerd": ENDS}, 1, "no space left on device", marks=HAS_GROUPS),
    ],
)
def test_only_a_machine_that_cannot_run_an_engine_is_left_out(
    programs: dict[str, str], code: int, said: str, tmp_path: Path
) -> None:
    """Programs stand in for the machine; what the step made is gone afterwards."""
    machine = {"id": "echo 0", "unshare": "exit 0", "docker": "exit 1", "mmdebstrap": "exit 1"}
    done = run_engine_step(tmp_path, **{**machine, **programs})
    assert done.returncode == code, done.stderr
    assert re.search(said, done.stdout)
    assert [one.name for one in tmp_path.iterdir()] == ["bin"]


def test_every_step_that_is_left_out_is_one() -> None:
    left_out = " ".join(values(WORKFLOW, "SKIP")).split()
    assert set(left_out) <= {name for name, *_ in steps()} | {"document"}


def test_what_make_starts_may_keep_its_bytecode() -> None:
    """Else each of the hundreds of child processes of `make test` compiles the suite anew."""
    said = subprocess.run(
        ["make", "-s", "--eval", "shown: ; @env", "shown"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "PYTHONDONTWRITEBYTECODE=" in said.stdout.splitlines()
