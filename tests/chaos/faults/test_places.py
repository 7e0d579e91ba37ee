"""Every fault says where it bites and what it needs, and both are true before anything starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from iceworthy import discovery
from iceworthy.orchestrator import conduct, listing
from iceworthy.orchestrator.availability import why_no_experiment, why_no_fault
from iceworthy.orchestrator.conduct import run_experiment
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import FaultError, Unavailable
from iceworthy.words.fault import NEEDS, Place, why_not
from iceworthy.words.target import DatabaseSpec, NodeSpec, TargetSpec

FAULTS = sorted(discovery.names("fault"))
EXPERIMENTS = sorted(discovery.names("experiment"))
WHOLE = TargetSpec(name="whole", summary="", node=NodeSpec(command=("x",)))
HIDDEN = replace(WHOLE, name="hides", database=DatabaseSpec(kind="hidden"))
RUNNING = TargetSpec(
    name="runs",
    summary="",
    node=NodeSpec(urls=("http://127.0.0.1:1", "http://127.0.0.1:2")),
    database=DatabaseSpec(kind="hidden"),
)
WORKS_ON_ITS_OWN = {
    "contract",
    "contention",
    "differential",
    "fuzz",
    "single_node",
    "steady",
    "survey",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_says_its_place_and_its_needs(name):
    fault = discovery.load("fault", name)
    assert isinstance(fault.place, Place)
    assert (fault.place.link_to is not None) == (fault.place.kind == "link")
    assert set(fault.needs) <= set(NEEDS)
    assert fault.takes_away <= {"node", "database", "storage"}
    assert isinstance(fault.interrupts, bool)
    if fault.place.kind == "link":
        assert f"{fault.place.link_to}_link" in fault.needs
    if fault.place.kind in ("node", "machine"):
        assert "process" in fault.needs
    if "database" in fault.takes_away:
        assert "database" in (fault.place.link_to, fault.place.kind)


@pytest.mark.parametrize("name", FAULTS)
def test_what_it_needs_is_all_it_needs_and_nothing_else(name, fake_target):
    """Available exactly where inject() does not fail for want of a part."""
    params = {"slow_ms": 0} if name in ("cut_link", "kill_node", "drain_node") else {}
    for spec, target in (
        (WHOLE, fake_target()),
        (HIDDEN, fake_target(hidden=True)),
        (RUNNING, fake_target(hidden=True, command=())),
    ):
        why = why_no_fault(name, spec)
        fault = discovery.load("fault", name)(params)
        if why:
            assert spec.name in why
            with pytest.raises(FaultError, match="needs"):
                fault.inject(target, 0)
        else:
            for node in target.nodes:
                if node.database_link is not None:
                    node.database_link.proof = {
                        "round_trip_before_ms": 1.0,
                        "round_trip_ms": 200.0,
                    }
            assert fault.inject(target, 0).fault == name
        fault.heal(target, 0)


def test_every_need_is_refused_somewhere_and_says_what_to_do():
    for need in NEEDS:
        assert need in ("storage_link",) or not why_not([need], WHOLE)
        assert "runs" in why_not([need], RUNNING)
    with pytest.raises(KeyError, match="no need named 'a_wish'"):
        why_not(["a_wish"], WHOLE)


def test_describe_says_whether_a_target_can_have_it():
    assert "bites: the link between a node and its database" in listing.describe_text(
        "fault:cut_link", WHOLE
    )
    assert "on whole: available" in listing.describe_text("fault:cut_link", WHOLE)
    assert "on hides: not available: cut_link: it needs" in listing.describe_text(
        "fault:cut_link", HIDDEN
    )
    assert "on hides: available" in listing.describe_text("experiment:kill_node", HIDDEN)
    assert "on runs: not available" in listing.describe_text("experiment:kill_node", RUNNING)
    assert "on hides: not available" in listing.describe_text("experiment:commit_stepper", HIDDEN)
    assert "on " not in listing.describe_text("checker:listings", RUNNING).splitlines()[-1]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_without_faults_can_be_had_everywhere(name):
    experiment = discovery.load("experiment", name)
    assert not why_no_experiment(experiment, WHOLE)
    assert (name in WORKS_ON_ITS_OWN) == (not why_no_experiment(experiment, RUNNING))


def test_an_experiment_that_cannot_be_had_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        conduct, "START", {"processes": lambda *_, **__: pytest.fail("it was started")}
    )
    settings = Settings(target=RUNNING, target_name="runs", seed=1, results=tmp_path)
    folder = RunFolder(tmp_path / "kill_node")
    with pytest.raises(Unavailable, match="not for this target: kill_node: it needs nodes"):
        run_experiment("kill_node", settings, folder, Progress(), review=tmp_path)
    assert "not for this target" in folder.read_plan().stopped_because
