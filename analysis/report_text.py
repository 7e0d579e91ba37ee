"""The verdicts for terminals, pull requests and CI: a table, a short Markdown, JUnit XML.

In junit.xml a requirement that failed is a failure. A requirement in scope that is unknown is an
error, so that a build does not turn green. A requirement that this review does not judge is
skipped.
"""

from __future__ import annotations

import shutil
import textwrap
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree

from analysis.judge import ENDED_BEFORE
from analysis.pasted_lines import runnable
from analysis.report_findings import findings_markdown, findings_terminal, refers, worst_markdown
from analysis.report_html import blamed
from analysis.report_page import group_of, sentence
from analysis.report_tested import markdown_about
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.finding import Finding
from iceworthy.words.foreign import fence_for, shown, shown_lines
from iceworthy.words.foreign import markdown as markdown_text
from iceworthy.words.verdict import Judgement

ORDER = {"fail": 0, "unknown": 1, "pass": 2, "later": 3}
REASON_MOST = 240
WIDE = 80
"""Columns from which on a requirement and its figure share a line."""
CONTINUED = " " * 18
MARKS = {"pass": "✓ pass", "fail": "✕ FAIL", "unknown": "? unknown", "later": "– not judged"}


def terminal_table(
    verdicts: ReviewVerdicts, width: int | None = None, findings: Sequence[Finding] = ()
) -> str:
    """One line for each requirement, fails and unknowns last; all that are not judged share one
    line, and so do all whose experiments an early end left out. Then the worst findings, and the
    outcome in one sentence.
    """
    columns = width or max(40, min(shutil.get_terminal_size((120, 24)).columns, 160))
    indent = " " * (18 if columns >= WIDE else 4)
    rows = [(group_of(r), r) for r in verdicts.requirements]
    rows.sort(key=lambda row: -ORDER[row[0]])
    lines = []
    left_out = [one.id for group, one in rows if group == "unknown" and _is_left_out(one)]
    if left_out:
        named = shown(", ".join(left_out), 600)
        lines += _wrapped(f"? unknown  not run, since the review ended before: {named}", columns)
    for group, one in rows:
        if group == "later" or one.id in left_out:
            continue
        head = f"{MARKS[group]:<10} {shown(one.id, 12):<7} {shown(one.title, 26):<26} "
        figure = f"{one.figure}" + (f"  ({one.limit})" if one.limit else "")
        if columns >= WIDE:
            lines.append(shown(head + figure, columns))
        else:
            lines += [shown(head.rstrip(), columns), *_wrapped(figure, columns, indent)]
        seen = refers(findings, one.id) if group == "fail" else ""
        if seen:
            lines += _wrapped(seen, columns, indent)
        elif group != "pass":
            reason = shown(blamed(one.blame, one.reason), 2 * REASON_MOST)
            lines += _wrapped(reason, columns, indent)
            if one.reproduce:  # never broken, so that it can be copied
                lines.append(f"{indent} {shown(runnable(one.reproduce))}")
    later = [one.id for group, one in rows if group == "later"]
    if later:
        lines += _wrapped(shown(f"not judged in this review: {', '.join(later)}"), columns)
    if findings:
        lines += ["", findings_terminal(findings, columns), ""]
    lines += _wrapped(shown(sentence(verdicts)), columns)
    return "\n".join(lines)


def _is_left_out(one: RequirementVerdict) -> bool:
    """Whether the review's early end alone is why a requirement is unknown."""
    return one.reason.endswith(f": {ENDED_BEFORE}") and "; " not in one.reason


def _wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """The lines of a text that fits; a word that is too long for a line stays whole. What follows
    the first line is indented, so that foreign text never stands where the suite's marks do."""
    return textwrap.wrap(
        text,
        columns,
        initial_indent=f"{indent} " if indent else "",
        subsequent_indent=f"{indent or CONTINUED} ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def markdown(
    verdicts: ReviewVerdicts,
    review: ReviewRecord,
    findings: Sequence[Finding] = (),
    tested: Sequence[tuple[str, str]] = (),
) -> str:
    """A short report: the verdict, a table, and the commands that repeat the failures."""
    lines = [
        f"# {verdicts.verdict.upper()}: {markdown_text(verdicts.target or 'catalog')}",
        "",
        markdown_text(sentence(verdicts)),
        f"Seed {verdicts.seed}, started {markdown_text(review.started or 'at an unknown time')}.",
        *worst_markdown(findings),
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
                refers(findings, one.id)
                if group_of(one) == "fail" and refers(findings, one.id)
                else shown(blamed(one.blame, one.reason), REASON_MOST),
            )
            lines.append("| " + " | ".join(map(markdown_text, cells)) + " |")
    later = [one.id for one in rows if group_of(one) == "later"]
    if later:
        lines += ["", f"Not judged in this review: {markdown_text(', '.join(later))}."]
    lines += findings_markdown(findings)
    lines += markdown_about(tested)
    again = [one for one in rows if group_of(one) in ("fail", "unknown") and one.reproduce]
    if again:
        commands = list(dict.fromkeys(shown(runnable(one.reproduce)) for one in again))
        fence = fence_for("\n".join(commands))
        lines += ["", "## Run it again", "", fence, *commands, fence]
    return "\n".join(lines) + "\n"


def junit(verdicts: ReviewVerdicts) -> str:
    """JUnit XML with one testcase a requirement; of a run that asked for something, one for each
    thing that was asked."""
    if verdicts.asked:
        return _junit_of_asked(verdicts)
    rows = [(group_of(r), r) for r in verdicts.requirements]
    suite = ElementTree.Element(
        "testsuite",
        name=shown_lines(f"iceworthy {verdicts.target or ''}".strip()),
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
            name=shown_lines(f"{one.id} {one.title}".strip()),
        )
        tag = {"fail": "failure", "unknown": "error", "later": "skipped"}.get(group)
        if tag:
            message = shown_lines(blamed(one.blame, one.reason))
            element = ElementTree.SubElement(case, tag, message=message)
            element.text = shown_lines(one.reproduce) or None
        if one.figure:
            out = ElementTree.SubElement(case, "system-out")
            out.text = shown_lines(f"{one.figure} (limit: {one.limit})")
    return _xml(suite)


def _junit_of_asked(verdicts: ReviewVerdicts) -> str:
    counted = Counter(one.verdict for one in verdicts.asked)
    suite = ElementTree.Element(
        "testsuite",
        name=shown_lines(f"iceworthy {verdicts.target or ''}".strip()),
        tests=str(len(verdicts.asked)),
        failures=str(counted[Judgement.FAIL]),
        errors=str(counted[Judgement.UNKNOWN]),
        skipped="0",
    )
    tags = {Judgement.FAIL: "failure", Judgement.UNKNOWN: "error"}
    for one in verdicts.asked:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"iceworthy.{one.kind}", name=shown_lines(one.name)
        )
        if one.verdict in tags:
            ElementTree.SubElement(case, tags[one.verdict], message=shown_lines(one.reason))
        if one.figure:
            ElementTree.SubElement(case, "system-out").text = shown_lines(one.figure)
    return _xml(suite)


def _xml(suite: ElementTree.Element) -> str:
    ElementTree.indent(suite)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, "unicode") + "\n"
    )
