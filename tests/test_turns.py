"""Tests that are alone share their time with nobody; a worker that dies fails the run."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.source_tree import texts
from tests.turns import FORM, LONGEST, WORKERS_MIN, begun_at, scope_of, turn

ROOT = Path(__file__).resolve().parents[1]


def test_turns_are_shared_but_for_those_that_are_alone(tmp_path: Path) -> None:
    did: list[str] = []
    both_in, may_leave = threading.Barrier(3, timeout=60), threading.Event()

    def share(name: str) -> None:
        with turn(tmp_path, alone=False):
            both_in.wait()  # breaks unless both are in at the same time
            may_leave.wait(60)
            did.append(name)

    def be_alone(name: str) -> None:
        with turn(tmp_path, alone=True):
            did.append(name)
            time.sleep(0.05)  # the others would come in now, if they could
            did.append(name)

    threads = [threading.Thread(target=share, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    both_in.wait()
    threads += [threading.Thread(target=be_alone, args=(name,)) for name in ("c", "d")]
    for thread in threads[2:]:
        thread.start()
    assert not did
    may_leave.set()
    for thread in threads:
        thread.join(60)
    assert sorted(did[:2]) == ["a", "b"]
    assert did[2:] in (["c", "c", "d", "d"], ["d", "d", "c", "c"])


def test_whoever_is_alone_waits_for_no_later_turn(tmp_path: Path) -> None:
    did: list[str] = []

    def take(name: str, alone: bool) -> None:
        with turn(tmp_path, alone=alone):
            did.append(name)

    with turn(tmp_path, alone=False):
        first = threading.Thread(target=take, args=("alone", True))
        first.start()
        while is_free(tmp_path):
            assert first.is_alive()
        later = threading.Thread(target=take, args=("later", False))
        later.start()
        later.join(0.3)
        assert did == []  # the later one may not pass the one that waits to be alone
    first.join(60)
    later.join(60)
    assert did == ["alone", "later"]


def is_free(folder: Path) -> bool:
    """Whether nobody holds the door."""
    with (folder / "door").open("a") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


ALONE = """
import time
import pytest

TOOK = {took!r}

@pytest.mark.alone
def test_a():
    began = time.monotonic_ns()
    time.sleep(0.3)
    with open(TOOK, "a") as file:
        file.write(f"{{began}} {{time.monotonic_ns()}}\\n")
"""
DIES = "import os\n\ndef test_a():\n    os._exit(3)\n"
HOLDS = "def test_b():\n    pass\n"


def arguments_of_make_test() -> list[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"^test:.*\n.*-m pytest (.*) \$\(ARGS\)$", text, re.MULTILINE)
    return str(line).split()


def run_tests(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    """Run files of tests with the arguments of `make test`, with its hooks."""
    folder.joinpath("pytest.ini").write_text("[pytest]\nmarkers = alone: as in the project\n")
    for name, text in files.items():
        folder.joinpath(f"test_{name}.py").write_text(text)
    argv = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.turns"]
    argv += [*arguments_of_make_test(), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_files_that_parse_all_files_share_a_worker_and_others_do_not() -> None:
    reads = re.compile(
        r"^from tests\.(source_tree import[^)]*?\b(code|parsed|walked)\b|reach)", re.M
    )
    parse = {name for name, text in texts() if "/test_" in name and reads.search(text)}
    assert parse == FORM
    assert {scope_of(f"{name}::test_a[x::y]") for name in FORM} == {"the form of files"}
    assert scope_of("tests/test_docs.py::test_a[x::y]") == "tests/test_docs.py"


def test_the_longest_files_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []


def test_a_ring_is_begun_at_its_parts() -> None:
    assert [begun_at(part, 3, "abcdefg") for part in range(3)] == [
        list("abcdefg"),
        list("cdefgab"),
        list("efgabcd"),
    ]
    assert begun_at(2, 3, "") == []


def test_files_of_the_form_run_in_one_worker_and_each_worker_begins_at_another(
    tmp_path: Path,
) -> None:
    took, read = tmp_path / "took", tmp_path / "read"
    read.mkdir()
    text = f"""
import os, time
with open({str(read)!r} + "/" + os.environ["PYTEST_XDIST_WORKER"], "a") as file:
    print(os.path.basename(__file__), file=file)
def test_worker():
    with open({str(took)!r}, "a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
    time.sleep(0.2)
"""
    (tmp_path / "tests").mkdir()
    names = sorted(name for name in FORM if name.count("/") == 1)
    for name in names:
        (tmp_path / name).write_text(text)
    done = run_tests(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    workers = took.read_text().split()
    assert len(workers) == len(names)
    assert len(set(workers)) == 1
    orders = [one.read_text().split() for one in read.iterdir()]
    assert len(orders) >= WORKERS_MIN
    assert all(sorted(f"tests/{name}" for name in order) == names for order in orders)
    assert len({order[0] for order in orders}) == len(orders)


def test_workers_take_turns(tmp_path: Path) -> None:
    took = tmp_path / "took"
    text = ALONE.format(took=str(took))
    done = run_tests(tmp_path, one=text, two=text)
    assert done.returncode == 0, done.stdout + done.stderr
    spans = sorted(tuple(map(int, line.split())) for line in took.read_text().splitlines())
    (_, first_ended), (second_began, _) = spans
    assert first_ended < second_began


def test_a_worker_that_dies_fails_the_run(tmp_path: Path) -> None:
    done = run_tests(tmp_path, dies=DIES, holds=HOLDS)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "crashed while running" in done.stdout
