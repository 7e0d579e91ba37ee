"""The cases about a requirement, as steps on one stack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from iceworthy import standing
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.reproduce import Reproduced
from iceworthy.orchestrator.settings import Settings
from iceworthy.words.target import TargetSpec


def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *endings: tuple[str, str]) -> int:
    @contextmanager
    def stack(_: Settings) -> Iterator[tuple[object, Progress]]:
        yield object(), Progress(quiet=True)

    def steps(*_: Any) -> Iterator[Reproduced]:
        for name, ended in endings:
            yield Reproduced(case=name, ended=ended, lines=(f"{name} {ended}",))

    monkeypatch.setattr(standing, "_stack", stack)
    monkeypatch.setattr(standing, "step_by_step", steps)
    settings = Settings(
        target=TargetSpec(name="reference", summary="s"),
        target_name="reference",
        seed=1,
        results=tmp_path,
    )
    return standing.tell_cases("EC-5", settings)


def test_of_cases_of_one_name_that_hold_the_first_is_shown_and_each_broken_case(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = told(
        monkeypatch, tmp_path,
        ("a.x[1]", "holds"), ("a.x[2]", "holds"), ("a.x[3]", "broken"), ("a.y", "skipped"),
    )  # fmt: skip
    assert code == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert lines == ["a.x[1] holds", "a.x[3] broken"]
    assert last.endswith("cases: 2 hold, 1 are broken, 1 are skipped")


@pytest.mark.parametrize(
    ("endings", "code"),
    [
        (("holds", "skipped"), 0),
        (("skipped", "skipped"), 2),
        (("holds", "unknown"), 2),
        (("unknown", "broken"), 1),
        (("remark", "holds"), 0),
    ],
)
def test_the_exit_code_is_that_of_all_cases(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, endings: tuple[str, ...], code: int
) -> None:
    assert told(monkeypatch, tmp_path, *((f"a.{n}", one) for n, one in enumerate(endings))) == code
