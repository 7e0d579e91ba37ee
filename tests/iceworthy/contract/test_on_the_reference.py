"""Every case of the contract on the reference catalog: all hold, and each can be broken."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fixtures.stack.stack import open_stack
from iceworthy.contract.inquiries import InquiryPlan
from iceworthy.contract.run import inquire
from iceworthy.record.known import Known
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.target_file import load_target
from tests.streams import lines_of


def asked(
    tmp_path: Path,
    target: str = "reference",
    *,
    lie: str | None = None,
    nodes: int = 2,
    **params: Any,
) -> list[dict[str, Any]]:
    folder = RunFolder(tmp_path)
    with open_stack(load_target(target), folder, lie=lie, node_count=nodes) as live:
        plan = InquiryPlan(seed=1, token="", known=Known(), params=params, say=lambda text: None)
        found = inquire(live, folder, plan)
    assert not found.left
    return list(lines_of(folder, "cases"))


@pytest.mark.parametrize(
    ("target", "nodes"),
    [("reference", 2), ("reference", 1), ("reference_secure", 2), ("reference_s3", 2)],
)
def test_all_cases_hold_and_none_is_left_open(tmp_path: Path, target: str, nodes: int) -> None:
    found = asked(tmp_path, target, nodes=nodes)
    ended = Counter(one["ended"] for one in found)
    wrong = [
        (one["case"], one["expected"], one["got"])
        for one in found
        if one["ended"] in ("broken", "unknown")
    ]
    shapes = [(one["case"], one["schema"]) for one in found if one["schema"]]
    assert (wrong, shapes) == ([], [])
    assert ended["holds"] > 280
    operations = {
        one["operation"] for one in lines_of(RunFolder(tmp_path), "operations") if one["advertised"]
    }
    assert operations <= {one["about"] for one in found if one["ended"] == "holds"}


@pytest.mark.parametrize(
    ("lie", "case"),
    [
        ("ignore_null_parent", "races.of_many_first_snapshots_one_wins"),
        ("last_write_wins", "races.of_many_commits_on_one_parent_one_wins"),
        ("conflict_as_500", "races.of_many_commits_on_one_parent_one_wins"),
        ("event_lost", "events.changes_of_one_table_by_both_nodes_are_told_once_and_in_order"),
        ("event_twice", "events.changes_of_one_table_by_both_nodes_are_told_once_and_in_order"),
        ("event_order", "events.changes_of_one_table_by_both_nodes_are_told_once_and_in_order"),
    ],
)
def test_a_lie_breaks_its_case(tmp_path: Path, lie: str, case: str) -> None:
    (one,) = asked(tmp_path, lie=lie, cases=[case])
    assert one["ended"] == "broken", one
    assert one["request"].startswith("curl ")


@pytest.mark.parametrize(
    ("lie", "case"),
    [
        ("torn_transaction", "transactions.changes_of_two_tables_land"),
        ("deletes_ignored", "scan_plans.deletes_come_with_the_files_they_are_about"),
        ("foreign_plan_accepted", "plan_life.another_tables_plan_is_not_there"),
        ("expired_plan_500", "plan_life.a_plan_that_expires_between_its_tasks_ends_clearly"),
    ],
)
def test_a_lie_breaks_its_case_on_one_node_too(tmp_path: Path, lie: str, case: str) -> None:
    (one,) = asked(tmp_path, lie=lie, nodes=1, cases=[case])
    assert one["ended"] == "broken", one
    assert one["request"].startswith("curl ")


@pytest.mark.parametrize(
    ("lie", "case"),
    [
        ("token_in_clear", "secrets.no_secret_is_in_the_database"),
        ("secret_in_log", "secrets.no_secret_is_in_a_log"),
        ("write_without_scope", "authorization.a_reading_token_changes_nothing[dropTable]"),
        ("write_without_scope", "api_keys.a_reading_key_changes_nothing[updateTable]"),
    ],
)
def test_a_lie_about_security_breaks_its_case(tmp_path: Path, lie: str, case: str) -> None:
    (one,) = asked(tmp_path, "reference_secure", lie=lie, nodes=1, cases=[case])
    assert one["ended"] == "broken", one
    assert "iwt_" not in str(one), "the report must hold no token"


@pytest.mark.parametrize("lie", ["warehouse_credentials", "own_keys"])
def test_a_lie_about_credentials_breaks_its_cases(tmp_path: Path, lie: str) -> None:
    case = "vended_credentials.another_tables_files_are_out_of_reach[read]"
    (one,) = asked(tmp_path, "reference_s3", lie=lie, nodes=1, cases=[case])
    assert one["ended"] == "broken", one
