"""The report of a recorded review: self-contained, complete, escaped, quick."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from analysis.judge import judge_review
from analysis.report import render, terminal_table
from iceworthy.record.verdicts import read_review_verdicts
from iceworthy.words.errors import RecordError
from iceworthy.words.verdict import Judgement
from tests.counting import calls_of

VOID = {"meta", "br", "line", "rect", "path"}
ENDED_BY_THE_NEXT = {"td", "th", "tr", "thead", "tbody", "li", "dt", "dd"}


class Page(HTMLParser):
    """Checks that tags are balanced and collects what the page points at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.links += [v for k, v in attrs if k in ("href", "src", "action") and v]
        self.ids += [own["id"]] if own.get("id") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] in ENDED_BY_THE_NEXT:
            self.open.pop()
        if tag not in VOID:
            assert self.open.pop() == tag, (tag, self.open[-3:])

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def judged(recorded: Path) -> Path:
    judge_review(recorded)
    return recorded


def parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def test_the_page_is_whole_and_asks_nothing_from_outside(judged: Path) -> None:
    path = render(judged)
    page = parsed(path)
    assert page.open == []
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|https?://(?!127\.0\.0\.1)", text)
    assert path.stat().st_size < 1_500_000


def test_the_page_shows_the_verdict_each_requirement_and_how_to_run_it_again(judged: Path) -> None:
    words = " ".join(parsed(render(judged)).words)
    verdicts = read_review_verdicts(judged)
    assert words.index(verdicts.verdict.upper()) < words.index("Requirements")
    for one in verdicts.requirements:
        assert one.id in words
        assert one.reproduce in words
    for name in verdicts.experiments:
        assert name in words


def test_every_chart_of_a_loaded_experiment_is_drawn(judged: Path) -> None:
    text = render(judged).read_text(encoding="utf-8")
    section = text.partition("<section id=cut_link>")[2].partition("<section")[0]
    for title in (
        "Latency from the intended start",
        "Answers a second",
        "Latency by percentile",
        "CPU",
        "Memory",
        "Connections",
        "Offered load",
        "loadTable: latency",
        "Every operation: latency",
    ):
        assert f'aria-label="{title}' in section, title
    assert "class=band" in section
    assert "class=limit" not in section  # SC-003 is judged in the steady run, of reads alone
    steady = text.partition("<section id=steady>")[2].partition("<section")[0]
    charts = re.split('<figure class="?chart', steady)
    reads, shares = (one for one in charts if "class=limit" in one)
    assert "Latency of reads" in reads
    assert "Latency by percentile" in shares
    assert "reads, SC-003: 50 ms" in shares
    assert "NaN" not in text
    assert "nan" not in re.findall(r' d="([^"]*)"', text)


def test_what_a_target_says_is_shown_as_text_only(judged: Path, tmp_path: Path) -> None:
    root = shutil.copytree(judged, tmp_path / "review")
    verdicts = json.loads((root / "verdicts.json").read_text())
    evil = "<script>alert(1)</script>\x00"
    for one in verdicts["requirements"]:
        one.update(reason=evil, figure=evil, limit=evil, reproduce=evil, title=evil)
    (root / "verdicts.json").write_text(json.dumps(verdicts))
    text = render(root).read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    ElementTree.parse(root / "junit.xml")


def test_junit_counts_what_it_holds(judged: Path) -> None:
    render(judged)
    suite = ElementTree.parse(judged / "junit.xml").getroot()
    verdicts = read_review_verdicts(judged).requirements
    assert int(suite.get("tests", "0")) == len(suite.findall("testcase")) == len(verdicts)
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(suite.findall(f"testcase/{tag}")) == int(suite.get(attribute, "-1"))
    open_ones = [one for one in verdicts if one.verdict == "unknown" and one.in_scope]
    assert int(suite.get("errors", "-1")) == len(open_ones)


def test_markdown_and_terminal_name_what_is_not_met(judged: Path) -> None:
    render(judged)
    rows = read_review_verdicts(judged).requirements
    good = next(one for one in rows if one.verdict == "pass")
    bad = replace(good, verdict=Judgement.FAIL, reason="because of a test")
    verdicts = replace(
        read_review_verdicts(judged),
        requirements=tuple(bad if one is good else one for one in rows),
    )
    table = terminal_table(verdicts, width=100)
    assert f"FAIL     {bad.id}" in table
    assert "because of a test" in table
    assert "not met: " + bad.id in table
    assert all(len(line) <= 200 for line in table.splitlines())
    assert "| id | requirement |" in (judged / "report.md").read_text()


def test_a_review_that_was_not_judged_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="iceworthy judge"):
        render(tmp_path)


def test_an_experiment_that_cannot_be_read_does_not_take_the_report_with_it(
    judged: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(judged, tmp_path / "review")
    (root / "experiments" / "steady" / "windows.jsonl").write_text('{"torn\n')
    page = parsed(render(root))
    assert any("cannot be drawn" in word for word in page.words)
    assert "cut_link" in page.ids


def test_a_big_review_is_judged_and_drawn_in_a_few_calls_for_each_operation(
    synthetic: Any, tmp_path: Path
) -> None:
    """Calls are counted, not seconds: a busy machine makes none more."""
    run = synthetic("steady").calm(end_s=30.0, per_s=1000.0)
    run.race(2.0, 30.0, per_s=100.0)
    run.done()
    calls = calls_of(lambda: (judge_review(tmp_path), render(tmp_path)))
    # 36,000 operations; nine experiments of 60,000 must take less than 15 s, so one 1.7 s.
    assert 1 < calls / 36_000 < 100, calls
