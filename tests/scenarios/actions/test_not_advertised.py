"""The load does not ask for operations that the target does not advertise."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.client.connect import Config, wire_of
from iceworthy.client.wire import Wire
from iceworthy.specification import BY_DEFAULT, advertised_name, operation
from iceworthy.words.outcome import Outcome
from iceworthy.words.target_file import load_target
from scenarios.actions import rename_race, set_properties, table_churn, table_exists, view_churn
from scenarios.engine.requests import Request
from scenarios.engine.schedule import Schedule
from scenarios.engine.session import Session

BARE = tuple(advertised_name(operation(name)) for name in BY_DEFAULT if name != "renameTable")


class Asked:
    """A session that keeps the operations which it is asked to send; each of them works."""

    def __init__(self, offered: frozenset[str] | None) -> None:
        self.operations: list[str] = []
        self.offered = offered
        self.id, self.t0_ns, self.state = 1, 0, {}
        self.rng = random.Random(1)
        self.wire: Any = Wire()
        self.reads = self.wire
        place = SimpleNamespace(namespace=("a",), name="t")
        self.world = SimpleNamespace(tables=[place], namespaces=[("a",)], hot_namespace=("a",))

    def offers(self, name: str) -> bool:
        return self.offered is None or name in self.offered

    def ask(self, call: Any, **_: Any) -> Any:
        self.operations.append(call.operation)
        return SimpleNamespace(outcome=Outcome.OK, ok=True, table=SimpleNamespace(uuid="u"))

    def location(self, *_: Any) -> str:
        return ""

    def next_ns(self) -> int:
        return 0

    def now_ns(self) -> int:
        return 0


def asked(action: Any, offered: frozenset[str] | None) -> set[str]:
    session: Any = Asked(offered)
    for _ in range(40):
        action.act(session)
    return set(session.operations)


@pytest.mark.parametrize(
    ("action", "name"),
    [
        (table_exists, "tableExists"),
        (table_churn, "renameTable"),
        (rename_race, "renameTable"),
    ],
)
def test_what_is_not_advertised_is_not_sent(action: Any, name: str) -> None:
    assert name in asked(action, None)
    assert name in asked(action, frozenset({name}))
    rest = asked(action, frozenset(BY_DEFAULT) - {name})
    assert name not in rest
    assert "loadTable" in rest


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (Config(), BY_DEFAULT),
        (Config(endpoints=BARE), BY_DEFAULT - {"renameTable"}),
        (Config(endpoints=()), frozenset()),
    ],
)
def test_a_load_knows_what_the_configuration_lists(config: Config, wanted: frozenset[str]) -> None:
    offered = wire_of(load_target("reference"), config).offered
    assert offered == wanted | {"getConfig"}
    assert "tableExists" not in offered


@pytest.mark.parametrize("period_ns", [0, 5_000_000])
def test_a_session_sends_nothing_that_is_not_offered_and_lets_the_turn_pass(period_ns: int) -> None:
    slept: list[int] = []
    session: Any = Session.__new__(Session)
    session.wire = replace(Wire(), offered=frozenset({"loadTable"}))
    session._engine = SimpleNamespace(end_ns=2**62, cutoff_ns=2**62)
    session._reactor = SimpleNamespace(sleep_until=slept.append)
    session.schedule = Schedule(first_ns=1, period_ns=period_ns)
    request: Any = Request.__new__(Request)
    request.operation = "tableExists"
    reply = session.ask(request)
    assert (reply.outcome, reply.status, reply.table) == (Outcome.FAIL, 0, None)
    assert session.schedule.taken == bool(period_ns)
    assert bool(slept) is (period_ns == 0)


def test_properties_of_namespaces_are_not_changed_where_that_is_not_offered() -> None:
    def sent(offered: frozenset[str]) -> list[str]:
        session: Any = Asked(offered)
        session.world.namespaces = [("a",)]
        session.new_value = lambda: 7
        set_properties._on_namespace(session, 0)
        found: list[str] = session.operations
        return found

    assert sent(frozenset()) == ["loadNamespaceMetadata"]
    assert "updateProperties" in sent(frozenset({"updateProperties"}))


def test_views_are_made_replaced_renamed_and_dropped_where_they_are_offered() -> None:
    whole = asked(view_churn, None)
    assert whole == {"createView", "replaceView", "renameView", "dropView"}
    assert asked(view_churn, frozenset(whole - {"renameView"})) == whole - {"renameView"}
