"""`make bench` at small sizes: its figures, what it computes, and what it does without an end."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.stack.processes import Leash
from iceworthy.words.errors import StackError
from scenarios.bench import run
from scenarios.bench.run import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(run, "PACED_SESSIONS", 20)
    monkeypatch.setattr(run, "CLOSED_SESSIONS", 4)
    with Leash() as leash:
        yield Bench(leash=leash, work=tmp_path, paced_s=2.0, closed_s=1.0)


def test_the_engine_is_measured_paced_and_closed(bench: Bench) -> None:
    figures = run.load_figures(bench)
    assert figures.keys() == {
        "load_paced_us",
        "load_paced_with_start_us",
        "load_closed_us",
        "load_rss_mb",
    }
    assert all(value > 0 for value in figures.values()), figures
    assert figures["load_paced_with_start_us"] > figures["load_paced_us"], "importing costs"


def test_a_command_is_measured_and_its_failure_is_told(bench: Bench) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    spent = bench.measured("burns", [sys.executable, "-c", burn], {**os.environ}, deadline_s=60)
    assert spent["cpu_s"] >= 0.3
    assert spent["rss_mb"] > 1
    fails = [sys.executable, "-c", "print('no such rate'); raise SystemExit(3)"]
    with pytest.raises(StackError, match=r"(?s)fails ended with 3.*no such rate"):
        bench.measured("fails", fails, {**os.environ}, deadline_s=60)
    hangs = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(StackError, match="hangs did not end in 1 s"):
        bench.measured("hangs", hangs, {**os.environ}, deadline_s=1.0)


def test_true_latencies_are_those_of_an_even_rate_under_the_stall() -> None:
    second = 10**9
    found = run._true_latencies_ms(0, 4.0, (second, 2 * second), calm_ms=6.0)
    rate = int(run.STALL_SESSIONS / run.STALL_PERIOD_S)
    assert len(found) == 4 * rate
    assert found[0] == found[-1] == 6.0
    assert max(found) == pytest.approx(1006.0)
    waiting = [value for value in found if value > 6.0]
    assert len(waiting) == pytest.approx(rate, abs=2)
    assert sum(waiting) / len(waiting) == pytest.approx(506.0, rel=0.02)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 3.0), (0.99, 5.0), (1.0, 5.0)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert run._percentile([5.0, 1.0, 4.0, 2.0, 3.0], share) == value


def test_figures_are_merged_and_a_broken_file_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results" / "bench.json"
    monkeypatch.setattr(run, "OUT", out)
    run._merge({"a": 1})
    run._merge({"b": 2})
    assert json.loads(out.read_text()) == {"a": 1, "b": 2}
    out.write_text("{")
    run._merge({"b": 3})
    assert json.loads(out.read_text()) == {"b": 3}
    assert out.with_suffix(".broken").read_text() == "{"
    run._print({"long_name": 1.5, "b": 3})
    assert capsys.readouterr().out.splitlines()[:2] == ["b          3", "long_name  1.5"]
