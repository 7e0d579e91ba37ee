"""Locust without the suite, as a user starts it: its time, its end, its files, its judge."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.history import History, read_history
from analysis.judge import judge_review
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.outcome import Outcome
from scenarios.engine.load_plan import RUN_VARIABLE
from tests.source_tree import ROOT

END_S = 120.0
DELAY_MS = 150.0
ServerProcess = Callable[..., Any]


def locust(folder: Path, file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != RUN_VARIABLE}
    env["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(file), "--headless", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )


def left_by(folder: Path) -> tuple[Path, Plan, History]:
    (root,) = (folder / "results").glob("locust-*")
    own = RunFolder(root / "experiments" / "locust")
    return root, own.read_plan(), read_history(own.history)


def test_a_run_of_some_seconds_has_these_seconds_of_load_and_can_be_judged(
    server_process: ServerProcess, tmp_path: Path
) -> None:
    server = server_process(delay_ms=DELAY_MS)
    words = ["--host", server.url, "-u", "20", "-r", "20", "-t", "4s", "--processes", "2"]
    words += ["--scenario", "read_mix", "--tags", "load_table", "--csv", "c", "--html", "h.html"]
    done = locust(tmp_path, ROOT / "locustfile.py", *words)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "c_stats.csv").exists()
    assert (tmp_path / "h.html").exists()
    root, plan, history = left_by(tmp_path)
    assert plan.complete
    assert plan.duration_s == 4.0, "the time in which the data set was built is not counted"
    loads = [one for one in history.workers if one.startswith("load-")]
    assert len(loads) == 2
    assert not history.with_outcome(Outcome.INFO).any(), "what was under way may end"
    found = judge_review(root)
    assert [(one.kind, one.name) for one in found.asked] == [("scenario", "read_mix")]
    assert not found.damage
    assert found.verdict != "fail"


def test_a_locustfile_of_a_users_own_reuses_actions_and_has_a_shape(
    server_process: ServerProcess, tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "locust.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    own = tmp_path / "own.py"
    own.write_text(example.replace("> 120", "> 4").replace("< 60", "< 2"))
    server = server_process(delay_ms=DELAY_MS)
    done = locust(tmp_path, own, "--host", server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    _, plan, history = left_by(tmp_path)
    assert [role.name for role in plan.roles] == ["reader"]
    assert len(history) > 20
    assert not history.with_outcome(Outcome.INFO).any(), "nothing was cut off"


def test_a_host_elsewhere_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    done = locust(tmp_path, ROOT / "locustfile.py", "--host", "http://192.0.2.1:8181", "-t", "2s")
    assert done.returncode == 64
    assert "is not this machine" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()
