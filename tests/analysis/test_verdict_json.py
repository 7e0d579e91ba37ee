"""Verdicts survive JSON, whatever a judge put into its evidence."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

import numpy as np

from analysis.verdict_json import plain, read_json, verdict_object, write_json
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
        name="x", judgement=Judgement.FAIL, reason="r\ud800", evidence=({"n": np.int8(3)},)
    )
    write_json(tmp_path / "v.json", {"v": verdict_object(verdict)})
    assert read_json(tmp_path / "v.json")["v"]["evidence"] == [{"n": 3}]


def test_a_torn_file_is_an_empty_object(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"a": ')
    assert read_json(tmp_path / "v.json") == {}
    assert read_json(tmp_path / "none.json") == {}
