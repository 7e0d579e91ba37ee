"""The page: the verdict, then each requirement, each experiment, the conditions of the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.pasted_lines import runnable
from analysis.report_findings import refers
from analysis.report_html import (
    MARKS,
    badge,
    blamed,
    command,
    count,
    esc,
    facts,
    fold,
    pairs,
    quotes_as_they_are,
    slim,
    table,
)
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import RequirementPart, RequirementVerdict, ReviewVerdicts
from iceworthy.words.finding import Finding

GROUPS = (
    ("fail", "Not met"),
    ("unknown", "Not decided: the run cannot show it"),
    ("pass", "Met"),
    ("later", "Not judged in this review"),
)
TILES = ("SC-003", "SC-002", "SC-005", "SC-004", "FR-016", "EC-1")
TILE_NAMES = {"FR-016": "After kills and cuts", "EC-1": "Recovered after"}


def group_of(requirement: RequirementVerdict) -> str:
    """pass, fail or unknown; "later" for an unknown because no judge of this version covers it."""
    verdict = str(requirement.verdict)
    return "later" if verdict == "unknown" and not requirement.in_scope else verdict


def page(
    verdicts: ReviewVerdicts,
    review: ReviewRecord,
    sections: list[str],
    opening: str = "",
    findings: Sequence[Finding] = (),
    tested: Sequence[tuple[str, str]] = (),
) -> str:
    """The whole HTML document; opening and sections are HTML already."""
    target = verdicts.target or "catalog"
    title = f"{verdicts.verdict.upper()}: {target}"
    body = [
        _header(verdicts, review),
        opening,
        _nav(verdicts),
        _requirements(verdicts, findings),
        *sections,
        _footer(verdicts, review, tested),
    ]
    style, script = (
        Path(__file__).with_name(f"report.{kind}").read_text("utf-8") for kind in ("css", "js")
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{esc(title)}</title>'
        f"<style>{style}</style></head><body><main>{slim(quotes_as_they_are(''.join(body)))}</main>"
        f"<script>{script}</script></body></html>\n"
    )


def sentence(verdicts: ReviewVerdicts) -> str:
    """The outcome of the review in one sentence."""
    if verdicts.asked:
        asked = [f"{one.kind} {one.name}: {one.verdict}" for one in verdicts.asked]
        more = f"; the folder is not as it was left: {verdicts.damage}" if verdicts.damage else ""
        return f"asked for: {'; '.join(asked)}{more}."
    scope = [r for r in verdicts.requirements if r.in_scope]
    failed = [r.id for r in verdicts.requirements if r.verdict == "fail"]
    open_ones = [r.id for r in scope if r.verdict == "unknown"]
    met = sum(1 for r in scope if r.verdict == "pass")
    said = f"{met} of {len(scope)} requirements in scope are met"
    if not scope:  # a single experiment may decide none as a whole
        own = verdicts.experiments.items()
        each = ", ".join(f"{name} {facts.verdict} ({facts.judges} judges)" for name, facts in own)
        said = f"no requirement as a whole; by experiment: {each or 'nothing was run'}"
    if failed:
        said += f"; not met: {', '.join(failed)}"
    if open_ones:
        said += f"; not decided: {', '.join(open_ones)}"
    if verdicts.damage:
        said += f"; nothing passes, because the folder is not as it was left: {verdicts.damage}"
    return said + "."


def _header(verdicts: ReviewVerdicts, review: ReviewRecord) -> str:
    verdict = verdicts.verdict
    when = review.started.replace("T", " ")[:16]
    about = [f"seed {verdicts.seed}"]
    about += [f"started {when} UTC"] if when else []
    about += ["quick profile"] if review.quick else []
    about += [f"only {', '.join(review.only)}"] if review.only else []
    lie = review.lie
    notes = (
        [
            f'<div class="note fail">The reference catalog ran with the defect <b>{esc(lie)}</b>. '
            "A check must fail in this run.</div>"
        ]
        if lie
        else []
    )
    notes += [f'<div class="note">{esc(line)}</div>' for line in review.stopped]
    return (
        f'<header><div class="top">'
        f'<div class="stamp {verdict}">{MARKS[verdict]} {verdict.upper()}</div>'
        f"<div><h1>{esc(verdicts.target or 'catalog')}</h1><p>{esc(sentence(verdicts))}</p>"
        f'<p class="small soft">{esc(" · ".join(about))}</p></div></div>'
        f"{''.join(notes)}{_tiles(verdicts)}</header>"
    )


def _tiles(verdicts: ReviewVerdicts) -> str:
    by_id = {r.id: r for r in verdicts.requirements}
    tiles = []
    for name in TILES:
        one = by_id.get(name)
        if one is None or not one.figure:
            continue
        group = group_of(one)
        figure = one.figure.split(" [")[0]
        tiles.append(
            f'<div class="tile"><span>{esc(TILE_NAMES.get(name, one.title))}</span>'
            f"<b>{esc(figure)}</b>"
            f"<span>{esc('limit: ' + one.limit if one.limit else '')}</span>"
            f'<i class="{group}">{MARKS[group]} {esc(name)}</i></div>'
        )
    return f'<div class="tiles">{"".join(tiles)}</div>' if tiles else ""


def _nav(verdicts: ReviewVerdicts) -> str:
    links = ['<a href="#requirements"><b>Requirements</b></a>']
    for name, one in verdicts.experiments.items():
        links.append(
            f'<a href="#{esc(name)}"><span class="{one.verdict}">'
            f"{MARKS[one.verdict]}</span> {esc(name)}</a>"
        )
    return f"<nav>{''.join(links)}</nav>"


def _requirements(verdicts: ReviewVerdicts, findings: Sequence[Finding]) -> str:
    parts = ['<section id="requirements"><h2>Requirements</h2>']
    for group, title in GROUPS:
        rows = [r for r in verdicts.requirements if group_of(r) == group]
        if not rows:
            continue
        parts.append(f'<div class="group {group}">{MARKS[group]} {esc(title)} ({len(rows)})</div>')
        if group != "later":
            parts.append(
                '<div class="heads"><span>verdict</span><span>id</span><span>requirement</span>'
                '<span class="fig">figure</span><span>limit</span><span></span></div>'
            )
        tried = [r for r in rows if r.evidence or group != "later"]
        if tried:
            ran = frozenset(verdicts.experiments)
            inside = "".join(_requirement(r, group, ran, refers(findings, r.id)) for r in tried)
            parts.append(f'<div class="reqs">{inside}</div>')
        parts.append(_nobody([r for r in rows if r not in tried]))
    return "".join(parts) + "</section>"


def _nobody(rows: list[RequirementVerdict]) -> str:
    """A short list of the requirements that no judge covers."""
    if not rows:
        return ""
    cells = [(f'<b id="{esc(r.id)}">{esc(r.id)}</b>', esc(r.title), esc(r.reason)) for r in rows]
    return f'<div class="card">{table(("id", "requirement", "why"), cells, wide=(2,))}</div>'


def _requirement(one: RequirementVerdict, group: str, ran: frozenset[str], seen: str = "") -> str:
    opened = " open" if group == "fail" and not seen else ""
    reason = blamed(one.blame, one.reason)
    text = seen if seen and group == "fail" else reason
    return (
        f'<details id="{esc(one.id)}"{opened}><summary>{badge(group)}'
        f'<span class="id">{esc(one.id)}</span>'
        f'<span class="what"><b>{esc(one.title)}</b>'
        f"<span>{esc(text)}</span></span>"
        f'<span class="fig">{esc(one.figure)}</span><span class="lim">{esc(one.limit)}</span>'
        f'<span class="chev"></span></summary><div class="body"><p>{esc(one.text)}</p>'
        f"{_parts(one.evidence, ran)}{_again(one)}</div></details>"
    )


def _again(one: RequirementVerdict) -> str:
    if not one.reproduce:
        return ""
    return f'<p class="small soft">Run it again:</p>{command(runnable(one.reproduce))}'


def _parts(evidence: Sequence[RequirementPart], ran: frozenset[str]) -> str:
    if not evidence:
        return ""
    rows = [
        (
            badge(part.verdict),
            _link(part, ran),
            f"<code>{esc(part.judge)}</code>",
            esc(part.figure),
            count(part.judged),
            esc(blamed(part.blame, part.reason)) + _evidence(part, ran),
        )
        for part in evidence
    ]
    return table(
        ("", "experiment", "judge", "figure", "stands on", "reason"), rows, right=(4,), wide=(5,)
    )


def _evidence(part: RequirementPart, ran: frozenset[str]) -> str:
    """The evidence once on the page: with the judge in its experiment, where that is shown."""
    if not part.evidence or part.experiment in ran:
        return ""
    return fold("evidence", facts(list(part.evidence)))


def _link(part: RequirementPart, ran: frozenset[str]) -> str:
    """The experiment, as a link to its judges where these have evidence."""
    name = esc(part.experiment)
    place = f"judges-of-{name}" if part.evidence else name
    return f'<a href="#{place}">{name}</a>' if part.experiment in ran else name


def _footer(
    verdicts: ReviewVerdicts, review: ReviewRecord, tested: Sequence[tuple[str, str]]
) -> str:
    rows = [
        ("suite", f"iceworthy {review.iceworthy} {review.commit}"),
        ("target", f"{verdicts.target} ({review.target_name})"),
        *tested,
        ("seed", verdicts.seed),
        ("ran", f"{review.started} to {review.ended or 'now'}"),
        (
            "machine",
            f"{review.platform}, {'' if review.cpus is None else review.cpus} CPUs, "
            f"Python {review.python}",
        ),
        ("versions", ", ".join(f"{k} {v}" for k, v in review.versions.items())),
        ("experiments planned", ", ".join(verdicts.planned)),
    ]
    shown = [(esc(name), esc(value)) for name, value in rows if str(value).strip(" ,()")]
    return (
        '<section id="run"><h2>How it was run</h2><div class="card">'
        + pairs(shown)
        + "</div></section><footer>Latency counts from the intended start. A verdict is pass, fail "
        "or unknown; unknown is never pass. What each judge shows, and what it does not: "
        "docs/judging.md.</footer>"
    )
