"""Targets unlike the shipped ones are reviewed as well as they can be, and left as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.stack.stack import open_stack
from iceworthy.client.auth import HeaderSource
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.connect import wire_for
from iceworthy.orchestrator.conduct import resolve
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.sample_lines import ProcessUse
from iceworthy.words.target import NodeSpec, TargetSpec
from iceworthy.words.target_file import load_target

GATE = Path(__file__).with_name("gate.py")
SAFE = ("chain_integrity", "lost_acknowledgement", "cas_exclusivity", "still_readable")

GATED = """
summary = "a node behind a gate"
[node]
command = [
    "{{python}}", "{gate}", "--port", "{{port}}", "--inner", "{{admin_port}}",
    "--location", "{location}", "--warehouse", "{{warehouse}}", "--node", "{{node}}",
    "--db-host", "{{db_host}}", "--db-port", "{{db_port}}", "--db-user", "{{db_user}}",
    "--db-name", "{{db_name}}",
]
environment = {{ PYTHONPATH = "{{suite}}", ICEWORTHY_REF_DB_PASSWORD = "{{db_password}}" }}
[endpoints]
health = "http://{{host}}:{{admin_port}}/health"
ready = "http://{{host}}:{{admin_port}}/ready"
metrics = "http://{{host}}:{{admin_port}}/metrics"
events = ""
[catalog]
root_namespace = ["team"]
warehouse = "w h"
location = "{location}"
[auth]
kind = "client_credentials"
client_id_variable = "IW_T_ID"
client_secret_variable = "IW_T_SECRET"
"""


def test_an_encoded_prefix_short_tokens_a_root_forced_locations_and_an_admin_port(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IW_T_ID", "suite")
    monkeypatch.setenv("IW_T_SECRET", "s3cr3t & more")
    location = (tmp_path / "forced").as_uri()
    done = run(GATED.format(gate=GATE, location=location))
    assert done.broken() == []
    assert done.failed("survey") == {}
    # The gate has no request log of its own, and stands between the node's and the suite.
    assert set(done.failed("steady")) <= {"access_logs"}
    judged = done.verdicts("steady")
    assert {judged[name].verdict for name in (*SAFE, "metrics_count")} == {"pass"}
    logs = "".join(path.read_text() for path in done.folder("steady").logs.glob("node-*.log"))
    assert "REFUSED" not in logs


def test_one_node_that_runs_already_with_its_database_hidden_is_left_as_it_was(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    theirs = RunFolder(tmp_path / "theirs")
    theirs.root.mkdir()
    with open_stack(load_target("reference"), theirs, node_count=1) as live:
        url = live.nodes[0].url
        before = everything(url)
        done = run(f'summary = "theirs"\n[node]\nurls = ["{url}"]\n')
        assert everything(url) == before
        assert live.nodes[0].is_running()
        lines = done.folder("steady").read(ProcessUse)
        seen = [line for line in lines if line.process == "node-0"]
        assert {line.pid for line in seen} == {live.nodes[0].pid}
    assert done.broken() == []
    assert done.failed("steady") == {}
    judged = done.verdicts("steady")
    judges = (*SAFE, "metrics_count", "metrics_monotonic")
    assert {judged[name].verdict for name in judges} == {"pass"}
    assert max(line.connections for line in seen) >= 40
    assert judged["start_time"].verdict == "unknown"


@pytest.mark.parametrize(("count", "nodes"), [(1, [0, 0]), (2, [0, 1]), (3, [0, 1])])
def test_faults_meant_for_a_second_node_meet_the_only_one(
    count: int, nodes: list[int], tmp_path: Path
) -> None:
    spec = TargetSpec(name="t", summary="t", node=NodeSpec(command=("x",), count=count))
    settings = Settings(target=spec, target_name="t", seed=1, results=tmp_path)
    assert [fault.node for fault in resolve("drain_node", settings).faults] == nodes


def everything(url: str) -> set[str]:
    """The names of all namespaces of the top level, with what is asked to list them."""
    spec = TargetSpec(name="t", summary="t", node=NodeSpec(urls=(url,)))
    headers = HeaderSource()
    with CatalogClient(url, node=0, headers=headers) as client:
        answer = client.ask(wire_for(spec, url, headers).list_namespaces())
    return {json.dumps(name) for name in answer.json()["namespaces"]}
