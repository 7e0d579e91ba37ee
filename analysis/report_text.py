"""The verdicts for terminals, pull requests and CI: a table, a short Markdown, JUnit XML.

In junit.xml a requirement that failed is a failure. A requirement in scope that is unknown is an
error, so that a build does not turn green. A requirement that this review does not judge is
skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from analysis.report_findings import findings_markdown
from analysis.report_html import blamed
from analysis.report_page import group_of, sentence
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.finding import Finding

ORDER = {"fail": 0, "unknown": 1, "pass": 2, "later": 3}
MARKS = {"pass": "✓ pass", "fail": "✕ FAIL", "unknown": "? unknown", "later": "– not judged"}


def terminal_table(verdicts: ReviewVerdicts, width: int | None = None) -> str:
    """One line for each requirement, fails and unknowns last; all that are not judged share one
    line.
    """
    columns = width or max(80, min(shutil.get_terminal_size((120, 24)).columns, 160))
    rows = [(group_of(r), r) for r in verdicts.requirements]
    rows.sort(key=lambda row: -ORDER[row[0]])
    lines = []
    for group, one in rows:
        if group == "later":
            continue
        head = f"{MARKS[group]:<10} {one.id:<7} {_cut(one.title, 26):<26} "
        figure = f"{one.figure}" + (f"  ({one.limit})" if one.limit else "")
        lines.append(_cut(head + figure, columns))
        if group != "pass":
            lines.append(_cut(f"{'':<18} {blamed(one.blame, one.reason)}", 2 * columns))
            if one.reproduce:
                lines.append(f"{'':<18} {one.reproduce}")
    later = [one.id for group, one in rows if group == "later"]
    if later:
        lines.append(f"not judged in this review: {', '.join(later)}")
    lines.append(sentence(verdicts))
    return "\n".join(lines)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def markdown(
    verdicts: ReviewVerdicts, review: ReviewRecord, findings: Sequence[Finding] = ()
) -> str:
    """A short report: the verdict, a table, and the commands that repeat the failures."""
    lines = [
        f"# {verdicts.verdict.upper()}: {verdicts.target or 'catalog'}",
        "",
        sentence(verdicts),
        f"Seed {verdicts.seed}, started {review.started or 'at an unknown time'}.",
        "",
        "| | id | requirement | figure | limit | reason |",
        "|---|---|---|---|---|---|",
    ]
    rows = sorted(verdicts.requirements, key=lambda r: ORDER[group_of(r)])
    for one in rows:
        if group_of(one) != "later":
            cells = (
                MARKS[group_of(one)],
                one.id,
                one.title,
                one.figure,
                one.limit,
                _cut(blamed(one.blame, one.reason), 240),
            )
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    later = [one.id for one in rows if group_of(one) == "later"]
    if later:
        lines += ["", f"Not judged in this review: {', '.join(later)}."]
    lines += findings_markdown(findings)
    again = [one for one in rows if group_of(one) in ("fail", "unknown") and one.reproduce]
    if again:
        lines += ["", "## Run it again", "", "```"]
        lines += dict.fromkeys(f"{one.reproduce}" for one in again)
        lines.append("```")
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def junit(verdicts: ReviewVerdicts) -> str:
    """JUnit XML with one testcase a requirement."""
    rows = [(group_of(r), r) for r in verdicts.requirements]
    suite = ElementTree.Element(
        "testsuite",
        name=_printable(f"iceworthy {verdicts.target or ''}".strip()),
        tests=str(len(rows)),
        failures=str(sum(g == "fail" for g, _ in rows)),
        errors=str(sum(g == "unknown" for g, _ in rows)),
        skipped=str(sum(g == "later" for g, _ in rows)),
    )
    for group, one in rows:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname="iceworthy.requirements",
            name=_printable(f"{one.id} {one.title}".strip()),
        )
        tag = {"fail": "failure", "unknown": "error", "later": "skipped"}.get(group)
        if tag:
            message = _printable(blamed(one.blame, one.reason))
            element = ElementTree.SubElement(case, tag, message=message)
            element.text = _printable(one.reproduce) or None
        if one.figure:
            out = ElementTree.SubElement(case, "system-out")
            out.text = _printable(f"{one.figure} (limit: {one.limit})")
    ElementTree.indent(suite)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, "unicode") + "\n"
    )


def _printable(text: Any) -> str:
    """The text without the control characters that XML 1.0 forbids."""
    return "".join(c if c in "\n\t" or c.isprintable() else "\ufffd" for c in str(text))
