"""Which hosts a load process may connect to: those of the suite, or those of Locust's --host."""

from __future__ import annotations

import pytest

from scenarios.engine.load_plan import HOSTS_VARIABLE, RUN_VARIABLE, admitted_hosts

HOSTS = "http://one.example:8181, https://two.example"


def test_under_the_suite_only_its_hosts_are_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_VARIABLE, "a/run")
    monkeypatch.delenv(HOSTS_VARIABLE, raising=False)
    assert admitted_hosts(HOSTS) == frozenset()
    monkeypatch.setenv(HOSTS_VARIABLE, "three.example 10.0.0.7")
    assert admitted_hosts(HOSTS) == {"three.example", "10.0.0.7"}


def test_alone_the_hosts_on_the_command_line_are_admitted_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    monkeypatch.setenv(HOSTS_VARIABLE, "three.example")
    assert admitted_hosts(HOSTS) == {"one.example", "two.example", "three.example"}
    assert admitted_hosts("") == {"three.example"}
