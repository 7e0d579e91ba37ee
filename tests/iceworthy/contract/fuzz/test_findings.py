"""What fuzzing finds: nothing on an honest catalog, each defect once, with a small request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.stack.stack import open_stack
from iceworthy.client.connect import Config
from iceworthy.contract.desk import Desk
from iceworthy.contract.fuzz.entities import Entities
from iceworthy.contract.fuzz.problems import ACCEPTED_LIE, SERVER_ERROR
from iceworthy.contract.fuzz.run import Example, Fuzzer, inquire
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import OPERATIONS, advertised_name, operation
from iceworthy.words.target_file import load_target
from tests.inquiry_plans import inquiry_plan
from tests.streams import lines_of

BAD = b'{"namespace": ["a"], "properties": {"k": 7}}'
HOUR_S = 3600.0
REFUSED = b'{"error": {"message": "no", "type": "BadRequestException", "code": 400}}'


@pytest.fixture
def fuzzer(whole_desk: Desk) -> Fuzzer:
    entities = Entities(whole_desk)
    entities.space, entities.stale = ("iw_1",), False
    return Fuzzer(whole_desk, entities)


def sent(fuzzer: Fuzzer, body: bytes, operation_id: str = "createNamespace") -> list[str]:
    one = operation(operation_id)
    example = Example(parts=fuzzer.entities.parts(one), query={}, headers={}, body=body, label="x")
    return [problem.kind for problem in fuzzer.send(one, example)]


def test_a_server_error_is_a_problem_whatever_was_sent(fuzzer: Fuzzer, server: Any) -> None:
    server.otherwise = (500, b"oops")
    assert sent(fuzzer, b"{") == [SERVER_ERROR]


def test_a_refusal_with_the_errors_body_is_none_and_one_without_is(
    fuzzer: Fuzzer, server: Any
) -> None:
    server.otherwise = (400, REFUSED)
    assert sent(fuzzer, BAD) == []
    server.otherwise = (400, b"")
    assert len(sent(fuzzer, BAD)) == 1


def test_a_forbidden_body_that_is_taken_is_a_problem_only_where_it_shows(
    fuzzer: Fuzzer, server: Any
) -> None:
    post, read = ("POST", "/v1/p/namespaces"), ("GET", "/v1/p/namespaces/a")
    server.answers[post] = (200, b'{"namespace": ["a"]}')
    server.answers[read] = (200, b'{"namespace": ["a"], "properties": {"k": "7"}}')
    assert sent(fuzzer, BAD) == []
    server.answers[read] = (200, BAD)
    assert sent(fuzzer, BAD) == [ACCEPTED_LIE]
    assert sent(fuzzer, b'{"namespace": ["a"]}') == []


def test_of_one_kind_the_smallest_request_is_kept_and_all_are_counted(
    fuzzer: Fuzzer, server: Any
) -> None:
    server.otherwise = (500, b"oops")
    for body in (b'{"a": 1}', b"{}", b'{"a": 12345}'):
        sent(fuzzer, body)
    (found,) = fuzzer.found.values()
    assert (found.example.body, found.times) == (b"{}", 3)
    assert found.reply is not None
    assert found.reply.asked.curl.endswith("--data-binary '{}'")


def fuzzed(tmp_path: Path, *, lie: str | None = None, **params: Any) -> list[dict[str, Any]]:
    folder = RunFolder(tmp_path)
    unhurried = {"broken_s": HOUR_S, "generated_s": HOUR_S}  # it ends by its counts
    with open_stack(load_target("reference"), folder, lie=lie, node_count=1) as live:
        assert not inquire(live, inquiry_plan(seed=3, **unhurried, **params), folder).left
    return list(lines_of(folder, "findings"))


def test_an_honest_catalog_has_no_finding(tmp_path: Path) -> None:
    found = fuzzed(tmp_path, bodies=60, samples=2)
    assert [one for one in found if one["works"] is False] == []
    tried = {one["what"].split(":")[0] for one in found if one["works"]}
    assert len(tried) > 12


@pytest.mark.parametrize(
    ("lie", "about", "requirement", "in_curl"),
    [
        ("accepts_wrong_types", "createNamespace", "SC-001", '"properties": {"'),
        ("error_without_body", "updateProperties", "FR-002", "/properties"),
    ],
)
def test_a_lie_is_found_with_the_line_that_shows_it(
    tmp_path: Path, lie: str, about: str, requirement: str, in_curl: str
) -> None:
    found = fuzzed(tmp_path, lie=lie, operations=[about], bodies=400, samples=10)
    broken = [one for one in found if one["works"] is False]
    assert requirement in {one["requirement"] for one in broken}
    assert all(about in one["what"] for one in broken)
    assert {(one["operation"], one["given"] > 0) for one in broken} == {(about, True)}
    assert all(one["sent"]["curl"] == one["request"] for one in broken)
    assert in_curl in next(one for one in broken if one["requirement"] == requirement)["request"]
    assert all(len(one["request"]) < 400 for one in broken)


def test_a_target_that_falls_silent_ends_it_and_is_not_called_good(
    desk_on: Callable[..., Desk], server: Any, tmp_path: Path
) -> None:
    endpoints = [advertised_name(one) for one in OPERATIONS]
    config = json.dumps({"defaults": {}, "overrides": {}, "endpoints": endpoints}).encode()
    desk = desk_on(Config())
    server.answers[("GET", "/v1/config")] = (200, config)
    server.answers[("POST", "/v1/namespaces")] = (200, b'{"namespace": ["a"]}')
    server.otherwise = (0, b"")
    live = SimpleNamespace(**vars(desk.live))
    inquire(live, inquiry_plan(), RunFolder(tmp_path))
    found = list(lines_of(RunFolder(tmp_path), "findings"))
    assert found
    assert not [one for one in found if one["works"] is False]
    assert [one for one in found if one["works"] is None]
