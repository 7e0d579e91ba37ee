"""Findings in terminal, Markdown and HTML: the worst first, under the same numbers everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from iceworthy.words.finding import Cause, Finding, Harm, Request, grouped
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


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """`iceworthy` is on PATH, so that its lines begin with it."""
    monkeypatch.setattr("analysis.pasted_lines.shutil.which", lambda name: name)


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
        " expected  the snapshot, by: an acknowledged commit stays (updateTable.responses.200)",
        "      got  no snapshot at all",
        "    since  3.2 s after the load of steady began",
        "    again  iceworthy run steady",
    ]
    assert len([line for line in lines if line[:1].isdigit()]) == WORST
    assert findings_terminal((), 100) == ""


def test_no_line_of_the_terminal_is_wider_than_it_but_the_one_to_paste() -> None:
    long = replace(LOST, title="t" * 300, got="c" * 300, words="w" * 300)
    lines = findings_terminal([long], 80).splitlines()
    for line in lines:
        assert len(line) <= 80 or "again" in line
    long = replace(LOST, title="a word " * 18, got="c " * 600, words="w")
    lines = findings_terminal([long], 80).splitlines()
    assert " ".join(" ".join(lines).split()).count("a word") == 18, "a title is whole"
    got = [i for i, line in enumerate(lines) if line.startswith("      got  c")]
    assert lines[got[0] + 2].endswith(" …"), "a long answer is cut in its third line"


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


def test_a_finding_shows_its_sequence_of_requests_and_what_the_lines_need() -> None:
    ask = Request(method="GET", path="/v1/x", body="", curl='curl "$CATALOG"/v1/x', answer="404")
    made = replace(ask, method="POST", curl='curl -X POST "$CATALOG"/v1')
    one = replace(LOST, requests=(made, ask), needs=("BINARY",))
    lines = findings_terminal([one], 200).splitlines()
    assert '     asks  curl -X POST "$CATALOG"/v1' in lines
    assert '     asks  curl "$CATALOG"/v1/x' in lines
    assert lines[-1].startswith("    needs  CATALOG: ")
    assert lines[-1].endswith("iceworthy: BINARY")
    listed = worst_markdown([one])
    first = listed.index("   - requests:")
    assert listed[first + 1 : first + 3] == [f"     - `{made.curl}`", f"     - `{ask.curl}`"]
    assert any(line.startswith("   - needs: CATALOG") for line in listed)
    drawn = worst_html([one], {1: "<b>drawing</b>"})
    order = [drawn.index(part) for part in ("POST &quot;$C", "curl &quot;$C", "<b>drawing</b>")]
    assert order == sorted(order)
    assert "<b>drawing</b>" not in worst_html([one], {2: "<b>drawing</b>"})


def test_one_cause_shows_the_sequence_of_one_failure_and_the_operations_of_one_experiment() -> None:
    first = Request(method="GET", path="/1", body="", curl="curl 1", answer="")
    one = replace(LOST, requests=(first,), operations=("load-0:1",), recorded_in="steady")
    again = replace(one, requests=(replace(first, curl="curl 2"),), operations=("load-0:2",))
    (found,) = grouped([one, again, replace(again, recorded_in="contention")])
    assert [each.curl for each in found.requests] == ["curl 1"]
    assert (found.operations, found.recorded_in) == (("load-0:1", "load-0:2"), "steady")


def test_the_worst_are_marked_by_their_harm_and_the_others_are_listed_below_its_name() -> None:
    worst, others = worst_html(many(6)), findings_html(many(6))
    assert worst.count('<b class="fail">✕ ') == WORST
    assert "✕ data lost</b> <b>1. a commit is lost" in worst
    assert worst.count('<div class="finding"><details class="fold listed" id="finding-') == WORST
    assert 'class="fail"' not in others
    assert f'id="finding-{WORST + 1}"><summary><b>{WORST + 1}. ' in others
    assert "<dl><dt>expected</dt>" in worst
