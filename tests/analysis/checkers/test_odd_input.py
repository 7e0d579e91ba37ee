"""Checkers on input that no honest recorder or catalog makes: a verdict, never an exception."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from analysis.history import DTYPE
from analysis.run import Run
from iceworthy.record.history import Recorder
from iceworthy.record.history_format import OPS_HEADER
from iceworthy.words.verdict import Judgement, Verdict

ODD_NUMBERS = (-1, 0, 1, -2, 1 << 62, (1 << 63) - 1, -(1 << 63), 404, 500)
ODD_FACTS: tuple[Any, ...] = (
    {"snapshots": [[1 << 70, None, 1]], "main": 1 << 70, "current": 1 << 70, "log": [1 << 70]},
    {"snapshots": [["7", "6", None], [5]], "main": "7", "current": None, "log": ["x"]},
    {"snapshots": [None, [], 3, [1, 2, 3, 4]], "main": 1, "log": None},
    {"snapshots": [[1, 2, 1], [2, 1, 2]], "main": 2, "current": 1, "last_sequence": "two"},
    {"snapshots": [], "main": 5, "properties": {"a": None}},
    {"properties": []},
    {"names": [1, "a"]},
    {"set": {"a": "b"}, "removed": None},
    {"destination": 5},
    {"destination": "not/seen"},
    {"expired": [1], "rolled_back": None},
    {"snapshots": [[-(1 << 63), None, 1]], "main": -(1 << 63), "current": -(1 << 63)},
)


def spoil(root: Path, rng: random.Random) -> None:
    """Change fields of random records to odd values, and random facts to odd ones."""
    path = root / "history" / "load-0.ops"
    ops = np.fromfile(path, dtype=DTYPE, offset=len(OPS_HEADER))
    for _ in range(rng.randrange(1, 60)):
        row = rng.randrange(len(ops))
        name = rng.choice([n for n in DTYPE.names or () if n not in ("key", "operation", "error")])
        info = np.iinfo(DTYPE[name])
        ops[row][name] = min(max(rng.choice(ODD_NUMBERS), info.min), info.max)
    ops["outcome"] %= 4
    path.write_bytes(OPS_HEADER + ops.tobytes())
    seen = root / "history" / "load-0.seen.jsonl"
    lines = seen.read_text(encoding="utf-8").splitlines()
    for _ in range(10):
        lines.append(json.dumps({"op": rng.randrange(len(ops)), **rng.choice(ODD_FACTS)}))
    seen.write_text("\n".join(lines) + "\n" + '{"op": 1, "torn', encoding="utf-8")


@pytest.mark.parametrize("seed", range(40))
def test_a_spoiled_history_is_judged_without_an_exception(
    seed: int,
    tmp_path: Path,
    simulated: ModuleType,
    judged: Callable[[str, Run], Verdict],
    checkers: tuple[str, ...],
) -> None:
    simulated.Simulation(tmp_path / "run", seed).run()
    spoil(tmp_path / "run", random.Random(seed))
    run = Run(tmp_path / "run")
    for name in checkers:
        verdict = judged(name, run)
        assert json.dumps(verdict.evidence)
        assert len(verdict.evidence) <= 20


def test_nothing_recorded_is_unknown_to_every_checker(
    tmp_path: Path, judged: Callable[[str, Run], Verdict], checkers: tuple[str, ...]
) -> None:
    Recorder(tmp_path / "started" / "history", "load-0").close()
    for root in (tmp_path / "missing", tmp_path / "started"):
        for name in checkers:
            assert judged(name, Run(root)).judgement is Judgement.UNKNOWN
