"""What was cut, changed or lost after the run is named; what was appended is no damage."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.run import Run
from iceworthy.record.seal import damage, seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "load-0.ops").write_bytes(bytes(range(200)))
    (tmp_path / "windows.jsonl").write_text('{"name": "a"}\n')
    (tmp_path / "plan.json").write_text("{}")
    return tmp_path


def test_what_is_as_it_was_is_whole_whatever_is_written_later(folder: Path) -> None:
    sealed = seal(folder)
    assert set(sealed) == {"history/load-0.ops", "windows.jsonl"}
    (folder / "plan.json").write_text('{"complete": true}')
    (folder / "verdicts.json").write_text("[]")
    with open(folder / "windows.jsonl", "a") as file:
        file.write("more\n")
    assert damage(folder, sealed) == ""


def test_what_was_cut_changed_or_lost_is_named(folder: Path) -> None:
    sealed = seal(folder)
    ops = folder / "history" / "load-0.ops"
    ops.write_bytes(ops.read_bytes()[:77])
    assert (
        damage(folder, sealed) == "history/load-0.ops holds 77 of the 200 bytes that the run wrote"
    )
    ops.write_bytes(bytes(200))
    assert damage(folder, sealed) == "history/load-0.ops is not what the run wrote"
    ops.unlink()
    assert damage(folder, sealed) == "history/load-0.ops is missing or cannot be read"


@pytest.mark.parametrize("facts", [[], ["x", 1]])
def test_a_damaged_seal_is_damage(folder: Path, facts: list[Any]) -> None:
    plan = {"format": 1, "experiment": "x", "sealed": {"windows.jsonl": facts}}
    (folder / "plan.json").write_text(json.dumps(plan))
    assert "sealed.windows.jsonl" in Run(folder).damage
    assert damage(folder, {}) == ""
