"""Which hosts a load process may connect to: this machine, and those that were allowed by name."""

from __future__ import annotations

import pytest

from scenarios.engine.load_plan import HOSTS_VARIABLE, RUN_VARIABLE, admitted_hosts, plan_alone
from scenarios.engine.locust_options import Bare


def test_under_the_suite_only_its_hosts_are_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_VARIABLE, "a/run")
    monkeypatch.delenv(HOSTS_VARIABLE, raising=False)
    assert admitted_hosts(["one.example"]) == frozenset()
    monkeypatch.setenv(HOSTS_VARIABLE, "three.example 10.0.0.7")
    assert admitted_hosts(["one.example"]) == {"three.example", "10.0.0.7"}


def test_alone_those_of_allow_host_are_admitted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    monkeypatch.setenv(HOSTS_VARIABLE, "three.example")
    assert admitted_hosts(["one.example"]) == {"one.example", "three.example"}
    assert admitted_hosts() == {"three.example"}


def test_the_plan_of_a_bare_run_is_what_its_options_say() -> None:
    bare = Bare(hosts=("http://127.0.0.1:1",), scenario="read_mix", seed=5, seconds=12.0, users=7)
    plan = plan_alone(bare)
    assert (plan.scenario, plan.seed, plan.duration_s, plan.sessions) == ("read_mix", 5, 12.0, 7)
    assert plan.alone
    other = Bare(hosts=bare.hosts)
    assert plan_alone(other).seed != 5
    assert plan_alone(other).scenario == "mix"
