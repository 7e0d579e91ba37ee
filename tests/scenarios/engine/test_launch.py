"""Several threads read the load's stream at once: the run, and the samplers of its processes."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadSecond
from scenarios.engine.launch import LoadProcess

LINES = 300
READERS = 4


def test_threads_that_read_while_it_grows_see_each_line_once(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    child: Any = SimpleNamespace(is_running=lambda: True, pid=7)
    other: Any = None
    load = LoadProcess(folder, child, other, other)
    done = threading.Event()
    wrong: list[Exception] = []

    def read() -> None:
        while not done.is_set():
            try:
                load.status()
                load.pids()
            except Exception as error:
                wrong.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for one in readers:
        one.start()
    for number in range(1, LINES + 1):
        folder.append(LoadSecond(t_ns=number, worker="load-0", operations=number, pid=7))
    done.set()
    for one in readers:
        one.join()
    assert not wrong
    assert load.status().operations == LINES
