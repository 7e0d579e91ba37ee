"""Runs the whole command against other kinds of targets than the shipped ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from iceworthy.cli import main
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.verdicts import ExperimentRuling, read_rulings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A run that came to its end: its exit code, and what its judges said."""

    code: int
    root: Path

    def folder(self, experiment: str) -> RunFolder:
        return RunFolder(self.root / "experiments" / experiment)

    def verdicts(self, experiment: str) -> dict[str, ExperimentRuling]:
        """Judge -> its verdict."""
        return {one.judge: one for one in read_rulings(self.folder(experiment).verdicts)}

    def failed(self, experiment: str) -> dict[str, str]:
        """Judge -> reason, of those that failed."""
        return {
            name: one.reason
            for name, one in self.verdicts(experiment).items()
            if one.verdict == "fail"
        }

    def broken(self) -> list[str]:
        """The cases that are broken in the survey."""
        cases = self.folder("survey").read(CaseResult)
        return [f"{one.case}: {one.got}" for one in cases if one.ended == "broken"]


# Where other tests work beside the run, how fast it is says nothing: each limit of time is its own.
UNHURRIED = ("read_p95_ms=600000", "probe_ms=600000", "start_s=600", "shutdown_s=600")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Reviewed]:
    """run(target file's text, *arguments): `iceworthy run mix` against it, short and small."""

    def started(text: str, *arguments: str) -> Reviewed:
        target = tmp_path / "foreign.toml"
        target.write_text(text, encoding="utf-8")
        results = tmp_path / "results"
        code = main(
            [
                "run",
                "mix",
                "--target",
                str(target),
                "--results",
                str(results),
                "--sessions",
                "40",
                "--duration",
                "5",
                "--seed",
                "3",
                *(word for limit in UNHURRIED for word in ("--limit", limit)),
                *arguments,
            ]
        )
        return Reviewed(code=code, root=(results / "latest").resolve())

    return started
