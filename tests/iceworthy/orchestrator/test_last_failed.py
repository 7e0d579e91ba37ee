"""--last-failed: the experiments or cases that failed in the newest run of the same target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iceworthy import cli, walking
from iceworthy.orchestrator import review, single
from iceworthy.orchestrator.last_failed import broken_cases, failed_experiments
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import PlanError
from tests.streams import append_line

FIRST, SECOND = "namespaces.dropping_twice_is_not_found", "namespaces.properties_may_be_left_out"


def saved(results: Path, name: str, target: str = "reference", **experiments: str) -> Path:
    root = results / name
    (root / "experiments").mkdir(parents=True)
    (root / "review.json").write_text(json.dumps({"format": 1, "target_name": target}))
    rows = {one: {"verdict": verdict} for one, verdict in experiments.items()}
    facts = {"format": 1, "verdict": "fail", "experiments": rows}
    (root / "verdicts.json").write_text(json.dumps(facts))
    return root


def asked(root: Path, **cases: str) -> None:
    folder = RunFolder(root / "experiments" / "contract")
    folder.root.mkdir()
    for name, ended in cases.items():
        append_line(
            folder, "cases", case=f"namespaces.{name}", about="x", requirement="FR-001", ended=ended
        )


def test_the_newest_run_of_the_same_target_counts(tmp_path: Path) -> None:
    saved(tmp_path, "20260101T000000Z-a", steady="fail")
    saved(tmp_path, "20260102T000000Z-a", mix="fail", steady="pass", fuzz="unknown")
    saved(tmp_path, "20260103T000000Z-b", "other.toml", fuzz="fail")
    (tmp_path / "latest").symlink_to("20260103T000000Z-b")
    assert failed_experiments(tmp_path, "reference") == ("mix",)
    assert failed_experiments(tmp_path, "other.toml") == ("fuzz",)


def test_the_newest_run_that_asked_the_contract_has_the_cases(tmp_path: Path) -> None:
    asked(saved(tmp_path, "20260101T000000Z-a"), one="broken", two="holds", three="unknown")
    saved(tmp_path, "20260102T000000Z-a", mix="fail")
    assert broken_cases(tmp_path, "reference") == ("namespaces.one",)


def test_nothing_that_failed_is_said_and_runs_nothing(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no judged run of reference"):
        failed_experiments(tmp_path, "reference")
    asked(saved(tmp_path, "20260101T000000Z-a", steady="pass"), one="holds")
    with pytest.raises(PlanError, match="no experiment failed in"):
        failed_experiments(tmp_path, "reference")
    with pytest.raises(PlanError, match="no case failed in"):
        broken_cases(tmp_path, "reference")


def test_the_command_runs_them_and_is_repeated_with_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(
        saved(tmp_path, "20260101T000000Z-a", contract="fail"),
        dropping_twice_is_not_found="broken",
        properties_may_be_left_out="broken",
    )
    seen: list[Any] = []
    monkeypatch.setattr(review, "run_review", lambda settings, _progress: seen.append(settings))
    monkeypatch.setattr(walking, "conclude", lambda *_: 0)
    common = ["--last-failed", "--results", str(tmp_path), "--seed", "7"]
    assert cli.main(["run", "contract", *common]) == 0
    assert cli.main(["review", *common]) == 0
    cases, whole = seen
    assert [one.name for one in cases.asked] == [FIRST, SECOND]
    assert cases.command.endswith(f"--seed 7 --case {FIRST} --case {SECOND}")
    assert whole.only == ("contract",)
    assert "--last-failed" not in whole.command
    assert whole.command.endswith("--only contract")
    assert cli.main(["run", "mix", *common]) == 64
    assert single.CALM == "steady"
