"""One load process over a cheap server: intended starts, completeness, and honest failures."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import numpy as np
import pytest

from iceworthy.client.auth import HeaderSource
from iceworthy.record.history import FLAG_REUSED
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import LoadEnd, LoadSecond
from iceworthy.words.outcome import Outcome
from iceworthy.words.scenario import Role
from iceworthy.words.target import AuthSpec
from iceworthy.words.target_file import load_target
from scenarios.engine.session import Session
from tests.streams import lines_of
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
Planned = Callable[..., RunFolder]
Serve = Callable[..., Any]


def reader(period_s: float, *actions: str) -> tuple[Role, ...]:
    named = dict.fromkeys(actions or ("load_table",), 1.0)
    return (Role(name="reader", weight=1.0, period_s=period_s, actions=named),)


def url_of(server: Any) -> str:
    return f"http://127.0.0.1:{server.port}"


def test_every_request_that_the_server_saw_is_in_the_history(
    planned: Planned, bench_server: Serve, loaded: Callable[..., Any]
) -> None:
    server = bench_server(delay_ms=2.0)
    actions = ("load_table", "load_namespace", "table_exists", "list_tables", "list_namespaces")
    folder = planned([url_of(server)], roles=reader(0.05, *actions))
    load = loaded(folder, 20)
    history = load.run()
    assert len(history) == server.counted["requests"] - 1 == 400  # 1: the configuration
    assert history.with_outcome(Outcome.OK).all()
    assert set(history.strings) >= {
        "loadTable",
        "loadNamespaceMetadata",
        "tableExists",
        "listTables",
        "listNamespaces",
    }
    assert load.statistics.total.num_requests == 400
    assert sum(load.statistics.total.response_times.values()) == 400
    assert not load.failures


def test_intended_starts_are_the_arithmetic_of_the_schedule(
    planned: Planned, bench_server: Serve, loaded: Callable[..., Any]
) -> None:
    folder = planned([url_of(bench_server())], roles=reader(0.1))
    load = loaded(folder, 7)
    history = load.run()
    t0_ns = load.engine.t0_ns
    for session in load.engine.sessions:
        own = np.sort(history.ops["intended_ns"][history.ops["session"] == session.id])
        assert 0 <= own[0] - t0_ns < 100_000_000
        assert (np.diff(own) == 100_000_000).all()
        assert len(own) == 10
    assert (history.ops["sent_ns"] >= history.ops["intended_ns"]).all()


def test_a_stall_shows_in_every_operation_that_had_to_wait_for_it(
    planned: Planned, bench_server: Serve, loaded: Callable[..., Any]
) -> None:
    server = bench_server(stall_s=1.0)
    folder = planned([url_of(server)], roles=reader(0.2), duration_s=3.0)
    load = loaded(folder, 40)
    load.gather()
    gevent.spawn_later(0.7, server.stall)
    history = load.run()
    ended_ns = time.monotonic_ns()
    ((start_ns, end_ns),) = server.counted["stalls"]
    intended = history.ops["intended_ns"]
    waited = history.ops["completed_ns"] - intended
    caught = (intended >= start_ns) & (intended < end_ns)
    truth = np.where(caught, end_ns - intended, 0)
    assert len(history) + load.unsent() == 40 * 15
    assert (waited[caught] >= truth[caught]).all(), "no answer came before the stall was over"
    assert caught.sum() >= 40 * 4
    held = (history.ops["sent_ns"] < end_ns) & (history.ops["completed_ns"] >= end_ns)
    assert held.sum() <= 40, "service time alone would show the stall once a session"
    for quantile in (80, 90, 99):
        assert np.percentile(waited, quantile) >= np.percentile(truth, quantile), quantile
    assert (history.ops["completed_ns"] <= ended_ns).all(), "nor is a wait made longer than it was"


def test_an_operation_that_waits_behind_another_is_not_the_generators_lag(
    planned: Planned, bench_server: Serve, loaded: Callable[..., Any]
) -> None:
    server = bench_server(stall_s=0.8)
    load = loaded(planned([url_of(server)], roles=reader(0.1), duration_s=2.0), 20)
    load.gather()
    gevent.spawn_later(0.5, server.stall)
    history = load.run()
    ops = history.ops
    waited_ms = (ops["sent_ns"] - ops["intended_ns"]) / 1e6
    assert waited_ms.max() > 500
    lags_ms: list[float] = []  # how late each was sent when nothing was before it any more
    for session in np.unique(ops["session"]):
        its = np.sort(ops[ops["session"] == session], order="sent_ns")
        free = np.maximum(its["intended_ns"][1:], its["completed_ns"][:-1])
        lags_ms += ((its["sent_ns"][1:] - free) / 1e6).tolist()
        lags_ms.append(float(its["sent_ns"][0] - its["intended_ns"][0]) / 1e6)
    told = [line.lag_ms_p99 for line in load.folder.read(LoadSecond)]
    assert max(told) <= max(lags_ms) + 1.0


def test_while_a_node_is_down_its_operations_surely_fail_and_then_go_on(
    planned: Planned, loaded: Callable[..., Any], bench_server: Serve
) -> None:
    first = bench_server()
    port = first.port
    folder = planned([url_of(first)], roles=reader(0.1, "set_properties"), duration_s=2.5)
    load = loaded(folder, 10)
    load.gather()

    def down_and_up() -> None:
        first.stop()
        until(lambda: load.statistics.errors, pause=gevent.sleep)
        gevent.sleep(0.5)
        again.append(bench_server(port=port))
        up_ns.append(time.monotonic_ns())

    again: list[Any] = []
    up_ns: list[int] = []
    gevent.spawn_later(0.5, down_and_up)
    history = load.run()
    refused = history.ops["error"] == history.id_of("refused")
    assert refused.any()
    mutation = history.of_operation("updateTable", "updateProperties")
    assert (history.ops["outcome"][refused & mutation] == int(Outcome.FAIL)).all()
    assert (history.ops["outcome"][refused & ~mutation] == int(Outcome.DROPPED)).all()
    assert (refused & mutation).any()
    assert (history.ops["sent_ns"][refused] == 0).all()
    ok = history.ops["outcome"] == int(Outcome.OK)
    for session in load.engine.sessions:
        its = history.ops["session"] == session.id
        back_ns = history.ops["intended_ns"][its & ok & (history.ops["sent_ns"] > up_ns[0])].min()
        assert ok[its & (history.ops["intended_ns"] >= back_ns)].all(), "it stays up"
    assert all(session.connection.opened >= 2 for session in load.engine.sessions)
    seen = first.counted["requests"] + again[0].counted["requests"] - 1
    assert (history.ops["sent_ns"] > 0).sum() >= seen, "what was sent is recorded"


def test_a_closed_loop_does_not_spin_on_a_node_that_is_down(
    planned: Planned, loaded: Callable[..., Any], bench_server: Serve
) -> None:
    server = bench_server()
    load = loaded(planned([url_of(server)], roles=reader(0.0), duration_s=1.0), 2)
    load.gather()
    server.stop()
    time.sleep(0.6)
    history = load.run()
    assert 2 <= len(history) <= 2 * 25
    assert (history.ops["flags"] & FLAG_REUSED == 0).all()


def test_what_was_wanted_and_could_not_be_sent_is_counted(
    planned: Planned, loaded: Callable[..., Any], raw_server: Serve
) -> None:
    ended = threading.Event()
    body = b'{"defaults":{},"overrides":{}}'

    def silent(connection: socket.socket, number: int) -> None:
        connection.recv(65536)
        if number == 0:  # the configuration
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            connection.sendall(head + body)
        else:
            ended.wait(60)

    folder = planned([raw_server(silent).url], roles=reader(0.1), timeout_s=0.3, duration_s=0.6)
    load = loaded(folder, 2)
    history = load.run()
    ended.set()
    *_, last = folder.read(LoadSecond)
    assert (history.ops["error"] == history.id_of("timeout")).all()
    assert len(history) + last.unsent == 2 * 6


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's device that is full")
def test_a_history_that_cannot_be_written_ends_the_run(
    planned: Planned, loaded: Callable[..., Any], bench_server: Serve
) -> None:
    folder = planned([url_of(bench_server())], roles=reader(0.1))
    folder.history.mkdir()
    load = loaded(folder, 2)
    load.engine.recorder._ops.close()
    load.engine.recorder._ops = open("/dev/full", "ab", buffering=0)  # noqa: SIM115
    load.run()
    assert "could not be written" in load.failures[0]


def test_an_action_that_raises_ends_the_run(
    planned: Planned, loaded: Callable[..., Any], bench_server: Serve
) -> None:
    load = loaded(planned([url_of(bench_server())], roles=reader(0.1)), 1)

    def broken(session: Session) -> None:
        session.ask(None)  # type: ignore[arg-type]

    load.engine._acts[0] = {broken: 1.0}
    load.gather()
    load.engine.begin(time.monotonic_ns())
    until(lambda: load.failures, pause=gevent.sleep)
    assert "AttributeError" in load.failures[0]
    for greenlet in load.greenlets:
        with pytest.raises(AttributeError):
            greenlet.get()


def test_a_session_keeps_to_its_node_and_both_have_as_many(
    planned: Planned, loaded: Callable[..., Any], bench_server: Serve
) -> None:
    servers = [bench_server(), bench_server()]
    load = loaded(planned([url_of(server) for server in servers], duration_s=0.5), 10)
    load.gather()
    assert [server.counted["open"] for server in servers] == [5, 5]
    history = load.run()
    for node, server in enumerate(servers):
        asked = server.counted["requests"] - (node == 0)
        assert (history.ops["node"] == node).sum() == asked > 0


def test_each_request_carries_the_token_and_later_the_renewed_one(
    planned: Planned,
    loaded: Callable[..., Any],
    raw_server: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heads: list[bytes] = []
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"defaults":{},"overrides":{}}'

    def behave(connection: socket.socket, number: int) -> None:
        while data := connection.recv(65536):
            heads.append(data)
            connection.sendall(answer)

    monkeypatch.setenv("LOAD_TEST_TOKEN", "first")
    spec = load_target("reference")
    auth = AuthSpec(kind="token", token_variable="LOAD_TEST_TOKEN")
    folder = planned(
        [raw_server(behave).url],
        target=dataclasses.replace(spec, auth=auth),
        roles=reader(0.1),
    )
    load = loaded(folder, 2)
    load.gather()
    monkeypatch.setattr(load.engine, "_sources", [HeaderSource({"Authorization": "Bearer second"})])

    def renew() -> None:
        until(lambda: len(heads) >= 4, pause=gevent.sleep)  # some have carried the first
        load.engine._refresh_headers()

    gevent.spawn(renew)
    load.run()
    tokens = [b"second" if b"Bearer second\r\n" in head else b"first" for head in heads]
    assert all(b"Authorization: Bearer " in head for head in heads)
    assert tokens == sorted(tokens)
    assert set(tokens) == {b"first", b"second"}


def test_too_low_a_file_limit_says_what_is_missing() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))\n"
        "from scenarios.engine.connection_limit import raise_file_limit\n"
        "import sys; sys.stdout.write(raise_file_limit(20) + '|' + raise_file_limit(1000))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    enough, missing = said.split("|")
    assert enough == ""
    assert "1000 connections need 1256 open files" in missing
    assert "300 at most" in missing


def test_a_session_told_to_leave_ends_after_its_operation(
    planned: Planned, loaded: Callable[..., Any], bench_server: Serve
) -> None:
    load = loaded(planned([url_of(bench_server(delay_ms=200))], roles=reader(0.3)), 1)
    load.gather()
    load.engine.begin(time.monotonic_ns())
    (session,) = load.engine.sessions
    until(lambda: session.is_asking, pause=gevent.sleep)
    session.is_leaving = True
    load.greenlets[0].join(60)
    history = load.finish()
    assert len(history) == 1
    assert history.with_outcome(Outcome.OK).all()


def test_answers_are_held_against_their_schema_and_a_wrong_one_is_told_with_its_curl_line(
    planned: Planned, raw_server: Callable[..., Any], loaded: Callable[..., Any]
) -> None:
    def behave(connection: socket.socket, _: int) -> None:
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                body = b'{"defaults":{},"overrides":{},"metadata":{"format-version":2}}'
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
                connection.sendall(head + body)

    url = raw_server(behave).url
    folder = planned([url], roles=reader(0.05, "load_table"))
    load = loaded(folder, 2)
    history = load.run()
    (told, *_) = lines_of(folder, "violations")
    assert told["source"] == "load-0"
    assert told["operation"] == "loadTable"
    assert "table-uuid" in told["problems"][0]
    assert told["request"].startswith(f"curl -sS -i {url}/v1/namespaces/")
    came = sum(line["answers"] for line in lines_of(folder, "answers"))
    assert came == len(history)
    assert sum(line["wrong"] for line in lines_of(folder, "answers")) >= min(came, 20)


def test_a_load_with_faults_ends_when_the_suite_says_so(
    planned: Planned, bench_server: Serve, loaded: Callable[..., Any]
) -> None:
    """The end is set while every session waits for a start that would lie behind it."""
    folder = planned([url_of(bench_server())], duration_s=0.5, longest_s=60.0, roles=reader(0.4))
    load = loaded(folder, 4)
    load.gather()
    t0_ns = time.monotonic_ns() + 50_000_000
    load.engine.begin(t0_ns)
    end_ns = t0_ns + 2_000_000_000
    gevent.sleep(0.6)  # past the planned duration: it goes on
    folder.append(LoadEnd(t_ns=end_ns))
    until(lambda: load.engine.end_ns == end_ns, pause=gevent.sleep)
    load.engine.wait_over()
    history = load.finish()
    intended = history.ops["intended_ns"]
    assert (intended < end_ns).all()
    assert (intended > t0_ns + 600_000_000).any()
    assert len(history) == 4 * 5
    assert load.unsent() == 0
