"""Findings in terminal, Markdown and HTML: the worst first, under the same numbers everywhere."""

from __future__ import annotations

from dataclasses import replace

from analysis.report_findings import (
    WORST,
    findings_html,
    findings_markdown,
    findings_terminal,
    refers,
    worst_html,
    worst_markdown,
)
from analysis.report_text import terminal_table
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.finding import Cause, Finding, Harm, grouped
from iceworthy.words.verdict import Judgement

LOST = Finding(
    cause=Cause(rule="lost"),
    title="a commit is lost",
    expected="the snapshot",
    words="an acknowledged commit stays",
    place="updateTable.responses.200",
    got="no snapshot\nat all",
    harm=Harm.LOST,
    requirements=("FR-016",),
    experiments=("steady",),
    again="iceworthy run steady",
    since="3.2 s after the load of steady began",
)


def many(number: int) -> tuple[Finding, ...]:
    shapes = [
        replace(LOST, cause=Cause(rule=f"shape {n}"), title=f"shape {n}", harm=Harm.SHAPE)
        for n in range(number - 1)
    ]
    return grouped([*shapes, replace(LOST, requirements=("FR-016", "FR-002"))])


def test_the_terminal_shows_the_five_worst_with_what_was_wanted_and_the_line_to_paste() -> None:
    lines = findings_terminal(many(8), 100).splitlines()
    assert lines[0] == "The 5 worst of 8 findings:"
    assert lines[1] == "1. [data lost] a commit is lost (1 ×; FR-016, FR-002)"
    assert lines[2:6] == [
        "   wanted  the snapshot, by: an acknowledged commit stays (updateTable.responses.200)",
        "      got  no snapshot at all",
        "    since  3.2 s after the load of steady began",
        "    again  iceworthy run steady",
    ]
    assert len([line for line in lines if line[:1].isdigit()]) == WORST
    assert findings_terminal((), 100) == ""


def test_no_line_of_the_terminal_is_wider_than_it_but_the_one_to_paste() -> None:
    long = replace(LOST, title="t" * 300, got="c" * 300, words="w" * 300)
    for line in findings_terminal([long], 80).splitlines():
        assert len(line) <= 80 or "again" in line


def test_the_worst_open_the_report_and_the_others_are_grouped_by_harm() -> None:
    found = many(8)
    opening, rest = "\n".join(worst_markdown(found)), "\n".join(findings_markdown(found))
    assert "## Findings: the worst of 8" in opening
    assert "1. a commit is lost (data lost;" in opening
    assert "## Findings: shape (3)" in rest
    assert "6. shape" in rest, "numbers go on"
    assert "a commit is lost" in worst_html(found)
    assert "<h3>shape (3)</h3>" in findings_html(found)
    assert "a commit is lost" not in findings_html(found)
    assert worst_html(()) == findings_html(found[:WORST]) == ""


def test_a_requirement_refers_to_its_findings_by_number() -> None:
    found = many(8)
    assert refers(found, "FR-016") == "findings 1, 2, 3, 4, 5 and 3 more"
    assert refers(found, "FR-002") == "finding 1"
    assert refers(found, "FR-001") == ""


def test_a_red_row_names_its_findings_and_not_their_story_again() -> None:
    row = RequirementVerdict(
        id="FR-016",
        verdict=Judgement.FAIL,
        reason="a long story",
        title="Durable",
        in_scope=True,
        reproduce="iceworthy run steady",
    )
    verdicts = ReviewVerdicts(verdict=Judgement.FAIL, requirements=(row,))
    table = terminal_table(verdicts, 100, [LOST])
    assert "a long story" not in table
    assert "finding 1" in table
    assert "a long story" in terminal_table(verdicts, 100)
    assert table.splitlines()[-1].startswith("0 of 1 requirements"), "the sentence ends it"
