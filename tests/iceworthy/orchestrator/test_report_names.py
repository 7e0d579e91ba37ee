"""`list` and `describe` know every name that a report uses."""

from __future__ import annotations

import pytest

from analysis.requirements import REQUIREMENTS
from iceworthy.cli import main
from iceworthy.command_line import MORE
from iceworthy.contract.case import cases_of, subjects
from iceworthy.orchestrator.listing import describe_text, list_text
from iceworthy.orchestrator.report_names import GROUPS
from iceworthy.specification import OPERATIONS
from iceworthy.words.errors import EXIT_PASS, EXIT_USAGE


def names(group: str) -> set[str]:
    return {line.split("  ")[0] for line in list_text(group).splitlines()}


def test_groups_list_all_of_their_names() -> None:
    assert names("requirements") == {one.id for one in REQUIREMENTS}
    assert names("operations") == {one.id for one in OPERATIONS}
    every = {one.full_name for subject in subjects() for one in cases_of(subject)}
    assert len(every) > 300
    assert {line[: len(line)] for line in every} <= {
        line.split("  ")[0] for line in list_text("cases").splitlines()
    }
    assert {"lost_acknowledgement", "contract_cases"} <= names("judges") == names("checks")
    assert set(MORE) == set(GROUPS) - {"cases"}


def test_every_judge_of_a_requirement_can_be_described() -> None:
    for one in REQUIREMENTS:
        for basis in one.bases:
            name = str(basis.judge)
            text = describe_text(name)
            assert basis.judge.name in text
            assert one.id in text or "[" not in name


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("dropping_twice_is_not_found", "about: dropNamespace"),
        ("namespaces.dropping_twice_is_not_found", "--case namespaces.dropping_twice_is_not_found"),
        ("loadTable", "cases of the contract are about it"),
        ("contract_cases[FR-009]", "FR-009  OAuth2 tokens"),
        ("survey", "experiment survey"),
    ],
)
def test_names_of_cases_operations_and_judges_are_described(
    name: str, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", name]) == EXIT_PASS
    assert wanted in capsys.readouterr().out


def test_a_case_of_every_label_is_described_together() -> None:
    labelled = next(one for subject in subjects() for one in cases_of(subject) if "[" in one.name)
    together = describe_text(labelled.name.partition("[")[0])
    assert labelled.full_name in together
    assert describe_text(labelled.full_name).startswith(f"case {labelled.full_name}\n")


def test_a_mistyped_case_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "dropping_twice_is_not_fond"]) == EXIT_USAGE
    assert "did you mean 'dropping_twice_is_not_found'?" in capsys.readouterr().err
    assert main(["describe", "contract_cases[FR-999]"]) == EXIT_USAGE
    capsys.readouterr()


@pytest.mark.parametrize("name", ["", "[", "contract_cases[", " "])
def test_what_is_no_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", name]) == EXIT_USAGE
    capsys.readouterr()
