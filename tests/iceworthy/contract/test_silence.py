"""An operation that never answers is named where its node answers others; else nobody is blamed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from iceworthy.client.asker import Asked
from iceworthy.contract import run as run_module
from iceworthy.contract import silence
from iceworthy.contract.desk import Desk
from iceworthy.contract.run import Asking, _about_silence
from iceworthy.contract.silence import Beside, beside, lives
from iceworthy.record.contract_lines import CaseResult
from tests.iceworthy.contract.conftest import Server
from tests.iceworthy.contract.test_frame import case_of

HEAD = ("HEAD", "/v1/p/namespaces/a/tables/t")
CONFIG = ("GET", "/v1/config")
CLOSED = (0, b"")


@pytest.fixture
def asking(whole_desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(silence, "PATIENCE_S", 1.0)
    monkeypatch.setattr(silence, "QUICK_S_MAX", 2.0)  # the witness waits for a busy machine too
    server.answers[HEAD], server.answers[CONFIG] = CLOSED, (200, b"{}")
    ends_at = time.monotonic() + 60
    return Asking(desk=whole_desk, ends_at=ends_at, time_is_over="over")


def ask_head(desk: Desk) -> None:
    desk.do("tableExists", ("a",), "t")


def test_an_operation_that_never_answers_breaks_its_case(asking: Asking, server: Server) -> None:
    found = asking.ask(case_of(ask_head, about="tableExists"))
    assert (found.ended, found.silent, found.unanswered) == ("broken", True, "tableExists")
    assert "3 of 3 getConfig were answered" in found.got
    heads = [one for one in server.asked if one[0] == "HEAD"]
    assert len(heads) == 2


def test_no_later_case_waits_for_it_again(asking: Asking, server: Server) -> None:
    server.answers["GET", "/v1/p/namespaces/a/tables/t"] = 200, b"{}"
    asking.ask(case_of(ask_head, about="tableExists"))
    heads = len(server.asked)
    for body, about in ((ask_head, "tableExists"), (ask_head, "dropTable")):
        later = asking.ask(case_of(body, about=about))
        assert (later.ended, later.stands_on) == ("unknown", "s.c")
    asking.desk.is_there("tableExists", ("a",), "t")
    assert [one[0] for one in server.asked[heads:]] == ["GET"], "the table is loaded in its place"


def test_where_nothing_answers_nobody_is_blamed(asking: Asking, server: Server) -> None:
    server.answers[CONFIG] = CLOSED
    found = asking.ask(case_of(ask_head, about="tableExists"))
    assert (found.ended, found.silent) == ("unknown", False)
    assert asking.silent == 1


def test_an_answer_at_the_second_asking_decides_nothing(asking: Asking, server: Server) -> None:
    server.answers[HEAD] = 204, b""
    answers = iter((CLOSED, (204, b"")))

    def once(desk: Desk) -> None:
        server.answers[HEAD] = next(answers)
        ask_head(desk)

    found = asking.ask(case_of(once, about="tableExists"))
    assert found.ended == "unknown"
    assert "asked again, it ended as holds" in found.got


def test_a_slow_witness_proves_nothing(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def starved(desk: Desk, asked: Asked) -> Iterator[Beside]:
        yield Beside(operation="getConfig", sent=9, answered=9, slowest_s=2.5)

    monkeypatch.setattr(run_module, "beside", starved)
    found = asking.ask(case_of(ask_head, about="tableExists"))
    assert found.ended == "unknown"
    assert "within 2500 ms" in found.got


@pytest.mark.parametrize(
    ("sent", "answered", "slowest_s", "proves"),
    [(3, 3, 0.1, True), (2, 2, 0.1, False), (20, 19, 0.1, False), (20, 20, 0.6, False)],
)
def test_a_witness_must_be_answered_always_and_quickly(
    sent: int, answered: int, slowest_s: float, proves: bool
) -> None:
    seen = Beside(operation="getConfig", sent=sent, answered=answered, slowest_s=slowest_s)
    assert seen.proves is proves


def test_the_line_is_about_the_silent_operation() -> None:
    line = CaseResult(case="drops.c", about="dropTable", requirement="FR-003", ended="broken")
    other = _about_silence(line, "tableExists")
    assert (other.about, other.requirement, other.silent) == ("tableExists", "FR-001", True)
    own = _about_silence(line, "dropTable")
    assert (own.about, own.requirement, own.touches) == ("dropTable", "FR-003", ("FR-001",))


def test_the_witness_asks_all_the_time(desk: Desk, server: Server) -> None:
    server.answers[CONFIG] = 200, b"{}"
    asked = Asked(operation="tableExists", url=desk.nodes[0].url, method="HEAD", path="/")
    assert lives(desk, asked)
    enough = threading.Event()

    with beside(desk, asked) as seen:
        while len(server.asked) < 6 and not enough.wait(0.02):
            pass
    assert seen.proves
    assert seen.sent >= 5


def test_a_slow_first_request_is_waited_for(
    asking: Asking, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A JVM's first createTable took 6 s beside a getConfig of 249 ms; at most 5 s were waited."""
    monkeypatch.setattr(silence, "PATIENCE_S", 20.0)
    server.answers[HEAD] = 204, b""
    patience: list[float] = []

    def slow(desk: Desk) -> None:
        patience.append(desk.askers[0].timeout_s)
        if desk.askers[0].timeout_s < 20.0:
            server.answers[HEAD] = CLOSED
        else:
            server.answers[HEAD] = 204, b""
        ask_head(desk)

    found = asking.ask(case_of(slow, about="tableExists"))
    assert (found.ended, found.silent) == ("unknown", False)
    assert patience[1] == 20.0 > patience[0] == asking.desk.askers[0].timeout_s
