"""A finding that names operations of the history shows their requests as far as it keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from analysis.judge_experiment import judge_one
from analysis.requests_of_operations import with_requests
from iceworthy.record.history import FLAG_AUDIT, NULL_PARENT, key_of
from iceworthy.words.finding import Cause, Finding, Request
from iceworthy.words.target import CatalogSpec, TargetSpec

TABLE = key_of(("a b", "c"), "t/1")
SPACE = key_of(("a b", "c"))


def found(*operations: str, **facts: Any) -> Finding:
    return Finding(cause=Cause(rule="r"), title="t", operations=operations, **facts)


@pytest.fixture
def asked(synthetic: Callable[..., Any]) -> Callable[..., Request]:
    """The request of one recorded operation."""

    def ask(operation: str, *, seen: dict[str, Any] | None = None, **facts: Any) -> Request:
        catalog = CatalogSpec(prefix=facts.pop("prefix", None), base=facts.pop("base", ""))
        run = synthetic("steady", target=TargetSpec(name="t", summary="s", catalog=catalog))
        number = run.op(operation, 3.0, **facts)
        if seen:
            run._recorder.seen(number, **seen)
        (one,) = with_requests([found("load-0:0")], run.done())
        (request,) = one.requests
        return request

    return ask


@pytest.mark.parametrize(
    ("operation", "key", "method", "path"),
    [
        ("loadTable", TABLE, "GET", "/v1/{prefix}/namespaces/a%20b%1Fc/tables/t%2F1"),
        ("createTable", TABLE, "POST", "/v1/{prefix}/namespaces/a%20b%1Fc/tables"),
        ("dropNamespace", SPACE, "DELETE", "/v1/{prefix}/namespaces/a%20b%1Fc"),
        ("listNamespaces", SPACE, "GET", "/v1/{prefix}/namespaces?parent=a%20b%1Fc"),
        ("createNamespace", SPACE, "POST", "/v1/{prefix}/namespaces"),
        ("createView", TABLE, "POST", "/v1/{prefix}/namespaces/a%20b%1Fc/views"),
        ("replaceView", TABLE, "POST", "/v1/{prefix}/namespaces/a%20b%1Fc/views/t%2F1"),
        ("dropView", TABLE, "DELETE", "/v1/{prefix}/namespaces/a%20b%1Fc/views/t%2F1"),
    ],
)
def test_method_and_path_are_the_specification_s(
    asked: Callable[..., Request], operation: str, key: str, method: str, path: str
) -> None:
    request = asked(operation, key=key)
    assert (request.method, request.path, request.curl) == (method, path, "")
    assert request.answer == "status 200"


@pytest.mark.parametrize(("prefix", "start"), [("", "/api/v1/"), ("p/q", "/api/v1/p/q/")])
def test_a_prefix_of_the_target_file_stands_in_the_path(
    asked: Callable[..., Request], prefix: str, start: str
) -> None:
    path = asked("loadTable", key=TABLE, prefix=prefix, base="/api").path
    assert path == f"{start}namespaces/a%20b%1Fc/tables/t%2F1"


def test_of_a_commit_the_snapshot_and_the_asserted_parent_are_kept(
    asked: Callable[..., Request],
) -> None:
    facts = {"value": 7, "parent": NULL_PARENT, "status": 409, "error": "CommitFailed"}
    request = asked("updateTable", key=TABLE, **facts)
    assert json.loads(request.body) == {
        "requirements": [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None}],
        "updates": [{"action": "add-snapshot", "snapshot": {"snapshot-id": 7}}],
    }
    assert request.answer == "status 409: CommitFailed"


def test_of_a_change_of_properties_what_it_set_and_removed_is_kept(
    asked: Callable[..., Request],
) -> None:
    request = asked("updateProperties", key=SPACE, seen={"set": {"k": "v"}, "removed": ["x"]})
    assert json.loads(request.body) == {"updates": {"k": "v"}, "removals": ["x"]}


@pytest.mark.parametrize("operation", ["renameTable", "renameView"])
def test_of_a_rename_both_names_are_kept(asked: Callable[..., Request], operation: str) -> None:
    request = asked(operation, key=TABLE, seen={"destination": key_of(("z",), "u")})
    assert json.loads(request.body) == {
        "source": {"namespace": ["a b", "c"], "name": "t/1"},
        "destination": {"namespace": ["z"], "name": "u"},
    }


def test_an_unknown_operation_and_a_finding_with_a_request_are_left_alone(
    synthetic: Callable[..., Any],
) -> None:
    run = synthetic("steady")
    run.op("loadTable", 3.0)
    done = run.done()
    request = Request(method="GET", path="/x", body="", curl="curl", answer="")
    unknown = found("load-0:9", "load-7:0", f"load-0:{'9' * 5000}")
    asked = replace(found("load-0:0"), requests=(request,))
    assert with_requests([unknown, asked, found()], done) == (unknown, asked, found())


def test_a_lost_commit_shows_the_commit_and_the_read_that_lacks_it(
    synthetic: Callable[..., Any],
) -> None:
    run = synthetic("kill_node")
    run.op("createTable", 1.0, key=TABLE)
    run.op("updateTable", 2.0, key=TABLE, value=11, parent=NULL_PARENT, chain=[11])
    read = run.op("loadTable", 25.0, key=TABLE, flags=FLAG_AUDIT, chain=[])
    shown = {"uuid": "u", "location": "l", "metadata_location": "m", "current": None, "main": None}
    lists: dict[str, Any] = {"snapshots": [], "log": [], "metadata_log": [], "properties": {}}
    run._recorder.seen(read, last_sequence=0, **shown, **lists)
    verdicts = {one.verdict.name: one.verdict for one in judge_one(run.done())}
    verdict = verdicts["lost_acknowledgement"]
    assert verdict.judgement == "fail", verdict.reason
    (finding,) = verdict.findings
    assert finding.operations == ("load-0:1", "load-0:2")
    assert [one.method for one in finding.requests] == [*["POST"] * 4, "GET"], "with its scene"
    assert all(one.curl for one in finding.requests)
