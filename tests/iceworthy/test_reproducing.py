"""`iceworthy reproduce`: which words it takes, what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iceworthy import cli, reproducing
from iceworthy.orchestrator.repeating import Failure, Repeated
from iceworthy.orchestrator.settings import Settings
from iceworthy.orchestrator.shrinking import SmallWorld
from iceworthy.record.plan import Plan
from iceworthy.reproducing import _root_of, _target_of, _tell_repeated
from iceworthy.words.errors import PlanError
from iceworthy.words.target import TargetSpec

FAILURE = Failure(
    requirement="EC-4", experiment="drain_node", plan=Plan(experiment="drain_node", seed=7)
)
WORLD = SmallWorld(sessions=18, duration_s=8.0, warmup_s=1.0)


def settings(tmp_path: Path) -> Settings:
    return Settings(
        target=TargetSpec(name="reference", summary="s"),
        target_name="my own.toml",
        seed=1,
        results=tmp_path,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "no case named"),
        (["x.tar.gz"], "expected the id of a requirement behind the bundle"),
        (["x.tar.gz", "EC-4"], "no such bundle"),
        (["nowhere", "EC-4"], "no results folder"),
        (["SC-008"], "nothing of this version decides it"),
        (["nowhere", "EC-4", "--tries", "0"], "expected a number from 1 to 1000"),
        (["nowhere", "EC-4", "--tries", "١"], "expected a number from 1 to 1000"),
        (["nowhere", "EC-4", "--budget", "-1"], "expected"),
    ],
)
def test_a_wrong_word_is_64_and_starts_nothing(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert cli.main(["reproduce", *words]) == 64
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_failure_that_no_try_shows_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = Repeated(failure=FAILURE, failed=0, tries=3, world=WORLD, root=None)
    assert _tell_repeated(done, settings(tmp_path)) == 2
    assert "EC-4 did not fail in 3 tries of drain_node" in capsys.readouterr().out


def test_a_failure_has_its_rate_its_least_world_and_a_bundle_that_can_be_reproduced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(reproducing, "tell_story", lambda *given: told.append(given))
    root = tmp_path / "20261128T000000Z-reference-1"
    (root / "experiments").mkdir(parents=True)
    (root / "review.json").write_text("{}")
    done = Repeated(failure=FAILURE, failed=9, tries=10, world=WORLD, root=root)
    assert _tell_repeated(done, settings(tmp_path)) == 1
    assert told == [(root, "drain_node", "EC-4")]
    said = capsys.readouterr().out
    bundle = tmp_path / f"{root.name}-EC-4.tar.gz"
    assert "EC-4 fails in 9 of 10 tries" in said
    assert "least    drain_node: 18 sessions for 8 s, no fault" in said
    assert f"again    iceworthy reproduce {bundle} EC-4 --target 'my own.toml'" in said

    class Own:
        def make_folder(self, parent: Path, *, prefix: str) -> Path:
            made = tmp_path / prefix
            made.mkdir()
            return made

    unpacked: Path = _root_of(str(bundle), Own())  # type: ignore[arg-type]
    assert (unpacked / "review.json").read_text() == "{}"


def test_a_bundle_names_no_file_of_this_machine() -> None:
    assert _target_of("latest", "/tmp/my.toml") == "/tmp/my.toml"
    assert _target_of("x.tar.gz", "reference") == "reference"
    with pytest.raises(PlanError, match="expected --target with a file of this one"):
        _target_of("x.tar.gz", "/tmp/my.toml")
