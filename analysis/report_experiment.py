"""One experiment's part of the page: target and faults, its judges, its charts, its tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from analysis.charts import Look, over_time, percentiles, stacked
from analysis.criteria._cases import results_of_cases
from analysis.criteria.read_latency import LIMIT_MS, QUANTILE
from analysis.dropped_requests import shutdowns
from analysis.fault_spans import fault_spans
from analysis.operation_series import figures, interesting_span, offered_over_time, points
from analysis.pasted_lines import portable
from analysis.point_charts import scatter
from analysis.report_contract import contract
from analysis.report_html import badge, blamed, command, count, esc, facts, fold, table
from analysis.report_witness import witnesses
from analysis.requirements import Judge, decides
from analysis.run import Run
from analysis.series import (
    Band,
    Series,
    bands,
    latency_over_time,
    load_end_s,
    outcomes_over_time,
    percentile_curves,
    resources,
    zero_ns,
)
from iceworthy.record.contract_lines import TriedThing
from iceworthy.record.step_lines import WALK, Step
from iceworthy.record.verdicts import ExperimentRuling, ExperimentVerdict, read_rulings
from iceworthy.words.errors import RecordError
from iceworthy.words.finding import Finding
from iceworthy.words.operation import READS
from iceworthy.words.verdict import Judgement

OPERATIONS_MOST = 12  # with a chart of their own
LATENCY = Look(title="Latency from the intended start, ms (logarithmic)", unit="ms", log_y=True)
READ_LATENCY = Look(title="Latency of reads, p95 of each second, ms", unit="ms", small=True)
ANSWERS = Look(title="Answers a second", unit="/s", small=True)
OFFERED = Look(title="Offered load, operations a second", unit="/s", small=True)
PERCENTILES = Look(
    title="Latency by percentile, steady windows, ms", unit="ms", log_y=True, small=True
)
EVERY_POINT = Look(
    title="Every operation: latency from the intended start, ms", unit="ms", log_y=True
)
FINDINGS_MOST = 400
UNFOLDED_MOST = 12  # the findings of the review have them all, by cause
RESOURCES = (
    ("cpu", "CPU, % of one core", "%"),
    ("rss", "Memory, MiB", "MiB"),
    ("connections", "Connections, counted by the node's side", ""),
)


def section(
    run: Run,
    summary: ExperimentVerdict,
    drawn: Collection[str] = (),
    findings: Sequence[Finding] = (),
) -> str:
    """The whole section; `summary` is the review's own line about this experiment. drawn: judges
    whose findings hold their drawings; findings: those of the review."""
    rulings = _rulings(run)
    head = (
        f'<section id="{esc(run.name)}"><div class="top"><h2>{esc(run.name)}</h2>'
        f"{badge(summary.verdict)}</div>"
        f'<p class="soft">{esc(run.plan.hypothesis)}</p>'
        f'<p class="small soft">{_what(run)}</p>'
    )
    if not run.plan.complete:
        why = run.plan.stopped_because or "it was ended from outside"
        said = f"It did not reach its end: {why}. What was recorded is judged as far as it goes."
        head += f'<div class="note">{esc(said)}</div>'
    parts = [
        head,
        _charts(run),
        witnesses(run, rulings, bands(run), drawn),
        _faults(run),
        _shutdowns(run),
        _steps(run),
        contract(run, findings),
        _findings(run, findings),
        f'<div id="judges-of-{esc(run.name)}">{_judges(rulings, _shown_above(run))}</div>',
    ]
    return "".join(parts) + "</section>"


def _rulings(run: Run) -> tuple[ExperimentRuling, ...]:
    try:
        return read_rulings(run.folder.verdicts)
    except RecordError:
        return ()


def _what(run: Run) -> str:
    plan, operations = run.plan, len(run.history)
    said = [f"{operations:,} operations"]
    if plan.scenario:
        spread = {"spread": "over all nodes", "first": "on one node"}[plan.nodes]
        said.insert(0, f"scenario {plan.scenario}, {plan.sessions:,} sessions {spread}")
        said.append(f"{plan.duration_s or 0:g} s, the first {plan.warmup_s:g} s to warm up")
    if plan.driver:
        said.insert(0, f"driver {plan.driver}")
    if plan.inquiry:
        said = ["one request after the other, on a quiet target"]
    said.append(f"snapshot ids of {plan.known.id_bits} bits")
    return esc(" · ".join(said))


def _charts(run: Run) -> str:
    if not run.plan.scenario:
        return ""
    shaded, latency, used = bands(run), latency_over_time(run), resources(run)
    # Without enough operations a chart would be an empty frame; it is left out.
    if len(latency.xs) < 3:
        return ""
    span = (0.0, load_end_s(run))
    drawn = [("", over_time(latency, LATENCY, shaded, span))]
    shares = PERCENTILES
    if decides(Judge("read_latency"), run.declared):
        limit = (run.limits.read_p95_ms, _limit_name(run))
        of_reads = (limit[0], f"reads, {limit[1]}")
        shares = replace(PERCENTILES, limit=of_reads, limit_until=1 / (1 - QUANTILE))
        reads = latency_over_time(run, *READS)
        reads = Series(xs=reads.xs, lines={n: v for n, v in reads.lines.items() if n == "p95"})
        drawn.append(("half", over_time(reads, replace(READ_LATENCY, limit=limit), shaded, span)))
    drawn += [
        ("half", stacked(outcomes_over_time(run), ANSWERS, shaded, span)),
        ("half", over_time(offered_over_time(run), OFFERED, shaded, span)),
        ("half", percentiles(percentile_curves(run), shares)),
    ]
    for name, title, unit in RESOURCES:
        look = Look(title=title, unit=unit, small=True)
        drawn.append(("third", over_time(used[name], look, shaded, span)))
    inside = "".join(f'<div class="{kind}">{svg}</div>' for kind, svg in drawn if svg)
    return f'<div class="card charts">{inside}</div>' + _operations(run, shaded, span)


def _limit_name(run: Run) -> str:
    """The limit of reads as the charts name it."""
    limit_ms = run.limits.read_p95_ms
    if limit_ms == LIMIT_MS:
        return f"SC-003: {limit_ms:g} ms"
    return f"own limit: {limit_ms:g} ms (SC-003: {LIMIT_MS:g})"


def _operations(run: Run, shaded: Sequence[Band], span: tuple[float, float]) -> str:
    """The figures of each operation, its own chart, and every operation as a point."""
    found = figures(run)
    rows = [
        (
            f"<code>{esc(one.operation)}</code>",
            count(one.count),
            f"{one.per_s:,.1f}",
            *(f"{ms:,.1f}" for ms in (one.p50_ms, one.p95_ms, one.p99_ms, one.max_ms)),
            *map(count, (one.not_found, one.conflicts, one.errors)),
        )
        for one in found
    ]
    heads = (
        "operation",
        "sent",
        "a second",
        "p50, ms",
        "p95",
        "p99",
        "max",
        "404",
        "409",
        "errors",
    )
    charts = ""
    for one in found[:OPERATIONS_MOST]:
        look = Look(title=f"{one.operation}: latency, ms", unit="ms", log_y=True, small=True)
        series = latency_over_time(run, one.operation)
        lines = {name: v for name, v in series.lines.items() if name in ("p50", "p95")}
        drawn = over_time(Series(xs=series.xs, lines=lines), look, shaded, span)
        charts += f'<div class="third">{drawn}</div>' if drawn else ""
    minute = interesting_span(run, shaded[0].start_s if shaded else None)
    every = scatter(points(run, minute), EVERY_POINT, shaded)
    return (
        "<h3>Each operation</h3>"
        + table(heads, rows, right=range(1, 10), kind="sorts")
        + fold("charts of each operation", f'<div class="card charts">{charts}</div>')
        + fold("every operation as a point", f'<div class="card">{every}</div>')
    )


def _faults(run: Run) -> str:
    t0 = zero_ns(run)
    rows = [
        (
            f"{(span.inject_ns - t0) / 1e9:.1f} s",
            esc(span.fault),
            esc("" if span.node is None else span.node),
            f"{(span.heal_ns - span.inject_ns) / 1e9:.1f} s" if span.heal_ns else "not healed",
            "proven" if span.proven else esc(span.problem or "not proven"),
            esc(json.dumps(span.facts, ensure_ascii=False)),
        )
        for span in fault_spans(run)
    ]
    if not rows:
        return ""
    heads = ("at", "fault", "node", "held", "bit", "what proves it")
    return "<h3>Faults</h3>" + table(heads, rows, right=(0, 2, 3), wide=(5,))


def _shutdowns(run: Run) -> str:
    rows = [
        [count(v) for v in (s.node, s.in_flight, s.answered, s.dropped, s.late, s.late_answered)]
        + [f"{s.exit_s:.2f} s", esc(s.code)]
        for s in shutdowns(run)
        if s.in_flight or s.late
    ]
    if not rows:
        return ""
    heads = (
        "node",
        "in flight at SIGTERM",
        "answered",
        "dropped",
        "sent later",
        "of these answered",
        "ended after",
        "exit code",
    )
    return "<h3>Dropped requests</h3>" + table(heads, rows, right=range(8))


def _steps(run: Run) -> str:
    steps = [s for s in run.read(Step) if s.point != WALK]
    rows = [
        (
            esc(s.fault),
            esc(s.moment),
            esc(f"{s.commit} of {s.of}"),
            esc(s.status or s.error or "no answer"),
            esc(s.outcome),
            esc(_by_node(s.visible)),
            esc(_by_node(s.readable)),
            esc(_by_node(s.next_commit)),
            esc(s.problem or ""),
        )
        for s in steps
    ]
    if not rows:
        return ""
    heads = (
        "fault",
        "moment",
        "COMMIT",
        "answer",
        "outcome",
        "visible afterwards",
        "table read",
        "next commit",
        "problem",
    )
    return "<h3>Commit, step by step</h3>" + table(heads, rows)


def _by_node(values: Any) -> str:
    """{node: value}; one entry only where all nodes have the same value."""
    if not isinstance(values, dict):
        return "" if values is None else str(values)
    words = {True: "yes", False: "no", None: "not read"}
    texts = {node: words.get(v) or str(v) for node, v in values.items()}
    if len(set(texts.values())) == 1:
        return f"{next(iter(texts.values()))} on {len(texts)} node{'s' if len(texts) > 1 else ''}"
    return ", ".join(f"node {node}: {value}" for node, value in texts.items())


def _findings(run: Run, findings: Sequence[Finding]) -> str:
    found = run.read(TriedThing)
    if not found:
        return ""
    verdict = {True: "pass", False: "fail"}
    order = {False: 0, None: 1, True: 2}
    numbers = {each.curl: i for i, one in enumerate(findings, 1) for each in one.requests}
    rows = [
        (
            badge("unknown" if f.works is None else verdict[f.works]),
            esc(f.requirement),
            esc(f.what),
            esc(f.expected),
            esc(f.got) + (_request(f.request, numbers) if not f.works and f.request else ""),
        )
        for f in sorted(found, key=lambda f: order.get(f.works, 1))[:FINDINGS_MOST]
    ]
    broken = sum(1 for f in found if f.works is False)
    heads = ("", "requirement", "what", "expected", "got")
    inside = table(heads, rows, wide=(2, 3, 4))
    title = f"{len(found)} things tried one by one, {broken} broken"
    return f"<h3>{esc(title)}</h3>" + (
        inside if 0 < broken <= UNFOLDED_MOST else fold("show all", inside)
    )


def _request(curl: str, numbers: Mapping[str, int]) -> str:
    """The request of a tried thing; with the finding that shows it, where one does."""
    line = portable(curl)
    if number := numbers.get(line):
        return f' <a href="#finding-{number}">finding {number}</a>'
    return fold("request", command(line))


def _shown_above(run: Run) -> frozenset[str]:
    """The names of the cases and of the tried things that the section tells of."""
    tried = (one.what for one in run.read(TriedThing))
    return frozenset((*(one.case for one in results_of_cases(run)), *tried))


def _judges(rulings: Sequence[ExperimentRuling], above: Collection[str]) -> str:
    order = {Judgement.FAIL: 0, Judgement.UNKNOWN: 1, Judgement.PASS: 2}
    shown: dict[str, str] = {}  # evidence -> the judge with which it stands

    def row(one: ExperimentRuling) -> tuple[str, ...]:
        evidence = [_named_above(each, above) for each in one.evidence]
        first = shown.setdefault(json.dumps(evidence), one.judge)
        inside = facts(evidence) if first == one.judge else f"<p>as with {esc(first)}</p>"
        return (
            badge(one.verdict),
            f"<code>{esc(one.judge)}</code>",
            esc(one.figure),
            esc(one.limit),
            count(one.judged),
            esc(blamed(one.blame, one.reason)) + fold("evidence", inside if evidence else ""),
        )

    def rows(chosen: Sequence[ExperimentRuling]) -> str:
        heads = ("", "judge", "figure", "limit", "stands on", "reason")
        found = [row(one) for one in sorted(chosen, key=lambda r: order[r.verdict])]
        return table(heads, found, right=(4,), wide=(5,))

    counting = [r for r in rulings if r.decides or r.verdict is Judgement.FAIL]
    others = [r for r in rulings if r not in counting]
    parts = []
    if counting:
        parts.append(fold(f"{len(counting)} judges decide here", rows(counting)))
    if others:
        parts.append(fold(f"{len(others)} more looked: their fails would count", rows(others)))
    return "".join(parts)


def _named_above(fact: Any, above: Collection[str]) -> Any:
    """A line of evidence about a case or a tried thing of which the section tells: its name."""
    if not isinstance(fact, dict):
        return fact
    return next(({key: fact[key]} for key in ("case", "what") if fact.get(key) in above), fact)
