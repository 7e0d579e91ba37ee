"""What the actions do to an honest catalog, and that their load finds a dishonest one out."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.history import History, Seen
from fixtures.world import build_world, plan_world
from iceworthy import discovery
from iceworthy.record.history import FLAG_MEMBER, NULL_PARENT
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Judgement
from scenarios.engine.load_plan import read_load_plan
from tests import tiny_catalog as tiny

Planned = Callable[..., RunFolder]
SAFETY = (
    "chain_integrity",
    "lost_acknowledgement",
    "phantom",
    "cas_exclusivity",
    "prefix_reads",
    "linearizability",
    "real_time",
    "properties",
)

_PLAYED: dict[tuple[str, ...], History] = {}


@dataclasses.dataclass
class Address:
    index: int
    url: str


@dataclasses.dataclass
class Running:
    spec: Any
    nodes: list[Address]
    folder: RunFolder
    warehouse_folder: Path | None = None
    warehouse_bucket: Any = None


@pytest.fixture
def two_nodes() -> Iterator[Callable[..., list[str]]]:
    """two_nodes(*quirks): the urls of two nodes in front of one tiny catalog."""
    servers: list[Any] = []

    def start(*quirks: str) -> list[str]:
        catalog = tiny.TinyCatalog(*quirks)
        for _ in range(2):
            server = tiny.server(catalog)
            servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return [f"http://127.0.0.1:{server.server_address[1]}" for server in servers[-2:]]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def play(
    tmp_path: Path,
    planned: Planned,
    loaded: Callable[..., Any],
    two_nodes: Callable[..., list[str]],
) -> Callable[..., History]:
    """play(scenario, *quirks): its history after a few seconds, with the world's. Played once for
    all tests: they only look at it."""

    def run(scenario: str, *quirks: str, sessions: int) -> History:
        for number, duration_s in enumerate((4.0, 12.0, 36.0)):
            played = _PLAYED.get((scenario, *quirks))
            if played is not None:
                return played
            history = once(scenario, *quirks, sessions=sessions, duration_s=duration_s)
            # A busy machine may leave hardly any time to a load of four seconds.
            if _has_played(history, scenario, sessions) or duration_s > 30:
                _PLAYED[scenario, *quirks] = history
                return history
            (tmp_path / "run").rename(tmp_path / f"too-short-{number}")
        raise AssertionError("not reached")

    def once(scenario: str, *quirks: str, sessions: int, duration_s: float) -> History:
        urls = two_nodes(*quirks)
        loads = discovery.load("scenario", scenario)
        folder = planned(
            urls,
            scenario=scenario,
            roles=(),
            sessions=sessions,
            duration_s=duration_s,
            world=loads.world,
        )
        plan = read_load_plan(folder.root)
        world = plan_world(plan.world, seed=plan.seed, root=())
        nodes = [Address(index, url) for index, url in enumerate(urls)]
        running: Any = Running(plan.spec, nodes, folder)
        build_world(world, running, folder, id_bits=plan.id_bits)
        load = loaded(folder, sessions)
        history: History = load.run()
        assert not load.failures
        return history

    return run


def _has_played(history: History, scenario: str, sessions: int) -> bool:
    """Whether the load sent enough to be looked at: for the contention, enough
    races, and transactions that were applied, where some were sent."""
    if "load-0" not in history.workers or load_rows(history).sum() <= sessions * 4:
        return False
    if scenario != "commit_contention":
        return True
    commits = history.ops[load_rows(history) & history.of_operation("updateTable")]
    sent = history.ops[history.of_operation("commitTransaction")]
    applied = int((sent["outcome"] == int(Outcome.OK)).sum())
    return len(commits) > 150 and _races(commits) > 5 and (not len(sent) or applied >= 4)


def _races(commits: Any) -> int:
    """How often several sessions sent a commit on one table and one parent at one instant."""
    races = np.unique(commits[["intended_ns", "key", "parent"]], return_counts=True)[1]
    return int((races >= 2).sum())


def judged(history: History, name: str) -> Any:
    return discovery.load("checker", name)(history)


def load_rows(history: History) -> Any:
    return history.worker == history.workers.index("load-0")


def test_contention_on_an_honest_catalog_holds_and_is_not_vacuous(
    play: Callable[..., History],
) -> None:
    history = play("commit_contention", sessions=58)
    verdicts = {name: judged(history, name) for name in SAFETY}
    assert not [v.reason for v in verdicts.values() if v.judgement is Judgement.FAIL]
    assert verdicts["cas_exclusivity"].judgement is Judgement.PASS
    rows = load_rows(history) & history.of_operation("updateTable")
    ops = history.ops[rows]
    for node in (0, 1):
        assert ((ops["node"] == node) & (ops["outcome"] == int(Outcome.OK))).any()
    assert (ops["status"] == 409).sum() > 20
    of_null = ops[ops["parent"] == NULL_PARENT]
    assert len(np.unique(of_null["key"])) >= 3, "several tables had their first commit contested"
    assert len(of_null) > 2 * len(np.unique(of_null["key"]))
    appended = ops[ops["parent"] != -2]["value"]
    assert (appended > 1 << 53).all(), "snapshot ids are beyond what a double holds"
    assert len(np.unique(appended)) == len(appended)


def test_a_transaction_has_one_record_for_each_of_its_tables(play: Callable[..., History]) -> None:
    history = play("commit_contention", sessions=58)
    ops, sent = history.ops, history.of_operation("commitTransaction")
    members = [line.facts["transaction"] for line in history.seen() if "transaction" in line.facts]
    assert members
    assert sorted(history.number[sent]) == sorted(number for pair in members for number in pair)
    further = (ops["flags"] & FLAG_MEMBER) != 0
    assert further.sum() == len(members)
    by_number = {int(history.number[row]): ops[row] for row in np.flatnonzero(sent)}
    for first, second in members:
        one, other = by_number[first], by_number[second]
        assert one["key"] != other["key"]
        assert one["value"] != other["value"]
        same = ("intended_ns", "sent_ns", "completed_ns", "session", "status", "outcome", "node")
        assert all(one[name] == other[name] for name in same)
    assert judged(history, "transactions").judgement is Judgement.PASS


def test_contention_finds_transactions_that_commit_to_one_table(
    play: Callable[..., History],
) -> None:
    history = play("commit_contention", "torn_transactions", sessions=58)
    assert judged(history, "transactions").judgement is Judgement.FAIL


def test_where_no_transactions_are_offered_none_is_sent(play: Callable[..., History]) -> None:
    history = play("commit_contention", "no_transactions", sessions=58)
    assert not history.of_operation("commitTransaction").any()
    assert (load_rows(history) & history.of_operation("updateTable")).sum() > 50
    verdict = judged(history, "transactions")
    assert verdict.judgement is Judgement.UNKNOWN
    assert not verdict.applies


def test_contention_finds_a_catalog_that_does_not_compare(play: Callable[..., History]) -> None:
    history = play("commit_contention", "ignore_assert-ref-snapshot-id", sessions=58)
    assert judged(history, "cas_exclusivity").judgement is Judgement.FAIL
    assert judged(history, "lost_acknowledgement").judgement is Judgement.FAIL


def test_commits_of_several_sessions_meet_at_one_instant(play: Callable[..., History]) -> None:
    history = play("commit_contention", sessions=58)
    ops = history.ops[load_rows(history) & history.of_operation("updateTable")]
    assert _races(ops) >= 3, "races on one table, one parent, one instant"


def test_each_contended_table_is_read_in_full_often_enough(play: Callable[..., History]) -> None:
    history = play("commit_contention", sessions=58)
    load = load_rows(history)
    in_full = {seen.index for seen in history.seen() if "snapshots" in seen.facts}
    for key in np.unique(history.ops["key"][load & history.of_operation("updateTable")]):
        of_key = np.flatnonzero(load & (history.ops["key"] == key))
        commits = 0
        for row in of_key[np.argsort(history.ops["completed_ns"][of_key])]:
            if int(row) in in_full:
                commits = 0
            elif history.ops["parent"][row] != -2 and history.ops["status"][row] == 200:
                commits += int(history.of_operation("updateTable")[row])
            assert commits <= 50


def test_churn_does_every_kind_of_change_and_says_what_it_wrote(
    play: Callable[..., History],
) -> None:
    history = play("namespace_churn", sessions=110)
    load = load_rows(history)
    for operation in (
        "createNamespace",
        "dropNamespace",
        "updateProperties",
        "createTable",
        "dropTable",
        "renameTable",
        "loadNamespaceMetadata",
        "listNamespaces",
        "listTables",
    ):
        good = load & history.of_operation(operation) & history.with_outcome(Outcome.OK)
        assert good.any(), operation
    seen: list[Seen] = list(history.seen())
    written = {s.index: s.facts["set"] for s in seen if "set" in s.facts}
    wrote = load & history.of_operation("updateProperties")
    for row in np.flatnonzero(wrote):
        assert str(history.ops["value"][row]) in written[int(row)].values()
    assert any("destination" in s.facts for s in seen)
    assert any("names" in s.facts for s in seen)
    assert judged(history, "properties").judgement is not Judgement.FAIL


def test_properties_are_written_to_one_namespace_by_several_sessions_at_once(
    play: Callable[..., History],
) -> None:
    history = play("namespace_churn", sessions=110)
    ops = history.ops[load_rows(history) & history.of_operation("updateProperties")]
    same = np.unique(ops[["intended_ns", "key"]], return_counts=True)[1]
    assert (same >= 2).any()
    assert judged(history, "properties").judgement is not Judgement.FAIL


def test_forgotten_properties_are_found(play: Callable[..., History]) -> None:
    history = play("namespace_churn", "properties_forgotten", sessions=110)
    assert judged(history, "properties").judgement is Judgement.FAIL


@pytest.mark.parametrize("scenario", sorted(discovery.names("scenario")))
def test_every_scenario_names_actions_and_checkers_that_exist(scenario: str) -> None:
    found = discovery.load("scenario", scenario)
    for role in found.roles:
        for action in role.actions:
            assert callable(discovery.load("action", action))
    assert set(found.checkers) <= set(discovery.names("checker"))
    assert found.checkers
