"""The lines of a case: for the stack that is up, whole, with what a shell must know before them."""

from __future__ import annotations

import json
import shlex
import socket
from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.client.asker import Asked
from iceworthy.orchestrator.reproduce import (
    case_named,
    cases_about,
    exports,
    reproduce,
    step_by_step,
)
from iceworthy.words.errors import PlanError
from iceworthy.words.target import AuthSpec, Keyring, TargetSpec

OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
OFFERED = ["POST /v1/{prefix}/namespaces", "HEAD /v1/{prefix}/namespaces/{namespace}"]
CONFIG = json.dumps({"defaults": {}, "overrides": {}, "endpoints": OFFERED}).encode()
CASE = "namespaces.exists_answers_204"


def answers_200(connection: socket.socket, _: int) -> None:
    while data := connection.recv(65536):
        is_config = b"/v1/config" in data.split(b"\r\n")[0]
        is_head = data.startswith(b"HEAD")
        body = CONFIG if is_config else b'{"namespace":["x"],"properties":{}}'
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" if is_head else OK % (len(body), body))


def test_a_case_gives_the_lines_of_its_scene_and_marks_the_answer_that_decided(
    live_over: Callable[..., Any], raw_server: Callable[..., Any]
) -> None:
    url = raw_server(answers_200).url
    said: list[str] = []
    made = reproduce(live_over(urls=[url]), case_named(CASE), 1, said.append)
    assert made.ended == "broken"
    sent = [line for line in made.lines if not line.startswith("#")]
    assert len(sent) == 2
    for line in sent:
        assert any(word.startswith(url) for word in shlex.split(line)), "the stack that is up"
    assert "-I" in shlex.split(sent[1])
    assert made.lines[0].startswith(f"# {CASE}: 204 without a body")
    assert made.lines[-1].startswith("# 2 decides: broken: expected status 204; got status 200")
    assert said == [f"asking {CASE}"]


def test_a_case_is_named_with_or_without_its_file_and_one_name_is_one_case() -> None:
    assert case_named("exists_answers_204").full_name == CASE
    with pytest.raises(PlanError, match="expected one of"):
        case_named("listings.every_table_is_shown_once_at_this_page_size*")
    with pytest.raises(PlanError, match="no case named"):
        case_named("exists_answers_205")


def test_a_line_has_the_whole_body_whatever_its_length() -> None:
    body = json.dumps({"text": "x" * 9_000}).encode()
    asked = Asked(url="http://127.0.0.1:1", method="POST", path="/v1/x", body=body)
    assert body.decode() in shlex.split(asked.whole_curl)
    assert body.decode() not in shlex.split(asked.curl), "the record of a run is cut"


def target(**secrets: str) -> TargetSpec:
    auth = AuthSpec(
        kind="client_credentials",
        client_id_variable="MY_ID",
        client_secret_variable="MY_SECRET",
        scope="catalog",
    )
    keyring = Keyring(secrets=secrets, ca_file="/ca.pem")
    return TargetSpec(name="t", summary="", auth=auth, keyring=keyring)


ASKED = Asked(
    url="http://a",
    method="POST",
    path="/v1/x",
    login={"Authorization": "Bearer $TOKEN"},
    body=b'{"x":"$NOT_ONE"}',
)


def test_what_the_suite_made_up_is_exported_and_what_is_the_users_is_named() -> None:
    told = exports(target(MY_ID="made up"), "http://a", [ASKED])
    assert told[:3] == [
        "export CURL_CA_BUNDLE=/ca.pem",
        "export MY_ID='made up'",
        "# needs MY_SECRET, from your environment",
    ]
    assert told[3].startswith("export TOKEN=$(curl -sS http://a/v1/oauth/tokens ")
    assert '"client_secret=$MY_SECRET"' in told[3]
    assert "scope=catalog" in told[3]
    assert not any("NOT_ONE" in line for line in told)


def test_a_target_without_a_login_needs_nothing() -> None:
    assert (
        exports(
            TargetSpec(name="t", summary=""),
            "http://a",
            [Asked(url="http://a", method="GET", path="/")],
        )
        == []
    )


def test_a_requirement_of_the_contract_has_its_cases() -> None:
    assert {one.requirement for one in cases_about("EC-3")} == {"EC-3"}
    with pytest.raises(PlanError, match="nothing of this version decides it"):
        cases_about("SC-008")


def test_the_steps_of_cases_have_their_times_and_each_case_has_a_scene_of_its_own(
    live_over: Callable[..., Any], raw_server: Callable[..., Any]
) -> None:
    live = live_over(urls=[raw_server(answers_200).url])
    one = case_named(CASE)
    first, second = step_by_step(live, [one, one], 1, lambda _: None)
    assert (first.case, first.ended) == (CASE, "broken")
    head, created, asked, ending = first.lines
    assert head.startswith(f"{CASE}: 204 without a body")
    assert "createNamespace on node 0: status 200" in created
    assert "namespaceExists on node 0: status 200" in asked
    assert float(created.split()[0]) <= float(asked.split()[0])
    assert ending.startswith("  broken: expected status 204; got status 200")
    assert len(second.lines) == 4
