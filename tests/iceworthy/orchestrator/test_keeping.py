"""--keep: the stack stays up at a fail or at the end, and its wait ends by Ctrl-C or by itself."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.orchestrator import conduct, keeping
from iceworthy.orchestrator.interrupt import installed, was_asked
from iceworthy.orchestrator.keeping import keep_up, keeper, stops_here
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.asked import AskedFor
from iceworthy.words.errors import StackError
from iceworthy.words.target import NodeSpec, TargetSpec
from tests.analysis.conftest import synthetic  # noqa: F401

HOUR = 3600.0


class Live:
    """A stack whose first check ends the wait in the given way."""

    def __init__(self, ends: BaseException) -> None:
        self.ends = ends

    def check(self) -> None:
        raise self.ends


def waited(monkeypatch: pytest.MonkeyPatch, ends: BaseException, seconds: float = HOUR) -> str:
    monkeypatch.setattr(keeping, "addresses", lambda _live: ["node 0      http://127.0.0.1:1"])
    monkeypatch.setattr(keeping, "LOOK_S", 0.0)
    stream = io.StringIO()
    keep_up(Live(ends), seconds, "contract fails", Progress(stream))
    return stream.getvalue()


def test_ctrl_c_ends_the_wait_and_not_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed():
        said = waited(monkeypatch, KeyboardInterrupt())
        assert not was_asked()
    assert "contract fails: the stack stays up for 3600 s; Ctrl-C ends it" in said
    assert "node 0      http://127.0.0.1:1" in said
    assert said.splitlines()[-1].endswith("stopping it")


def test_a_stack_that_ended_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    said = waited(monkeypatch, StackError("PostgreSQL is gone"))
    assert "the stack ended by itself: PostgreSQL is gone" in said


def test_the_wait_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stopping it" in waited(monkeypatch, KeyboardInterrupt(), seconds=0.0)


def settings(tmp_path: Path, **more: Any) -> Settings:
    spec = TargetSpec(name="x", summary="")
    return Settings(target=spec, target_name="x", seed=1, results=tmp_path, **more)


def test_it_stays_up_at_a_fail_of_what_was_asked_and_else_at_the_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept: list[str] = []
    failing: set[str] = set()
    monkeypatch.setattr(keeping, "fails", lambda folder: folder.name in failing)
    monkeypatch.setattr(keeping, "keep_up", lambda _live, _s, why, _progress: kept.append(why))
    asked = (AskedFor(kind="case", name="c", experiment="contract"),)
    given = settings(tmp_path, keep_s=HOUR, asked=asked)

    def ended(name: str, *, is_last: bool) -> list[str]:
        kept.clear()
        keep = keeper(given, Progress(io.StringIO()), is_last=is_last)
        assert keep is not None
        keep(None, tmp_path / name)
        return kept

    assert ended("survey", is_last=False) == []
    assert ended("contract", is_last=True) == ["contract is done"]
    failing.update({"survey", "contract"})
    assert ended("survey", is_last=False) == []
    assert ended("contract", is_last=True) == ["contract fails"]
    assert stops_here("contract", given, tmp_path / "contract")
    assert not stops_here("survey", given, tmp_path / "survey")
    assert not stops_here("contract", settings(tmp_path), tmp_path / "contract")
    assert keeper(settings(tmp_path), Progress(io.StringIO()), is_last=True) is None


def test_a_fail_is_seen_in_a_folder_that_is_not_sealed_yet(synthetic: Any) -> None:  # noqa: F811
    for ended, wanted in (("broken", True), ("holds", False)):
        run = synthetic(f"contract-{ended}", scenario=None, inquiry="contract")
        run.case(ended)
        run.done()
        assert keeping.fails(run.folder.root) is wanted


@pytest.mark.parametrize("ended", ["broken", "holds"])
def test_a_fail_is_seen_while_the_stack_of_its_run_is_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ended: str
) -> None:
    """The folder as run_experiment leaves it at that moment, and not as a test would write it."""
    live = SimpleNamespace(nodes=(), versions=dict)
    monkeypatch.setattr(conduct, "_stack", lambda *_: contextlib.nullcontext(live))

    def asked(_experiment: Any, _live: Any, state: Any, _progress: Any) -> None:
        state.folder.append(
            CaseResult(
                case="tables.a_case",
                about="loadTable",
                requirement="FR-001",
                says="the words",
                ended=ended,
                expected="200",
                got="500",
                request="curl …",
            )
        )

    monkeypatch.setattr(conduct, "_conduct", asked)
    spec = TargetSpec(name="x", summary="", node=NodeSpec(urls=("http://127.0.0.1:1",)))
    given = Settings(target=spec, target_name="x", seed=1, results=tmp_path, keep_s=HOUR)
    seen: list[bool] = []
    conduct.run_experiment(
        "contract",
        given,
        RunFolder(tmp_path / "contract"),
        Progress(io.StringIO()),
        review=tmp_path,
        keep=lambda _live, root: seen.append(keeping.fails(root)),
    )
    assert seen == [ended == "broken"]
