"""The commit stepper on real catalogs over a real PostgreSQL: what it holds, and what it finds.

The catalog of three COMMITs beside this file is honest by default; its bugs are the stepper's prey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.checkers.commit_steps import check
from analysis.run import Run
from chaos.drivers import DriverPlan
from chaos.drivers.commit_stepper import drive
from fixtures.stack.stack import open_stack
from iceworthy.client.auth import header_source
from iceworthy.client.connect import wire_for
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import FaultError
from iceworthy.words.target import DatabaseSpec, NodeSpec, TargetSpec
from iceworthy.words.target_file import load_target
from iceworthy.words.verdict import Judgement
from tests.streams import lines_of

SCRIPT = Path(__file__).with_name("journal_catalog.py")
Stepped = tuple[Any, list[dict[str, Any]]]


def journal(*more: str) -> TargetSpec:
    """The catalog of three COMMITs as a target."""
    command = (
        "{python}",
        str(SCRIPT),
        "--host",
        "{host}",
        "--port",
        "{port}",
        "--db-host",
        "{db_host}",
        "--db-port",
        "{db_port}",
        "--db-user",
        "{db_user}",
        "--db-password",
        "{db_password}",
        "--db-name",
        "{db_name}",
        "--warehouse",
        "{warehouse}",
        *more,
    )
    node = NodeSpec(command=command, ready_s=20.0, stop_s=5.0)
    return TargetSpec(name="journal", summary="three COMMITs", node=node)


@pytest.fixture
def stepped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stepped]:
    """Walk a target with some faults; its verdict and the points by name."""

    def walk(spec: TargetSpec, *faults: str, **params: Any) -> Stepped:
        monkeypatch.setattr("chaos.drivers._held_commits.POLL_S", 0.02)  # a look costs CPU
        root = tmp_path / "commit_stepper"
        folder = RunFolder(root)
        root.mkdir()
        folder.logs.mkdir()
        with open_stack(spec, folder) as live:
            url = live.nodes[0].url
            headers = header_source(spec, url)
            plan = DriverPlan(
                wire=wire_for(spec, url, headers),
                headers=headers,
                seed=1,
                params={"faults": faults, "budget_s": 100.0, **params},
            )
            drive(live, plan, folder)
            assert live.database is not None
            assert live.database.query("show synchronous_standby_names") == [("",)]
            assert all(node.is_running() for node in live.nodes)
        return check(Run(root)), list(lines_of(folder, "steps"))

    return walk


def test_the_reference_catalog_holds_at_every_commit(stepped):
    verdict, lines = stepped(
        load_target("reference"), "kill_node", "cut_link", "drain_node", "blip"
    )
    assert verdict.judgement is Judgement.PASS, verdict
    by_point = {line["point"]: line for line in lines}
    last = lines[0]["of"]
    assert by_point[f"kill_node/after/{last}"]["held"]["wait_event"] == "SyncRep"
    assert by_point["kill_node/before/1"]["held"]["wait_event_type"] == "Lock"
    assert by_point["kill_node/before/1"]["visible"] == {"0": False, "1": False}
    assert by_point[f"kill_node/after/{last}"]["visible"] == {"0": True, "1": True}
    assert by_point["drain_node/after/1"]["status"] == 200
    blip = by_point[f"blip/after/{last}"]
    assert blip["evidence"]["waits"] == ["SyncRep"]
    assert (blip["outcome"], blip["visible"]) == ("info", {"0": True, "1": True})
    assert lines[1]["point"] == "cut_link/after/1"


def test_three_commits_are_told_apart_and_each_is_held(stepped):
    verdict, lines = stepped(journal(), "kill_node")
    assert verdict.judgement is Judgement.PASS, verdict
    assert lines[0]["of"] == 3
    assert lines[0]["idle"] == [["public.beats"]]
    relations = [commit["relations"] for commit in lines[0]["commits"]]
    assert relations == [["public.journal"], ["public.tables"], ["public.journal"]]
    shown = {line["point"]: line["visible"]["1"] for line in lines[1:] if line["fault"] != "none"}
    # The pointer swap is the second: before it is durable nothing shows, afterwards everything.
    assert shown == {
        "kill_node/before/1": False,
        "kill_node/after/1": False,
        "kill_node/before/2": False,
        "kill_node/after/2": True,
        "kill_node/before/3": True,
        "kill_node/after/3": True,
    }


def test_a_catalog_that_deletes_the_file_of_a_landed_commit_is_caught(stepped, monkeypatch):
    monkeypatch.setattr("chaos.drivers._state_after.RECOVERY_S", 1.0)
    verdict, _ = stepped(journal("--bug", "cleanup"), "cut_link", commits=(2,))
    assert verdict.judgement is Judgement.FAIL
    assert "cut_link/after/2" in verdict.reason
    assert "cannot be read" in verdict.reason


def test_a_catalog_that_sends_a_durable_commit_again_is_caught(stepped):
    verdict, lines = stepped(journal("--bug", "again"), "blip", commits=(2,))
    assert verdict.judgement is Judgement.FAIL, verdict
    assert "blip/after/2 does not hold: answered 409, which means not applied" in verdict.reason
    assert len(lines) == 1 + 4


def test_a_catalog_that_answers_before_its_commit_is_caught(stepped, monkeypatch):
    monkeypatch.setattr("chaos.drivers._held_commits.LATE_S", 1.5)  # on a busy machine later still
    verdict, _ = stepped(journal("--bug", "early"), "kill_node", commits=(1,))
    assert verdict.judgement is Judgement.FAIL, verdict
    assert "answered 200, and no read shows the change" in verdict.reason


def test_a_catalog_whose_commits_cannot_be_held_is_named_as_such(stepped):
    never_held = {"PGOPTIONS": "-c synchronous_commit=off"}
    spec = journal()
    spec = replace(spec, node=replace(spec.node, environment=never_held))
    with pytest.raises(FaultError, match="synchronous_commit off or local"):
        stepped(spec, "kill_node")


def test_a_hidden_database_cannot_be_stepped(fake_target, tmp_path):
    target = fake_target(hidden=True)
    spec = TargetSpec(name="hidden", summary="", database=DatabaseSpec(kind="hidden"))
    headers = header_source(spec, target.nodes[0].url)
    with pytest.raises(FaultError, match="hides it"):
        drive(target, DriverPlan(wire=None, headers=headers, seed=1), RunFolder(tmp_path))
