"""Every case of the contract on the reference catalog: all hold, and each can be broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures.stack.stack import open_stack
from iceworthy.contract import run
from iceworthy.contract.case import Case, cases_of
from iceworthy.contract.desk import Desk
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
    with (
        pytest.MonkeyPatch.context() as patch,
        open_stack(load_target(target), folder, lie=lie, node_count=nodes) as live,
    ):
        patch.setattr(run, "CONTRACT_S_MAX", 3600.0)  # a busy machine asks as many
        plan = InquiryPlan(seed=1, token="", known=Known(), params=params, say=lambda text: None)
        found = inquire(live, folder, plan)
    assert not found.left
    return list(lines_of(folder, "cases"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All cases on two nodes without login on files. lines: of cases.jsonl. elsewhere: the cases
    that asked another node than the first."""

    folder: RunFolder
    lines: tuple[dict[str, Any], ...]
    elsewhere: frozenset[str]


@pytest.fixture(scope="module")
def on_two_nodes(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Asked once: the other targets ask each case again, but not each of its values."""
    folder, at, elsewhere = tmp_path_factory.mktemp("two-nodes"), [""], set[str]()
    run_case, send = run.run_case, Desk.send

    def noted(desk: Desk, one: Case, *rest: Any) -> run.CaseEnding:
        at[0] = one.full_name
        return run_case(desk, one, *rest)

    def noted_node(desk: Desk, *what: Any, node: int = 0, **more: Any) -> Any:
        if node % len(desk.nodes):
            elsewhere.add(at[0])
        return send(desk, *what, node=node, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "run_case", noted)
        patch.setattr(Desk, "send", noted_node)
        lines = asked(folder)
    return Asked(folder=RunFolder(folder), lines=tuple(lines), elsewhere=frozenset(elsewhere))


def _all_hold(lines: Sequence[Mapping[str, Any]], folder: RunFolder) -> None:
    wrong = [
        (one["case"], one["expected"], one["got"])
        for one in lines
        if one["ended"] in ("broken", "unknown")
    ]
    shapes = [(one["case"], one["schema"]) for one in lines if one["schema"]]
    assert (wrong, shapes) == ([], [])
    assert Counter(one["ended"] for one in lines)["holds"] > 280
    operations = {one["operation"] for one in lines_of(folder, "operations") if one["advertised"]}
    assert operations <= {one["about"] for one in lines if one["ended"] == "holds"}


def test_all_cases_hold_and_none_is_left_open(on_two_nodes: Asked) -> None:
    _all_hold(on_two_nodes.lines, on_two_nodes.folder)


@pytest.mark.parametrize(
    ("target", "nodes", "words"),
    [
        ("reference", 1, ()),
        # behind the gate: what is read before the body is, and what a login is a part of
        ("reference_secure", 2, ("idempotency", "large", "header", "hostile")),
        # in the store: what stands in the name of an object, and files that clients write
        ("reference_s3", 2, ("odd", "file", "register", "large")),
    ],
)
def test_all_cases_hold_there_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_two_nodes: Asked,
    target: str,
    nodes: int,
    words: tuple[str, ...],
) -> None:
    """Each case with the value that took the fewest requests on two nodes without login on files.
    With all of its values where they could end otherwise than there: where the case did not apply
    there, where a word of its name is one of `words`, and on one node where it asked the second."""
    answers = {one["case"]: int(one["answers"]) for one in on_two_nodes.lines}
    again = {one["case"] for one in on_two_nodes.lines if one["ended"] == "skipped"}
    if nodes == 1:
        again |= on_two_nodes.elsewhere
        assert again

    def chosen(subject: str) -> list[Case]:
        least: dict[str, Case] = {}
        found = cases_of(subject)
        for one in sorted(found, key=lambda one: answers[one.full_name]):
            least.setdefault(one.name.partition("[")[0], one)
        return [
            one
            for one in found
            if one in least.values()
            or one.full_name in again
            or any(word in one.full_name for word in words)
        ]

    monkeypatch.setattr(run, "cases_of", chosen)
    found = asked(tmp_path, target, nodes=nodes)
    assert {one["case"].partition("[")[0] for one in found} == {
        one["case"].partition("[")[0] for one in on_two_nodes.lines
    }
    _all_hold(found, RunFolder(tmp_path))


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
