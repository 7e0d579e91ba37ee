"""A report of a run whose every text is hostile: nothing acts, in any of its forms.

Method: a recorded review is judged; then each text of its folder that is not one of the suite's own
words is replaced. The parts that the recorded review lacks (cases, things tried, answers that are
not as their schema says) are added, hostile too.
"""

from __future__ import annotations

import json
import re
import shutil
import typing
import unicodedata
from collections.abc import Iterator
from dataclasses import is_dataclass
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from analysis.judge import judge_review
from analysis.report import render, terminal_table
from analysis.report_text import MARKS
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult, TriedThing, Violation
from iceworthy.record.findings_file import write_findings
from iceworthy.record.line import Line
from iceworthy.record.plan import Plan
from iceworthy.record.review import ReviewRecord
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.streams import KINDS
from iceworthy.record.verdicts import ExperimentRuling, ReviewVerdicts, read_review_verdicts
from iceworthy.words.finding import Cause, Finding, Request

MARK = "evil"
HOSTILE = (
    f"{MARK}\x1b[2J\x1b]0;t\x07\x9b31m\r\n\t\x00\x7f\u202e\u2066\u200b\u2028\ufeff"
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'--></style></title>&lt;"
    "](javascript:x) ![i](u) @everyone #1 ```\n```\n# h\n| a | b |\n$(id) `id` ]]> \ud800"
)
ACTS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"})
KEPT_KEYS = frozenset({"stream", "type"})


def enumerated() -> set[str]:
    """The words that a recorded field may hold alone: a reader refuses others."""
    found = {"pass", "fail", "unknown", "<=", ">=", "<", ">", "=="}
    todo: list[Any] = [*KINDS, ReviewVerdicts, ExperimentRuling, ReviewRecord, Plan]
    seen: set[Any] = set()
    while todo:
        one = todo.pop()
        if typing.get_origin(one) is typing.Literal:
            found |= {value for value in typing.get_args(one) if isinstance(value, str)}
        elif is_dataclass(one):
            todo += [] if one in seen else typing.get_type_hints(one).values()
            seen.add(one)
        elif isinstance(one, type) and issubclass(one, Enum):
            found |= {member.value for member in one}
        else:
            todo += typing.get_args(one)
    return found


KEPT = enumerated()


def spoiled(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: spoiled(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [spoiled(inner, key) for inner in value]
    if isinstance(value, str) and value and value not in KEPT and key not in KEPT_KEYS:
        return f"{value}{HOSTILE}"
    return value


def spoil(path: Path, what: Any = spoiled) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        path.write_text(json.dumps(what(json.loads(text))), "utf-8")
    else:
        lines = [json.dumps(what(json.loads(line))) for line in text.splitlines()]
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def finding() -> Finding:
    return Finding(
        cause=Cause(rule=HOSTILE, operation=HOSTILE, detail=HOSTILE),
        title=HOSTILE,
        expected=HOSTILE,
        words=HOSTILE,
        got=HOSTILE,
        requests=(
            Request(method=HOSTILE, path=HOSTILE, body=HOSTILE, curl=HOSTILE, answer=HOSTILE),
        ),
        requirements=(HOSTILE,),
        experiments=(HOSTILE,),
        shown_by=(HOSTILE,),
        again=HOSTILE,
    )


def written_anew(folder: RunFolder, kind: type[Line]) -> None:
    """Write the lines of an earlier format in that of today, so that more can be appended."""
    lines = list(folder.read(kind))
    folder.stream_file(kind).unlink(missing_ok=True)
    for line in lines:
        folder.append(line)


@pytest.fixture(scope="module")
def spoiled_run(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile") / "run"
    shutil.copytree(recorded, root)
    judge_review(root)
    for path in (root / "experiments").iterdir():
        folder = RunFolder(path)
        for kind in (CaseResult, TriedThing, Violation):
            written_anew(folder, kind)
        folder.append(
            CaseResult(
                case=f"s.{HOSTILE}",
                about="loadTable",
                requirement=HOSTILE,
                says=HOSTILE,
                ended="broken",
                expected=HOSTILE,
                got=HOSTILE,
                request=HOSTILE,
                t_ns=1,
            )
        )
        folder.append(
            TriedThing(
                requirement=HOSTILE, what=HOSTILE, expected=HOSTILE, got=HOSTILE, request=HOSTILE
            )
        )
        folder.append(
            AdvertisedOperation(operation=HOSTILE, endpoint=HOSTILE, phase=HOSTILE, advertised=True)
        )
        folder.append(
            Violation(
                t_ns=1,
                source=HOSTILE,
                node=0,
                operation=HOSTILE,
                status=200,
                kind=HOSTILE,
                problems=(HOSTILE,),
                request=HOSTILE,
                answer=HOSTILE,
            )
        )
        for file in path.glob("*.json*"):
            spoil(file)
    write_findings(root, [finding()])
    for name in ("verdicts.json", "review.json"):
        spoil(root / name)
    render(root)
    return root


class Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def acting(text: str) -> set[str]:
    return {c for c in text if c != "\n" and unicodedata.category(c) in ACTS}


def text_of(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def outside_code(text: str) -> Iterator[str]:
    """The lines of a Markdown text that are no code, without their code spans."""
    inside = ""
    for line in text.splitlines():
        fence = re.match("`{3,}", line)
        if fence and (not inside or line == inside):
            inside = "" if inside else fence[0]
        elif not inside:
            yield re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)


def test_the_page_is_drawn_and_nothing_in_it_acts(spoiled_run: Path) -> None:
    text = text_of(spoiled_run, "report.html")
    own = "".join(
        (Path("analysis") / f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    assert MARK in text
    assert not re.findall(r"cannot be drawn: [^<]*", text)
    assert acting(text) <= acting(own)
    page = Page()
    page.feed(text)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert not [name for name in page.attributes if name.startswith("on")]


def test_the_markdown_holds_no_tag_and_no_link(spoiled_run: Path) -> None:
    text = text_of(spoiled_run, "report.md")
    assert MARK in text
    assert not acting(text)
    for line in outside_code(text):
        bare = re.sub(r"\\[!-/:-@\[-`{-~]|&(?:amp|lt|gt|#\d+);", "", line)
        assert not set(bare) & set("<>@[]`"), line
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert all(
        line.startswith(("# ", "## Findings", "## Run it again", "## What was tested"))
        for line in heads
    )
    assert sum(line.startswith("# ") for line in heads) == 1


def test_junit_is_xml_and_shows_what_acts(spoiled_run: Path) -> None:
    text = text_of(spoiled_run, "junit.xml")
    assert MARK in text
    assert not acting(text)
    for element in ElementTree.fromstring(text).iter():
        assert not acting("".join((element.text or "", *element.attrib.values())))


def test_the_terminal_gets_no_sequence_and_no_line_that_is_not_the_suites(
    spoiled_run: Path,
) -> None:
    verdicts = read_review_verdicts(spoiled_run)
    made = terminal_table(verdicts, 120)
    assert MARK in made
    assert not acting(made)
    begins = (*MARKS.values(), " " * 18, "not judged in this review", "1 of", "no requirement")
    for line in made.splitlines():
        assert line.startswith(begins) or re.match(r"\d+ of \d+ requirements", line), line
