"""Who is to blame stands in every form of the report where it is not the catalog."""

from __future__ import annotations

import pytest

from analysis.report_html import (
    FACTS_MOST,
    blamed,
    esc,
    facts,
    pairs,
    quotes_as_they_are,
    slim,
    table,
)
from analysis.report_text import junit, markdown, terminal_table
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.blame import Blame
from iceworthy.words.verdict import Judgement


@pytest.mark.parametrize(
    ("blame", "told"),
    [
        (Blame.MACHINE, "to blame is the machine: slow"),
        (Blame.OUTSIDE, "to blame is somebody outside: slow"),
        (Blame.CATALOG, "slow"),
        (None, "slow"),
    ],
)
def test_who_is_to_blame_is_told_where_it_is_not_the_catalog(
    blame: Blame | None, told: str
) -> None:
    assert blamed(blame, "slow") == told
    unknown = Judgement.UNKNOWN
    one = RequirementVerdict(id="SC-003", verdict=unknown, reason="slow", blame=blame)
    verdicts = ReviewVerdicts(verdict=unknown, requirements=(one,), experiments={}, target="t")
    for text in (terminal_table(verdicts), markdown(verdicts, ReviewRecord()), junit(verdicts)):
        assert told in text
        assert ("to blame" in text) is told.startswith("to blame")


@pytest.mark.parametrize("width", [40, 60, 79, 80, 120, 160])
def test_the_table_fits_any_width_and_breaks_no_command(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.pasted_lines.shutil.which", lambda name: name)
    again = "iceworthy run mix --experiment cut_link --target reference --seed 5 --sessions 600"
    rows = tuple(
        RequirementVerdict(
            id="FR-004",
            title="Optimistic concurrency of tables",
            verdict=verdict,
            reason="two commits share a parent, " * 8,
            figure="5 of 536 share a parent",
            limit="none",
            reproduce=again,
        )
        for verdict in Judgement
    )
    lines = terminal_table(ReviewVerdicts(verdict=Judgement.FAIL, requirements=rows), width)
    told = lines.splitlines()
    assert [line for line in told if len(line) > width and again not in line] == []
    assert sum(line.strip() == again for line in told) == 2
    assert " ".join(lines.split()).count("two commits share a parent, two commits") >= 2
    assert lines.count("5 of 536 share a parent") == 3


def test_what_an_early_end_left_out_shares_one_line_of_the_terminal() -> None:
    left_out = "contract, steady: the review ended before it ran"
    reasons = {"FR-001": left_out, "FR-004": f"contention: too few; {left_out}", "SC-001": left_out}
    rows = tuple(
        RequirementVerdict(id=name, title=name, verdict=Judgement.UNKNOWN, reason=reason)
        for name, reason in reasons.items()
    )
    lines = terminal_table(ReviewVerdicts(verdict=Judgement.UNKNOWN, requirements=rows), 120)
    assert "? unknown  not run, since the review ended before: FR-001, SC-001\n" in lines
    assert lines.count("the review ended before it ran") == 1
    assert "FR-004" in lines


def test_quotes_are_plain_in_text_and_stay_as_they_are_in_attributes() -> None:
    evil = "\"><img src=x onerror='1'>"
    its = facts([{"a": "it's"}])
    made = f'<p title="{esc(evil)}">{esc(evil)}</p>{its}'
    plain = quotes_as_they_are(made)
    assert plain == (
        f'<p title="{esc(evil)}">"&gt;&lt;img src=x onerror=\'1\'&gt;</p><pre>{{"a":"it\'s"}}</pre>'
    )


def test_a_long_fact_is_cut_and_says_where_the_rest_is() -> None:
    shown = facts([{"a": "x" * 5_000}, {"b": 1}])
    assert len(shown) < FACTS_MOST + 200
    assert "characters more in verdicts.json\n" in shown
    assert shown.endswith("{&quot;b&quot;:1}</pre>")
    assert facts({"a": 1}) == "<pre>{&quot;a&quot;:1}</pre>"


def test_a_page_in_fewer_letters_is_read_as_the_same_page() -> None:
    whole = (
        '<p title="a=&quot;b&quot;" class="soft">x="y"</p><ul><li id="a.b-1">1</li><li>2</li></ul>'
        '<svg><path class="line s0" d="M0 1l2 3"/><path class="grid"/></svg>'
        '<figure data-chart=\'{"a":"b"}\'></figure>'
    )
    whole += table(("h", "i"), [("1", "2"), ("3", "")], right=(1,)) + pairs([("n", "t")])
    assert slim(whole) == (
        '<p title="a=&quot;b&quot;" class=soft>x="y"</p><ul><li id=a.b-1>1<li>2</ul>'
        '<svg><path class="line s0" d="M0 1l2 3"/><path class="grid"/></svg>'
        '<figure data-chart=\'{"a":"b"}\'></figure>'
        '<table class="stacks r1"><thead><tr><th>h<th>i<tbody><tr><td>1<td>2<tr><td>3<td></table>'
        "<dl><dt>n<dd>t</dl>"
    )
    assert pairs([]) == ""
