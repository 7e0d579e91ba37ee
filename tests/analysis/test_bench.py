"""The judge's benchmark, small: its history is passed by every checker and its figures are kept."""

from __future__ import annotations

import json
from pathlib import Path

from analysis import bench as _bench


def test_the_synthetic_history_is_judged_and_its_figures_join_those_of_others(
    tmp_path: Path,
) -> None:
    path = tmp_path / "results" / "bench.json"
    _bench.merge(path, {"load_paced_us": 1.5})
    _bench.merge(path, _bench.measure((2_000, 4_000)))
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["load_paced_us"] == 1.5
    assert found["judge_ops"] == 4_000
    assert found["judge_s"] > 0
    assert "judge_exponent" in found
