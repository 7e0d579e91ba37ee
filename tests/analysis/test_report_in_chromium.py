"""The report as a reader sees it: in a real Chromium, at several widths, light and dark, printed.

Method: a recorded review with load and a fault, to which a contract with hundreds of broken cases
is added. One browser for the whole file. Without a Chromium the tests are skipped, in CI they fail
unless SKIP names "browser".
What it does NOT show: that the page is beautiful; somebody has to look at it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.judge import judge_review
from analysis.report import render
from iceworthy.specification.operations import OPERATIONS
from tests.analysis.conftest import Synthetic
from tests.axe import axe_script
from tests.chromium import Browser, browser, chromium_binary

WIDTHS = (400, 768, 1024, 1400)
SCREEN_PX = 900
LETTER_PX_LEAST = 11
A4_PX = (703, 1022)  # what the margins leave of a sheet, in CSS pixels
PAGES_MOST = 11


def lacks(what: str) -> None:
    """Skip, or fail where the machine must have it."""
    if os.environ.get("CI") and "browser" not in os.environ.get("SKIP", "").split():
        pytest.fail(f"{what}; in CI it must be, or SKIP must name browser", pytrace=False)
    pytest.skip(what)


def broken_contract(root: Path, operations: int, cases: int) -> None:
    """A contract experiment with so many operations and so many broken cases, three of a kind."""
    run = Synthetic(root / "experiments", "contract", scenario=None, inquiry="contract")
    schema = [{"status": 200, "problems": ["/metadata/snapshots: null is not of type array"]}]
    for name in (one.id for one in OPERATIONS[:operations]):
        run.operation(name)
        run.case("broken", about=name, name=f"an_answer_of_{name}", schema=schema)
    for i in range(cases):
        run.case(
            "broken",
            name=f"a_name_that_is_as_long_as_names_of_cases_are_{i // 3}[{i % 3}]",
            says="the server MUST answer with the state that the last commit left " * 3,
            expected="200 " + "and_a_long_word_without_any_space_" * 4,
            got="500 {'error': {'message': '" + "x" * 300 + "'}}",
            request="curl -X POST 'http://127.0.0.1:1/v1/" + "namespaces/" * 30 + "'",
        )
    run.done()


@pytest.fixture(scope="module")
def report(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shown") / "review"
    shutil.copytree(recorded, root)
    broken_contract(root, len(OPERATIONS), 300)
    judge_review(root)
    return render(root)


@pytest.fixture(scope="module")
def small_report(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each kind of part once: axe-core takes long on a page with thousands of elements."""
    root = tmp_path_factory.mktemp("small") / "review"
    shutil.copytree(recorded, root)
    for folder in (root / "experiments").iterdir():
        if folder.name != "cut_link":
            shutil.rmtree(folder)
    broken_contract(root, 3, 3)
    judge_review(root)
    return render(root)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if chromium_binary() is None:
        lacks("no Chromium is on PATH (Debian, Ubuntu: apt install chromium)")
    with browser(tmp_path_factory.mktemp("chromium") / "profile") as one:
        yield one


@pytest.fixture(scope="module")
def page(report: Path, tab: Browser) -> Browser:
    tab.look(width=1400, height=SCREEN_PX)
    tab.open(report)
    return tab


# Parts within closed parts are not on the page yet; whoever prints it gets them all.
OPEN_ALL = """
dispatchEvent(new Event('beforeprint'));
document.querySelectorAll('details').forEach(d => { d.open = true })
"""
OUTSIDE = """
[...document.querySelectorAll('main *')].filter(e => {
  if (e.closest('nav, .unseen, .tip, thead, .scroll')) return false;
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map(e => e.tagName + '.' + (e.className.baseVal ?? e.className) + ' ' +
  e.textContent.slice(0, 60)).slice(0, 5)
"""
CUT = """
[...document.querySelectorAll('main *')].filter(e =>
  !e.closest('nav, svg, .unseen, .what, thead, .scroll') &&
  getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1
).map(e => e.tagName + '.' + e.className).slice(0, 5)
"""
SMALL = f"""
[...document.querySelectorAll('main *')].filter(e => {{
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const scale = e.getScreenCTM ? e.getScreenCTM().d : 1;
  return own && parseFloat(getComputedStyle(e).fontSize) * scale < {LETTER_PX_LEAST};
}}).map(e => e.tagName + ' ' + e.textContent.slice(0, 60)).slice(0, 5)
"""
OVER_EACH_OTHER = """
[...document.querySelectorAll('.plot')].flatMap(plot => {
  const texts = [...plot.querySelectorAll('text')].map(t => [t.getBoundingClientRect(), t]);
  return texts.flatMap(([a, one], i) => texts.slice(i + 1).filter(([b]) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2
  ).map(([, other]) => one.textContent + ' over ' + other.textContent));
}).slice(0, 5)
"""
# Rows after the second of a table are like the second; axe-core takes milliseconds for each.
THIN = """
document.querySelectorAll('tbody, .reqs, .charts').forEach(
  part => [...part.children].slice(2).forEach(row => row.remove()))
"""
AXE = """
axe.run(document, {resultTypes: ['violations'], rules: RULES}).then(found => found.violations.map(
  one => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 300)]).sort())
"""
ANCHORS = """
(() => {
  const menu = document.querySelector('nav'), wrong = [];
  for (const link of menu.querySelectorAll('a')) {
    location.hash = '';
    scrollTo(0, 0);
    const target = document.querySelector(CSS.escape(link.hash).replace('\\\\#', '#'));
    target.scrollIntoView();
    const gap = target.getBoundingClientRect().top - menu.getBoundingClientRect().bottom;
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    if (gap < 0 || (gap > 40 && !end)) wrong.push(link.hash + ' ' + gap);
  }
  return wrong;
})()
"""


KEPT = "document.querySelectorAll('details > template').length"
LEFT_IN_CLOSED = "document.querySelectorAll('details:not([open]) > :not(summary, template)').length"
WORDS_OF = "[...{}.querySelectorAll('main td, main dd, main p, main code')].map(e => e.textContent)"


def test_closed_parts_wait_in_templates_until_they_are_opened(tab: Browser, report: Path) -> None:
    tab.open(report)
    assert tab.value(KEPT) > 300
    assert tab.value(LEFT_IN_CLOSED) == 0
    tab.value("""window.part = [...document.querySelectorAll('#contract .searched > .fold')].find(
        one => one.querySelector(':scope > template').content.querySelector('details')); 0""")
    assert "expected" not in tab.value("part.textContent")
    tab.value("part.querySelector('summary').click()")
    tab.wait("part.querySelector('details') !== null")
    assert tab.value("part.querySelector('details > template') !== null"), "closed, so it waits too"
    tab.value("part.querySelector('details').open = true")
    tab.wait("part.querySelector('details dd') !== null")


@pytest.mark.parametrize(
    "act",
    [
        "dispatchEvent(new Event('beforeprint'))",
        "dispatchEvent(new KeyboardEvent('keydown', {key: 'f', ctrlKey: true}))",
        "(() => { const one = document.querySelector('.tools select'); one.value = 'fail';"
        " one.dispatchEvent(new Event('change')); })()",
    ],
    ids=["printed", "looked through by the browser", "filtered"],
)
def test_no_word_of_the_file_is_lost(tab: Browser, report: Path, act: str) -> None:
    """What a browser without scripts shows is what is there when all parts are put back."""
    tab.open(report)
    tab.value(f"{act}; 0")
    assert tab.value(KEPT) == 0
    file = report.read_text(encoding="utf-8").partition("<script>")[0]
    tab.value(
        f"window.asWritten = new DOMParser().parseFromString({json.dumps(file)}, 'text/html')"
    )
    written, drawn = (tab.value(WORDS_OF.format(one)) for one in ("asWritten", "document"))
    assert len(written) > 3000
    assert drawn == written


def test_a_link_to_a_place_in_a_closed_part_opens_it(tab: Browser, report: Path) -> None:
    tab.open(report)
    tab.value("""(() => { const find = one => one.querySelector('.fold > template');
        let kept = find(document.querySelector('#contract .searched'));
        while (find(kept.content)) kept = find(kept.content);
        kept.content.querySelector('dd').id = 'deep'; location.hash = '#deep'; })()""")
    tab.wait("(document.getElementById('deep') || {}).offsetHeight > 0")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_its_window_and_can_be_read(page: Browser, width: int) -> None:
    page.look(width=width, height=SCREEN_PX)
    page.value(OPEN_ALL)
    assert page.value(OUTSIDE) == []
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value(CUT) == []
    assert page.value(SMALL) == []
    assert page.value(OVER_EACH_OTHER) == []
    assert page.value("document.querySelectorAll('.plot text').length") > 50
    assert page.value("document.querySelector('nav').offsetHeight") < SCREEN_PX / 14
    assert page.value(ANCHORS) == []


def test_a_narrow_table_names_each_cell(page: Browser) -> None:
    page.look(width=400, height=SCREEN_PX)
    cell = "document.querySelector('#contract .whole td:nth-child(4)')"
    said = page.value(f"getComputedStyle({cell}, '::before').content")
    assert said == '"hold"'


def test_it_is_printed_on_few_sheets_and_the_contract_table_is_whole(
    page: Browser, report: Path, tmp_path: Path
) -> None:
    page.open(report)  # everything is as closed as the reader finds it
    page.printed(tmp_path / "report.pdf")
    sheets = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "report.pdf").read_bytes()))
    assert 1 < sheets <= PAGES_MOST
    page.look(width=A4_PX[0], height=A4_PX[1], printed=True)
    table: dict[str, Any] = page.value(
        """(() => { const e = document.querySelector('#contract .whole');
        const box = e.getBoundingClientRect();
        return {height: box.height, right: box.right, cut: e.scrollWidth > e.clientWidth,
                rows: e.querySelectorAll('tbody tr').length,
                inside: getComputedStyle(e).breakInside}; })()"""
    )
    assert table["rows"] == len(OPERATIONS)
    assert table["inside"] == "avoid"
    assert table["height"] < A4_PX[1]
    assert table["right"] <= A4_PX[0]
    assert not table["cut"]


def test_axe_finds_nothing_at_any_width_in_any_scheme(tab: Browser, small_report: Path) -> None:
    script = axe_script()
    if script is None:
        lacks("axe-core was not fetched (python -m tests.axe)")
    tab.open(small_report)
    tab.value(f"{script}; 0")
    tab.value(OPEN_ALL)
    tab.value(THIN)
    for width in WIDTHS:
        for dark in (False, True):
            tab.look(width=width, height=SCREEN_PX, dark=dark)
            # Contrast is half of the time, and colours are the same in the widths between.
            looks = width in (WIDTHS[0], WIDTHS[-1])
            rules = "{}" if looks else "{'color-contrast': {enabled: false}}"
            assert tab.value(AXE.replace("RULES", rules)) == [], (width, dark)
    tab.value("document.querySelector('h1').outerHTML = '<img>'")  # and it does look
    assert [one[0] for one in tab.value(AXE.replace("RULES", "{}"))] == [
        "image-alt",
        "page-has-heading-one",
    ]


def test_charts_of_several_experiments_have_names_of_their_own(tab: Browser, report: Path) -> None:
    """Two regions of one name are one region for somebody who hears the page."""
    tab.open(report)
    labels = "[...document.querySelectorAll('.values summary')].map(s => s.ariaLabel)"
    names: list[str] = tab.value(labels)
    assert len({name.rpartition(", ")[2] for name in names}) > 1, "several experiments"
    assert [name for name in names if names.count(name) > 1] == []


def test_a_chart_is_read_with_the_keyboard(tab: Browser, small_report: Path) -> None:
    tab.look(width=1024, height=SCREEN_PX)
    tab.open(small_report)
    chart = "document.querySelector('#cut_link .chart')"
    tab.value(f"{chart}.querySelector('.plot').focus()")
    read = f"{chart}.querySelector('.plot').getAttribute('aria-valuetext')"
    first = tab.value(read)
    tab.press("ArrowRight", 39)
    second = tab.value(read)
    assert re.match(r"0\.5 s: p50 [\d.,]+ ms, ", first), first
    assert re.match(r"1\.5 s: p50 [\d.,]+ ms, ", second), second
    assert tab.value(f"getComputedStyle({chart}.querySelector('.tip')).display") == "block"
    tab.press("End", 35)
    last = tab.value(read)
    assert tab.value(f"{chart}.querySelector('.plot').ariaValueNow") == tab.value(
        f"{chart}.querySelector('.plot').ariaValueMax"
    )
    tab.press("Tab", 9)
    tab.press("Enter", 13, "\r")
    tab.wait(f"{chart}.querySelector('.values tbody tr') !== null")
    rows = tab.value(f"[...{chart}.querySelectorAll('.values tbody tr')].map(r => r.textContent)")
    assert rows[0].startswith("0.5 s")
    assert last.startswith(rows[-1].partition(" s")[0])
    drawn = tab.value(f"JSON.parse({chart}.dataset.chart).at.length")
    assert len(rows) == drawn


def test_without_its_script_the_page_still_says_the_range_of_each_line(small_report: Path) -> None:
    text = small_report.read_text(encoding="utf-8")
    assert re.search(r'role=img aria-label="Latency [^"]*; p50: [\d.]+ to [\d.]+ ms', text)


def test_a_table_sorts_by_a_click_on_its_head(tab: Browser, small_report: Path) -> None:
    tab.open(small_report)
    table = "document.querySelector('#cut_link table.sorts')"
    column = f"[...{table}.tBodies[0].rows].map(row => +row.cells[1].textContent.replace(/,/g, ''))"
    button = f"{table}.tHead.rows[0].cells[1].querySelector('button')"
    tab.value(f"{button}.click()")
    falling = tab.value(column)
    tab.value(f"{button}.click()")
    assert len(falling) > 2
    assert falling == sorted(falling, reverse=True)
    assert tab.value(column) == falling[::-1] != falling
    assert tab.value(f"{button}.parentNode.getAttribute('aria-sort')") == "ascending"


def test_search_and_filter_leave_out_what_does_not_match(tab: Browser, small_report: Path) -> None:
    tab.open(small_report)
    tab.value("document.querySelectorAll('.fold').forEach(d => { d.open = false })")
    seen = "[...document.querySelectorAll('.reqs > details')].filter(d => d.offsetHeight).length"
    said = "document.querySelector('.tools output').textContent"
    every = tab.value(seen)
    tab.value("""(() => { const field = document.querySelector('.tools input');
        field.value = 'an_answer_of_getConfig'; field.dispatchEvent(new Event('input')); })()""")
    tab.wait(f"{said} !== ''")
    assert tab.value(seen) < every
    found = (
        "[...document.querySelectorAll('.searched > .fold, .searched tr')].filter("
        "r => r.offsetHeight).map(r => r.textContent.includes('an_answer_of_getConfig'))"
    )
    assert tab.value(found) == [True]
    tab.value("""(() => { document.querySelector('.tools input').value = '';
        const choice = document.querySelector('.tools select');
        choice.value = 'pass'; choice.dispatchEvent(new Event('change')); })()""")
    kinds = (
        "[...new Set([...document.querySelectorAll('.reqs > details')].filter("
        "d => d.offsetHeight).map(d => d.querySelector('summary b').className))]"
    )
    assert tab.value(kinds) in ([], ["pass"])
    assert " of " in tab.value(said)
    tab.value("""(() => { const choice = document.querySelector('.tools select');
        choice.value = ''; choice.dispatchEvent(new Event('change')); })()""")
    assert tab.value(seen) == every
