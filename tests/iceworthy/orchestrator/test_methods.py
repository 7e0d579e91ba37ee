"""A method is one file: an experiment names it, and conduct() is given the running target."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from iceworthy import discovery
from iceworthy.orchestrator import conduct
from iceworthy.orchestrator.conduct import first_plan, load_scenario, resolve, run_experiment
from iceworthy.orchestrator.methods import load as load_method
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.review import opening
from iceworthy.orchestrator.settings import Settings
from iceworthy.orchestrator.stage import Stage
from iceworthy.record.known import Known, write_known
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEvent
from iceworthy.words.experiment import Custom, Drive, Experiment, Inquire, Load
from iceworthy.words.target import NodeSpec, TargetSpec

SPEC = TargetSpec(name="t", summary="t", node=NodeSpec(command=("x",), count=2))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(target=SPEC, target_name="t", seed=5, results=tmp_path)


def planned(name: str, settings: Settings) -> Any:
    experiment = resolve(name, settings)
    return first_plan(name, experiment, load_scenario(experiment), settings, 62)


def test_the_plan_holds_what_each_method_says(settings: Settings) -> None:
    load = planned("kill_node", settings)
    assert (load.scenario, load.sessions, load.duration_s) == ("mix", 600, 20.0)
    assert [fault.node for fault in load.faults] == [0, 1]
    assert load.driver is load.inquiry is None
    assert planned("steady", settings).sessions == 1000
    drive = planned("commit_stepper", settings)
    assert (drive.driver, drive.scenario, drive.params["budget_s"]) == ("commit_stepper", None, 120)
    assert planned("contract", settings).inquiry == "contract"
    assert planned("contract", settings).world is None


def test_a_change_reaches_the_methods_that_have_its_field(settings: Settings) -> None:
    asked = dataclasses.replace(settings, sessions=7, overrides={"duration_s": 9.0})
    assert planned("steady", asked).sessions == 7
    assert planned("steady", asked).duration_s == 9.0
    assert planned("commit_stepper", asked).duration_s == 9.0
    assert planned("contract", asked).sessions == 0


def test_every_run_begins_with_the_survey_and_a_broken_file_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert opening() == ("survey",)
    known = {**discovery.names("experiment"), "no_such_file": Path("no_such_file.py")}
    monkeypatch.setattr("iceworthy.orchestrator.review.names", lambda _: known)
    assert opening() == ("survey",)


@pytest.mark.parametrize("method", [Load(scenario="mix"), Drive(driver="x"), Inquire(inquiry="x")])
def test_each_method_names_a_file(method: Any) -> None:
    assert callable(discovery.load("method", method.conductor))


def test_a_new_method_is_one_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_over: Any
) -> None:
    seen: list[tuple[float, str, int]] = []

    def nap(method: Custom, stage: Stage) -> None:
        stage.cleanup.callback(seen.append, (0.0, "undone", 0))
        seen.append((method.params["rest_s"], stage.folder.name, stage.plan.seed))

    module = ModuleType("iceworthy.orchestrator.methods.nap")
    module.conduct = nap  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    experiment = Experiment(hypothesis="h", method=Custom(conductor="nap", params={"rest_s": 0.5}))
    real = discovery.path_of
    monkeypatch.setattr(
        discovery, "path_of", lambda kind, name: Path(name) if name == "nap" else real(kind, name)
    )
    monkeypatch.setattr(conduct, "resolve", lambda *_: experiment)
    live = live_over(urls=["http://127.0.0.1:1"])
    live.check, live.versions = lambda **_: None, dict

    @contextlib.contextmanager
    def start(*_: Any, **__: Any) -> Iterator[Any]:
        yield live

    monkeypatch.setattr(conduct, "START", {"processes": start})
    folder = RunFolder(tmp_path / "rest")
    known = Known(id_bits=53, endpoints=("GET /v1/config",))
    write_known(tmp_path, known)
    run_experiment("rest", settings, folder, Progress(), review=tmp_path)
    assert seen == [(0.5, "rest", 5), (0.0, "undone", 0)]
    plan = folder.read_plan()
    assert plan.complete
    assert plan.known == known
    assert plan.params == {"rest_s": 0.5}


def test_errors_since_a_fault_are_named_as_expected_of_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.root.mkdir()
    plan: Any = planned("kill_node", settings)
    stage: Any = SimpleNamespace(folder=folder, plan=plan)
    length = load_method.LoadLength(planned_s=20.0)

    def told(errors: int) -> str:
        return load_method._told_errors(length, stage, errors)

    def event(what: str, at_ns: int) -> None:
        folder.append(FaultEvent(fault="kill", event=what, t_ns=at_ns, node=1))  # type: ignore[arg-type]

    assert told(2) == "2 errors"
    event("inject", 1)
    assert told(2) == "2 errors"
    assert told(9) == "2 errors and 7 expected during kill"
    event("heal", 2)
    assert told(9) == "2 errors and 7 expected after kill"
    looked: list[str] = []
    read = RunFolder.read
    monkeypatch.setattr(RunFolder, "read", lambda *one: looked.append("read") or read(*one))
    for _ in range(5):
        told(9)
    assert not looked, "the stream did not grow, and was read again"
    event("inject", 3)
    assert told(11) == "2 errors and 9 expected during kill"
    assert looked == ["read"]
    calm: Any = SimpleNamespace(folder=folder, plan=planned("steady", settings))
    assert load_method._told_errors(length, calm, 4) == "4 errors"
