"""The findings of a review in its reports: grouped by cause, worst first.

Claim: everything here is in findings.json; a review without findings has no such part.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from analysis.report_html import badge, command, count, esc, fold, table
from iceworthy.record.findings_file import NAME, read_findings
from iceworthy.words.finding import Finding, Request
from iceworthy.words.foreign import code_span, markdown, shown

SHOWN_MOST = 200
TITLE_MOST = 200
AGAIN_MOST = 1_000


def findings_of(root: Path) -> tuple[Finding, ...]:
    """The findings of a judged review; none where an older version judged it."""
    return read_findings(root) if os.path.lexists(root / NAME) else ()


def findings_markdown(findings: Sequence[Finding]) -> list[str]:
    """Lines of report.md; none without findings."""
    if not findings:
        return []
    lines = ["", f"## Findings ({len(findings)}, by cause)", ""]
    for number, one in enumerate(findings[:SHOWN_MOST], 1):
        broken, where = ", ".join(one.requirements), ", ".join(one.experiments)
        lines += [
            f"{number}. {_markdown(one.title)} ({one.count:,} ×; {markdown(broken)}; "
            f"in {markdown(where)})",
            f"   - wanted: {_markdown(one.expected)}",
            f"   - got: {_markdown(one.got)}",
        ]
        lines += [f"   - again: {code_span(one.again, AGAIN_MOST)}"] if one.again else []
    return lines + _left_out(findings)


def findings_html(findings: Sequence[Finding]) -> str:
    """A section of report.html; "" without findings."""
    if not findings:
        return ""
    inside = "".join(_one(one) for one in findings[:SHOWN_MOST]) + "".join(
        f"<p>{esc(line)}</p>" for line in _left_out(findings)
    )
    return (
        f'<section id="findings"><h2>Findings</h2><p class="soft">{len(findings)} causes, those '
        f"that break most requirements first.</p>{inside}</section>"
    )


def _one(one: Finding) -> str:
    title = (
        f"{badge('fail')} <b>{esc(_line(one.title, TITLE_MOST))}</b> × {count(one.count)} "
        f"<code>{esc(', '.join(one.requirements))}</code>"
    )
    rows = [
        ("wanted", esc(one.expected)),
        ("the words", esc(one.words)),
        ("came", esc(one.got)),
        ("cause", f"<code>{esc(one.cause.key)}</code>"),
        ("seen in", esc(", ".join(one.experiments))),
        ("seen by", esc("; ".join(one.shown_by))),
        ("operations", esc(", ".join(one.operations))),
    ]
    shown = table(("", ""), [row for row in rows if row[1]], wide=(1,))
    return fold(title, shown + "".join(map(_request, one.requests)) + command(one.again))


def _request(one: Request) -> str:
    answer = f'<p class="small soft">{esc(one.answer)}</p>' if one.answer else ""
    asked = "" if one.curl else " ".join((one.method, one.path, one.body)).strip()
    return command(one.curl) + (f"<pre>{esc(asked)}</pre>" if asked else "") + answer


def _left_out(findings: Sequence[Finding]) -> list[str]:
    more = len(findings) - SHOWN_MOST
    return [f"{more} more findings are in {NAME}."] if more > 0 else []


def _markdown(text: str) -> str:
    return markdown(_line(text, TITLE_MOST), TITLE_MOST)


def _line(text: str, most: int) -> str:
    """One line of at most so many characters."""
    return shown(" ".join(text.split()), most)
