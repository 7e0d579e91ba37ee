"""The findings of a review in its reports: the worst first, the others by harm.

Claim: everything here is in findings.json, under the same number everywhere; a review without
findings has no such part.
"""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from analysis.pasted_lines import FIRST_STEPS, left_out_of, moments, needs_text, runnable, steps
from analysis.report_html import command, count, esc, fold, harm_badge, pairs
from iceworthy.record.findings_file import NAME, read_findings
from iceworthy.words.finding import Finding, Harm, Request
from iceworthy.words.foreign import code_span, markdown, shown

SHOWN_MOST = 200
TITLE_MOST = 200
TEXT_MOST = 20_000
AGAIN_MOST = 1_000
WORST = 5
REFERRED_MOST = 5
LINE_MOST = 2_600
LINES_MOST = 3_600
PASTED_MOST = 4_000
WRAPPED_MOST = 3
AGAIN_NOTE = (
    "<code>iceworthy reproduce</code> starts the stack, makes the scene, and prints its requests "
    "as curl lines for the stack that is up. The curl lines of a finding are for any catalog: "
    "<code>export CATALOG=http://127.0.0.1:8181</code>"
)
Drawings = Mapping[int, str]
NO_DRAWINGS: Drawings = MappingProxyType({})
"""The number of a finding -> the drawing of its operations, which is HTML already."""


def findings_of(root: Path) -> tuple[Finding, ...]:
    """The findings of a judged review; none where an older version judged it."""
    return read_findings(root) if os.path.lexists(root / NAME) else ()


def refers(findings: Sequence[Finding], requirement: str) -> str:
    """Which findings turn a requirement red: "findings 1, 2, 5 and 30 more"; "" for none."""
    numbers = [
        str(number) for number, one in enumerate(findings, 1) if requirement in one.requirements
    ]
    if not numbers:
        return ""
    named, more = numbers[:REFERRED_MOST], len(numbers) - REFERRED_MOST
    said = ", ".join(named) + (f" and {more} more" if more > 0 else "")
    return f"finding{'s' if len(numbers) > 1 else ''} {said}"


def findings_terminal(findings: Sequence[Finding], columns: int) -> str:
    """The worst findings for a terminal: the expected answer, the given answer, and the command
    that shows it again; "" without findings."""
    if not findings:
        return ""
    worst, more = findings[:WORST], len(findings) - WORST
    lines = [f"The {len(worst)} worst of {len(findings)} findings:" if more > 0 else "Findings:"]
    for number, one in enumerate(worst, 1):
        lines += _wrapped(f"{number}. ", _head(one), columns)
        for name, text in (("expected", _expected(one)), ("got", one.got), ("since", one.since)):
            lines += _wrapped(f"{name:>9}  ", text, columns)
        lines += [f"{'asks':>9}  {line}" for line in steps(one, LINE_MOST, LINES_MOST)]
        if one.again:
            lines.append(f"{'again':>9}  {shown(runnable(one.again))}")
        if needed := _needs(one):
            lines += _wrapped(f"{'needs':>9}  ", needed, columns)
    return "\n".join(lines)


def _wrapped(name: str, text: str, columns: int) -> list[str]:
    """A text behind its name, in at most WRAPPED_MOST lines."""
    return textwrap.wrap(
        shown(" ".join(text.split())),
        max(columns, 2 * len(name)),
        initial_indent=name,
        subsequent_indent=" " * len(name),
        max_lines=WRAPPED_MOST,
        placeholder=" …",
        break_on_hyphens=False,
    )


def worst_markdown(findings: Sequence[Finding]) -> list[str]:
    """The opening of report.md; no line without findings."""
    if not findings:
        return []
    return ["", f"## Findings: the worst of {len(findings)}", *_listed(findings[:WORST], 1)]


def findings_markdown(findings: Sequence[Finding]) -> list[str]:
    """Lines of report.md about all findings but the worst, by harm; none without."""
    lines: list[str] = []
    for harm, rows in _by_harm(findings[:SHOWN_MOST]):
        lines += ["", f"## Findings: {harm} ({len(rows)})"]
        for number, one in rows:
            lines += _listed([one], number)
    return lines + _left_out(findings)


def _listed(findings: Sequence[Finding], first: int) -> list[str]:
    lines = [""]
    for number, one in enumerate(findings, first):
        broken, where = ", ".join(one.requirements), ", ".join(one.experiments)
        lines += [
            f"{number}. {_markdown(one.title)} ({one.harm}; {one.count:,} ×; {markdown(broken)}; "
            f"in {markdown(where)})",
            f"   - expected: {_markdown(_expected(one))}",
            f"   - got: {_markdown(one.got)}",
        ]
        lines += [f"   - since: {_markdown(one.since)}"] if one.since else []
        lines += _sequence_markdown(one)
        again = code_span(runnable(one.again), AGAIN_MOST)
        lines += [f"   - again: {again}"] if one.again else []
        needed = _needs(one)
        lines += [f"   - needs: {_markdown(needed)}"] if needed else []
    return lines


def _sequence_markdown(one: Finding) -> list[str]:
    said = [f"     - {code_span(line, TEXT_MOST)}" for line in steps(one, TEXT_MOST, where=NAME)]
    return ["   - requests:", *said] if said else []


def worst_html(findings: Sequence[Finding], drawings: Drawings = NO_DRAWINGS) -> str:
    """The opening of report.html: the worst findings, unfolded; "" without findings."""
    if not findings:
        return ""
    worst = list(enumerate(findings[:WORST], 1))
    known = _Known.of(findings)
    inside = "".join(_one(number, one, drawings, known) for number, one in worst)
    return (
        f'<section id="findings"><h2>The worst of {len(findings)} findings</h2>{inside}'
        f'<p class="small soft">{AGAIN_NOTE}{esc(_all_need(findings))}</p></section>'
    )


def findings_html(findings: Sequence[Finding], drawings: Drawings = NO_DRAWINGS) -> str:
    """A section of report.html with all findings but the worst, by harm; "" without such."""
    groups = _by_harm(findings[:SHOWN_MOST])
    if not groups:
        return ""
    known = _Known.of(findings)
    inside = "".join(
        f"<h3>{esc(harm)} ({len(rows)})</h3>"
        + "".join(_one(number, one, drawings, known) for number, one in rows)
        for harm, rows in groups
    )
    inside += "".join(f"<p>{esc(line)}</p>" for line in _left_out(findings))
    return f'<section id="other-findings"><h2>The other findings</h2>{inside}</section>'


def _by_harm(findings: Sequence[Finding]) -> list[tuple[Harm, list[tuple[int, Finding]]]]:
    """All but the worst, with their numbers: those of each harm in their order."""
    groups: dict[Harm, list[tuple[int, Finding]]] = {}
    for number, one in enumerate(findings[WORST:], WORST + 1):
        groups.setdefault(one.harm, []).append((number, one))
    return sorted(groups.items(), key=lambda group: group[0].rank)


def _head(one: Finding) -> str:
    broken = ", ".join(one.requirements)
    return f"[{one.harm}] {one.title}  ({one.count:,} ×; {broken})"


def _expected(one: Finding) -> str:
    """The expected answer, the words of the contract that ask for it, and their place."""
    place = f" ({one.place})" if one.place else ""
    return f"{one.expected.rstrip('.')}, by: {one.words}{place}" if one.words else one.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the page says once. needed: the needs that most findings have, which stand below the
    worst; first: curl lines -> the number of the first finding that has them."""

    needed: str
    first: Mapping[tuple[str, ...], int]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> _Known:
        """What these findings have in common."""
        first: dict[tuple[str, ...], int] = {}
        for number, one in enumerate(findings, 1):
            first.setdefault(_lines_of(one), number)
        return cls(needed=_all_need(findings), first=first)


def _lines_of(one: Finding) -> tuple[str, ...]:
    return tuple(each.curl for each in one.requests)


def _all_need(findings: Sequence[Finding]) -> str:
    """What most of the findings need, as a sentence; "" where most need nothing."""
    needs = Counter(_needs(one) for one in findings)
    (most, _), *_ = needs.most_common(1) or [("", 0)]
    return f"; needed: {most}" if most else ""


def _needs(one: Finding) -> str:
    return needs_text(one.requests, one.needs)


def _one(number: int, one: Finding, drawings: Drawings, known: _Known) -> str:
    is_worst = number <= WORST  # the others stand below the name of their harm
    title = (
        f"{harm_badge(one.harm) if is_worst else ''} "
        f"<b>{number}. {esc(_line(one.title, TITLE_MOST))}</b> "
        f"× {count(one.count)} <code>{esc(', '.join(one.requirements))}</code>"
    ).strip()
    rows = [
        ("expected", esc(one.expected)),
        ("the words", esc(f"{one.words} ({one.place})" if one.place else one.words)),
        ("got", esc(one.got)),
        ("since", esc(one.since)),
        ("cause", f"<code>{esc(one.cause.key)}</code>"),
        ("seen in", esc(", ".join(one.experiments))),
        ("seen by", esc("; ".join(one.shown_by))),
        ("operations", esc(", ".join(one.operations))),
        ("needs", "" if _needs(one) and known.needed.endswith(_needs(one)) else esc(_needs(one))),
    ]
    facts = pairs([row for row in rows if row[1]])
    again = command(runnable(one.again))
    first = known.first[_lines_of(one)]
    asks = _sequence(one) if first == number or not one.requests else _as_in(first)
    inside = facts + asks + drawings.get(number, "") + again
    story = fold(title, inside, listed=True, named=f"finding-{number}")
    if not is_worst:
        return story
    short = f'<p class="small">expected {esc(_line(_expected(one), TITLE_MOST))}; '
    short += f"got {esc(_line(one.got, TITLE_MOST))}</p>"
    return f'<div class="finding">{story}{short}{again}</div>'


def _sequence(one: Finding) -> str:
    """Its requests in their order, each as a line to paste, with the answer to it."""
    said = [_request(curl, sent) for curl, sent in moments(one.requests)]
    if one.left_out:
        said.insert(FIRST_STEPS, f'<p class="small">{esc(left_out_of(one))}</p>')
    return "".join(said)


def _as_in(number: int) -> str:
    return f'<p class="small">the requests of <a href="#finding-{number}">finding {number}</a></p>'


def _request(curl: str, sent: Sequence[Request]) -> str:
    """A line to paste with what was answered to its requests; without a line, the requests."""
    answers = list(filter(None, (one.answer for one in sent)))
    answer = f'<p class="small soft">{esc("; ".join(answers))}</p>' if answers else ""
    one = sent[-1]
    asked = "" if curl else " ".join((one.method, one.path, one.body)).strip()
    if len(curl) > PASTED_MOST:
        asked = f"{one.method} {one.path}: a line of {len(curl):,} characters, in {NAME}"
    line = command(curl) if len(curl) <= PASTED_MOST else ""
    return line + (f"<pre>{esc(asked)}</pre>" if asked else "") + answer


def _left_out(findings: Sequence[Finding]) -> list[str]:
    more = len(findings) - SHOWN_MOST
    return [f"{more} more findings are in {NAME}."] if more > 0 else []


def _markdown(text: str) -> str:
    return markdown(_line(text, TITLE_MOST), TITLE_MOST)


def _line(text: str, most: int) -> str:
    """One line of at most so many characters."""
    return shown(" ".join(text.split()), most)
