"""The suite's own options of Locust: scenario, tags, hosts, and what they become."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.words.errors import PlanError
from iceworthy.words.scenario import Role
from scenarios.engine.locust_options import (
    add_options,
    bare_of,
    refuse_remote_hosts,
    tagged,
)
from tests.source_tree import ROOT

ROLES = (
    Role(name="reader", weight=9, period_s=1.0, actions={"load_table": 3.0, "list_tables": 1.0}),
    Role(name="writer", weight=1, period_s=1.0, actions={"commit_append": 1.0}),
)


class Parser(argparse.ArgumentParser):
    """Locust's parser without Locust, which patches the process that imports it."""

    def add_argument(self, *names: str, **facts: Any) -> Any:  # type: ignore[override]
        for name in ("env_var", "include_in_web_ui"):
            facts.pop(name, None)
        return super().add_argument(*names, **facts)


def parsed(*words: str) -> Any:
    parser = Parser()
    add_options(parser)
    return parser.parse_args(list(words))


def environment(*words: str, host: str = "http://127.0.0.1:1", **more: Any) -> Any:
    options = parsed(*words)
    options.num_users = 3
    return SimpleNamespace(parsed_options=options, host=host, tags=None, exclude_tags=None, **more)


IN_LOCUST = """
from types import SimpleNamespace
from locust.argument_parser import get_empty_argument_parser
from locust.env import Environment
from iceworthy import discovery
from scenarios.engine.locust_options import add_options
from scenarios.engine.locust_users import Link, SessionUser

parser = get_empty_argument_parser()
add_options(parser)
assert parser.parse_args([]).scenario == "namespace_churn", "of the variable"
assert parser.parse_args(["--scenario", "mix"]).scenario == "mix"
shown = parser.args_included_in_web_ui
assert list(shown["scenario"].choices) == list(discovery.names("scenario"))
assert not {"allow_host", "target", "seed"} & set(shown)
for requests, before, wanted in ((0, None, 2), (5, None, None), (0, 70, 70)):
    made = Environment(user_classes=[SessionUser], host="http://127.0.0.1:1")
    made.parsed_options = SimpleNamespace(headless=True, allow_host=[])
    made.create_local_runner()
    made.process_exit_code = before
    for _ in range(requests):
        made.stats.log_request("GET", "x", 1, 1)
    Link(made)._on_quitting()
    assert made.process_exit_code == wanted
    made.parsed_options.headless, made.process_exit_code = False, None
    Link(made)._on_quitting()
    assert made.process_exit_code is None, "a web UI that was only looked at is no failure"
"""


def test_locust_takes_the_options_and_a_run_without_a_request_is_no_success() -> None:
    """The scenario is an option, a variable and a choice of the web UI."""
    done = subprocess.run(
        [sys.executable, "-c", IN_LOCUST],
        cwd=ROOT,
        env={**os.environ, "ICEWORTHY_SCENARIO": "namespace_churn", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_options_become_the_run() -> None:
    found = bare_of(environment("--seed", "5", host="http://127.0.0.1:1, http://localhost:2"))
    assert found.hosts == ("http://127.0.0.1:1", "http://localhost:2")
    assert (found.seed, found.users, found.roles) == (5, 3, ())
    assert bare_of(environment(), ROLES).roles == ROLES
    with pytest.raises(PlanError, match="give --host"):
        bare_of(environment(host=""))


@pytest.mark.parametrize("host", ["http://192.0.2.1:8181", "https://one.example", "nonsense"])
def test_a_host_that_is_not_this_machine_is_refused(host: str) -> None:
    with pytest.raises(PlanError, match="is not this machine"):
        bare_of(environment(host=f"http://127.0.0.1:1,{host}"))
    with pytest.raises(PlanError, match="is not this machine"):
        refuse_remote_hosts([host], ["another.example"])


def test_a_host_that_is_allowed_by_its_name_is_not() -> None:
    found = bare_of(environment("--allow-host", "one.example", host="https://one.example"))
    assert found.hosts == ("https://one.example",)


def test_tags_leave_the_actions_of_that_name_or_role() -> None:
    def left(tags: list[str], excluded: list[str]) -> dict[str, set[str]]:
        return {role.name: set(role.actions) for role in tagged(ROLES, tags, excluded)}

    assert left(["load_table"], []) == {"reader": {"load_table"}}
    assert left(["reader"], ["list_tables"]) == {"reader": {"load_table"}}
    assert left([], ["reader"]) == {"writer": {"commit_append"}}
    assert left(["writer", "list_tables"], []) == {
        "reader": {"list_tables"},
        "writer": {"commit_append"},
    }
    with pytest.raises(PlanError, match="did you mean 'load_table'"):
        tagged(ROLES, ["lod_table"], [])
    with pytest.raises(PlanError, match="leave no operation"):
        tagged(ROLES, ["writer"], ["commit_append"])
    given = environment()
    given.parsed_options.tags = ["load_table"]
    assert {name for role in bare_of(given).roles for name in role.actions} == {"load_table"}
