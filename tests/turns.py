"""Turns of tests that run at the same time: one that is marked `alone` runs while no other does.

Claim: between begin and end of a test that is alone, no test of another worker runs; every other
test runs beside those of the other workers. Method: two locks on files, which the kernel frees
when their holder dies. Everybody takes the door and then the room, whoever is alone for itself,
all others together; who is alone holds the door meanwhile, so that it waits for the tests that
run now and for no later one.
What it does NOT keep away: servers that fixtures of other workers hold open; they are idle.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

WORKERS_MIN, WORKERS_MAX = 2, 8
WORKERS_A_CORE = 3
WORKER_BYTES = 1 << 30  # resident, with the programs that its tests start
# The files that take longest begin first, so that at the end no worker has one of them alone.
LONGEST = (
    "tests/iceworthy/contract/test_on_the_reference.py",
    "tests/iceworthy/contract/differential/test_search.py",
    "tests/iceworthy/orchestrator/test_broken_world.py",
    "tests/targets/test_other_kinds.py",
    "tests/analysis/test_report_in_chromium.py",
    "tests/chaos/drivers/test_commit_stepper.py",
    "tests/iceworthy/contract/fuzz/test_findings.py",
    "tests/iceworthy/contract/fuzz/test_requests.py",
    "tests/iceworthy/contract/test_every_case_can_fail.py",
    "tests/fixtures/stack/test_stack.py",
    "tests/fixtures/reference/test_life.py",
    "tests/iceworthy/contract/test_survey.py",
    "tests/iceworthy/contract/test_seed.py",
    "tests/scenarios/engine/test_load.py",
    "tests/iceworthy/test_terminal.py",
    "tests/test_turns.py",
    "tests/test_public_surface.py",
    "tests/test_strangers_in_a_namespace.py",
)
# They read the syntax trees of all files, which one process parses once for all of them.
FORM = {
    "tests/iceworthy/record/test_typed_access.py",
    "tests/test_busy_machine.py",
    "tests/test_foreign_text.py",
    "tests/test_limits_once.py",
    "tests/test_mirror.py",
    "tests/test_one_asker.py",
    "tests/test_tidy.py",
    "tests/test_words.py",
}
T = TypeVar("T")
TURNS = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold a turn; folder: the same for all workers."""
    with ExitStack() as held:
        door = held.enter_context((folder / "door").open("a"))
        room = held.enter_context((folder / "room").open("a"))
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if not alone:
            fcntl.flock(door, fcntl.LOCK_UN)
        yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """The folder of the locks goes with the process that made it."""
    if TURNS in config.stash:
        config.stash[TURNS].cleanup()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Workers of `-n auto`: three for each core that this process may use, in bounds and as far as
    memory is free, because two thirds of the tests' time is waiting. Measured on two cores: 442 CPU
    seconds in all, and 649 s on the clock with three workers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    fitting = psutil.virtual_memory().available // WORKER_BYTES
    return int(max(WORKERS_MIN, min(WORKERS_MAX, WORKERS_A_CORE * (cores or 1), fitting)))


def scope_of(nodeid: str) -> str:
    """The tests of one scope run in one worker: those of a file, those of all files of FORM."""
    file = nodeid.partition("::")[0]
    return "the form of files" if file in FORM else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files side by side (`--dist loadfile`), but those of FORM in one worker."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scopes(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return Scopes(config, log)


def begun_at(part: int, parts: int, found: Sequence[T]) -> list[T]:
    """The same in the same ring, from part / parts of it on; begun_at(1, 2, "abcd"): c, d, a, b."""
    first = len(found) * part // parts
    return [*found[first:], *found[:first]]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Each worker begins each folder at another file. All workers import all files; in a fresh
    clone the worker that imports a file first compiles it, and the others read what it wrote. If
    all began at the same file, each would compile all of them."""
    report: Any = yield
    worker = getattr(collector.config, "workerinput", None)
    if worker is not None and isinstance(collector, pytest.Directory):
        number = int(worker["workerid"].removeprefix("gw"))
        report.result = begun_at(number, worker["workercount"], report.result)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first; all others keep their order, which all workers must agree on."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.nodeid.partition("::")[0].split("/"))
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the locks are; the first one has the folder made."""
    if TURNS not in node.config.stash:
        node.config.stash[TURNS] = tempfile.TemporaryDirectory(prefix="iceworthy-turns-")
    node.workerinput["turns"] = node.config.stash[TURNS].name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Beside other workers a test that is marked `alone` runs while none of theirs does."""
    workerinput = getattr(item.config, "workerinput", None)
    if workerinput is None:
        return (yield)
    with turn(Path(workerinput["turns"]), alone=item.get_closest_marker("alone") is not None):
        return (yield)
