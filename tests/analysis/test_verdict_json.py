"""Verdicts survive JSON, whatever a judge put into its evidence."""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path

import numpy as np

from analysis.verdict_json import plain, verdict_fields
from iceworthy.record.verdicts import (
    ExperimentRuling,
    LimitValue,
    MeasuredValue,
    read_rulings,
    write_rulings,
)
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Judgement, Verdict


class Word(StrEnum):
    YES = "yes"


def test_numbers_of_numpy_infinities_and_odd_objects_become_plain() -> None:
    odd = {
        1: np.int64(1 << 62),
        "f": np.float64("nan"),
        "i": float("inf"),
        "a": np.arange(2),
        "s": {3},
        "p": Path("x"),
        "w": Word.YES,
        "b": np.bool_(True),
    }
    found = json.loads(json.dumps(plain(odd), allow_nan=False))
    wanted = {"1": 1 << 62, "f": None, "i": None, "a": [0, 1], "s": [3], "p": "x", "w": "yes"}
    assert found == wanted | {"b": True}


def test_a_verdict_is_written_and_read_back(tmp_path: Path) -> None:
    verdict = Verdict(
        name="x",
        judgement=Judgement.FAIL,
        reason="r\ud800",
        evidence=({"n": np.int8(3)},),
        measures=(Measure(name="late", value=math.inf, unit="s", of=2),),
        limits=(Limit(name="late", relation="<=", value=np.int64(5), unit="s"),),  # type: ignore[arg-type]
    )
    line = ExperimentRuling(**verdict_fields(verdict))
    write_rulings(tmp_path / "v.json", [line])
    (read,) = read_rulings(tmp_path / "v.json")
    assert read == line
    assert read.reason == "r?"
    assert read.evidence == ({"n": 3},)
    assert read.measures == (MeasuredValue(name="late", unit="s", of=2),)
    assert read.limits == (LimitValue(name="late", relation="<=", value=5, unit="s"),)
