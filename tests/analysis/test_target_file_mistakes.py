"""A target file that may be wrong is named with its line, and the catalog is not accused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analysis.judge_experiment import judge_one
from analysis.target_file_mistakes import target_file_mistake
from iceworthy.record.known import Known
from iceworthy.words.blame import Blame
from iceworthy.words.errors import StoppedBy
from iceworthy.words.target import EndpointSpec, NodeSpec, TargetSpec
from iceworthy.words.target_file import load_target
from iceworthy.words.target_text import why_it_ended
from iceworthy.words.verdict import Judgement
from tests.analysis.conftest import at
from tests.streams import append_line

SPEC = TargetSpec(
    name="mine",
    summary="mine",
    node=NodeSpec(command=("serve", "--port", "{port}")),
    endpoints=EndpointSpec(ready="/readyz"),
    lines={"endpoints.ready": 7, "node.command": 4},
)


def started(synthetic: Any, *statuses: int | None, ready: bool = False, **plan: Any) -> Any:
    """Initial starts that did not become ready (the last of them did, where ready says so)."""
    facts = {"scenario": None, "target": SPEC, "complete": False, **plan}
    run = synthetic("survey", stopped_by=StoppedBy.TARGET, stopped_because="not ready", **facts)
    for node, status in enumerate(statuses):
        is_last = ready and node == len(statuses) - 1
        append_line(
            run.folder,
            "starts",
            node=node,
            pid=100 + node,
            reason="initial",
            spawn_ns=at(0.0),
            ready_ns=at(1.0) if is_last else None,
            ready_status=status,
        )
    return run


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (
            404,
            "is [endpoints] ready = '/readyz' (line 7 of mine.toml) right?",
        ),
        (0, "nothing answered at the port"),
        (503, "is [node] ready_s = 30.0 (mine.toml does not set it) long enough"),
    ],
)
def test_the_line_that_may_be_wrong_is_named_and_nothing_fails(
    synthetic: Any, status: int, line: str
) -> None:
    rulings = judge_one(started(synthetic, status, status).done())
    found = {ruling.verdict.name: ruling.verdict for ruling in rulings}
    for judge in ("start_time", "migrations_at_start"):
        assert found[judge].judgement is Judgement.UNKNOWN
        assert found[judge].blame is Blame.TARGET_FILE
        assert line in found[judge].reason


def test_a_program_that_ends_at_once_is_a_matter_of_its_command(synthetic: Any) -> None:
    run = started(synthetic, 0)
    run.end(0, 100, 0.4, took_s=0.0, code=0, asked="none")
    told = target_file_mistake(run.done())
    assert "ended by itself with code 0 after 0.4 s" in told
    assert "[node] command = ('serve', '--port', '{port}') (line 4 of mine.toml)" in told


def test_who_is_not_let_in_is_told_the_line_and_no_judge_says_more(synthetic: Any) -> None:
    spec = replace(SPEC, lines={"auth.kind": 3})
    run = synthetic("survey", scenario=None, target=spec, complete=False)
    append_line(run.folder, "first_answers", t_ns=at(0.0), node=0, asked="config", status=401)
    run.case("broken", given=401, expected_statuses=[200])
    rulings = judge_one(run.done())
    found = {ruling.verdict.name: ruling.verdict for ruling in rulings}
    for name in ("survey_findings[FR-001]", "hierarchical_namespaces"):
        assert (found[name].judgement, found[name].blame) == (Judgement.UNKNOWN, Blame.TARGET_FILE)
        assert "is [auth] kind = 'none' (line 3 of mine.toml) right?" in found[name].reason


def test_where_one_node_became_ready_the_file_is_right_and_the_other_fails(synthetic: Any) -> None:
    rulings = judge_one(started(synthetic, 503, 200, ready=True).done())
    found = {ruling.verdict.name: ruling.verdict for ruling in rulings}
    assert found["start_time"].judgement is Judgement.FAIL
    assert found["start_time"].blame is Blame.CATALOG


def test_a_file_that_worked_earlier_in_the_review_is_right(synthetic: Any) -> None:
    assert target_file_mistake(started(synthetic, 0, known=Known(id_bits=53)).done()) == ""


def test_a_run_of_an_older_version_keeps_its_verdict(synthetic: Any) -> None:
    assert target_file_mistake(started(synthetic, None).done()) == ""


@pytest.mark.parametrize(
    ("lines", "later", "verdict"),
    [
        ({"endpoints.metrics": 9}, 404, Judgement.UNKNOWN),
        ({}, 404, Judgement.FAIL),
        ({"endpoints.metrics": 9}, 200, Judgement.FAIL),
    ],
    ids=("the file names the path", "the default path", "it was there once"),
)
def test_metrics_at_a_path_that_only_the_file_names(
    synthetic: Any, lines: dict[str, int], later: int, verdict: Judgement
) -> None:
    run = synthetic("steady", target=replace(SPEC, lines=lines))
    run.window("steady", 0.0, 20.0)
    run.reads(0.0, 20.0)
    for second in range(20):
        append_line(
            run.folder,
            "probes",
            t_ns=at(second),
            node=second % 2,
            probe="metrics",
            status=later if second == 19 else 404,
            latency_ms=3.0,
        )
    found = {ruling.verdict.name: ruling.verdict for ruling in judge_one(run.done())}
    assert found["metrics_answer"].judgement is verdict
    if verdict is Judgement.UNKNOWN:
        for name in ("metrics_answer", "metrics_count"):
            assert found[name].blame is Blame.TARGET_FILE
            assert "[endpoints] metrics = '/metrics' (line 9 of mine.toml)" in found[name].reason
        assert not [one for one in found.values() if one.judgement is Judgement.FAIL]


@pytest.mark.parametrize(("let_in", "status"), [(False, 404), (True, 404), (False, 503)])
def test_a_stream_of_events_that_is_not_there_names_the_line(
    synthetic: Any, let_in: bool, status: int
) -> None:
    spec = replace(SPEC, endpoints=EndpointSpec(events="/streem"), lines={"endpoints.events": 9})
    run = synthetic("contention", target=spec)
    for node in range(2):
        is_open = let_in and node == 0
        append_line(
            run.folder,
            "event_connections",
            node=node,
            connection=0,
            opened_ns=at(0.0) if is_open else None,
            closed_ns=at(9.0),
            status=0 if is_open else status,
            why="" if is_open else f"{status} refused",
        )
    found = {ruling.verdict.name: ruling.verdict for ruling in judge_one(run.done())}["events"]
    assert found.judgement is Judgement.UNKNOWN
    assert "let no subscriber in" in found.reason
    named = "is [endpoints] events = '/streem' (line 9 of mine.toml) right?" in found.reason
    assert named is (status == 404 and not let_in)
    assert (found.blame is Blame.TARGET_FILE) is named


def test_a_database_that_is_not_there_is_named_and_nothing_fails(synthetic: Any) -> None:
    run = started(synthetic, 503, 503)
    log = run.folder.logs / "postgres.log"
    log.write_text('2026-11-28 05:29:42.597 UTC [6] c@l FATAL:  database "l" does not exist\n')
    done = run.done()
    why = target_file_mistake(done)
    assert 'PostgreSQL refused its login: database "l" does not exist; are the database' in why
    assert "(line 4 of mine.toml)" in why
    assert all(ruling.verdict.judgement is not Judgement.FAIL for ruling in judge_one(done))


@pytest.mark.parametrize(("start", "is_named"), [("together", True), ("one by one", False)])
def test_nodes_that_may_not_start_together_have_a_key(start: Any, is_named: bool) -> None:
    spec = load_target("reference")
    words = why_it_ended(replace(spec, node=replace(spec.node, start=start)))
    assert "does it stay in the foreground?" in words
    assert ('start = "one by one"' in words) is is_named
