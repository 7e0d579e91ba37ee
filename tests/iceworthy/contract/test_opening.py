"""A node that says it is ready before it serves is waited for, and named for what it did."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.contract.inquiries import InquiryPlan
from iceworthy.contract.opening import open_desk
from iceworthy.contract.run import inquire
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.known import Known
from iceworthy.words.errors import TargetError
from iceworthy.words.target import EndpointSpec, NodeSpec

READY = "nodes.a_node_that_says_it_is_ready_serves"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
CONFIG = b'{"defaults":{},"overrides":{},"endpoints":[]}'
Serve = Callable[[socket.socket, int], None]


def early_ready(refusals: int, said: bytes = b"") -> tuple[Serve, list[str]]:
    """A node whose /ready is 200 at once; of /v1/config, the first requests are closed, or answered
    by `said`."""
    asked: list[str] = []

    def serve(connection: socket.socket, _: int) -> None:
        while data := connection.recv(65536):
            path = data.split(b" ")[1].partition(b"?")[0].decode()
            asked.append(path)
            if path == "/v1/config" and asked.count(path) <= refusals:
                if not said:
                    return
                connection.sendall(said)
                continue
            body = CONFIG if path == "/v1/config" else b"{}"
            connection.sendall(OK % (len(body), body))

    return serve, asked


def ended(live: Any) -> dict[str, CaseResult]:
    return {one.case: one for one in live.folder.read(CaseResult)}


def plan(*cases: str) -> InquiryPlan:
    return InquiryPlan(
        seed=1, token="", known=Known(), params={"cases": cases}, say=lambda text: None
    )


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"])
def test_what_says_ready_too_early_is_waited_for_and_is_a_finding_of_readiness(
    live_over: Any, raw_server: Any, said: bytes
) -> None:
    serve, asked = early_ready(5, said)
    live = live_over(urls=[raw_server(serve).url])
    inquire(live, live.folder, plan("nodes.*", "configuration.*"), early=True)
    lines = ended(live)
    assert (lines[READY].ended, lines[READY].requirement) == ("broken", "FR-006")
    assert "/ready answered 200, and /v1/config before and after it" in lines[READY].got
    assert "it served after" in lines[READY].got
    assert "/ready" in lines[READY].request
    assert lines["configuration.the_configuration_has_its_two_maps"].ended == "holds"
    assert asked.count("/v1/config") > 5


def test_what_never_serves_is_an_error_and_still_a_finding_of_readiness(
    live_over: Any, raw_server: Any
) -> None:
    serve, _ = early_ready(10**6)
    live = live_over(urls=[raw_server(serve).url], node=NodeSpec(ready_s=0.1))
    with pytest.raises(TargetError, match="no node serves within 0 s, though one says"):
        inquire(live, live.folder, plan("*"), early=True)
    lines = ended(live)
    assert lines[READY].ended == "broken"
    assert {name.partition(".")[0] for name in lines} == {"nodes"}


def test_a_node_that_became_ready_meanwhile_said_nothing_wrong(
    live_over: Any, raw_server: Any
) -> None:
    """One refusal, then 200 of /ready, then the configuration: it became ready in between."""
    serve, _ = early_ready(1)
    live = live_over(urls=[raw_server(serve).url])
    inquire(live, live.folder, plan("nodes.a_node*"), early=True)
    assert ended(live)[READY].ended == "holds"


def test_where_nothing_says_that_it_is_ready_one_round_is_enough(
    live_over: Any, raw_server: Any
) -> None:
    serve, asked = early_ready(10**6)
    live = live_over(urls=[raw_server(serve).url], endpoints=EndpointSpec(ready=""))
    with pytest.raises(TargetError, match="no node answers"):
        open_desk(live, known=Known(), seed=1, token="", purpose="contract")
    assert asked == ["/v1/config"]
