"""Drawings of the operations that a failing verdict names: who asked whom for what, and when.

Claim: each operation that the first evidence of a fail names by its id is drawn, at its own times.
What this does NOT show: operations that the evidence does not name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from analysis.point_charts import Witness, time_space
from analysis.report_html import fold
from analysis.run import Run
from analysis.series import Band, bands, outcome_class, zero_ns
from iceworthy.record.history import FLAG_AUDIT
from iceworthy.record.verdicts import ExperimentRuling
from iceworthy.words.finding import Finding
from iceworthy.words.verdict import Judgement

DRAWINGS_MOST = 3  # for one judge: one for each key
OPERATIONS_MOST = 12


def witnesses(
    run: Run,
    rulings: Sequence[ExperimentRuling],
    shaded: Sequence[Band],
    drawn_before: Collection[str] = (),
) -> str:
    """Time-space diagrams of the fails of an experiment; "" where none names an operation.
    drawn_before: judges whose findings hold their drawings."""
    drawn = []
    for ruling in rulings:
        if ruling.verdict is not Judgement.FAIL or ruling.judge in drawn_before:
            continue
        by_key: dict[str, dict[int, None]] = {}
        for row in _rows(run, ruling.evidence):
            by_key.setdefault(run.history.key(row), {})[row] = None
        for key, rows in list(by_key.items())[:DRAWINGS_MOST]:
            title = f"{ruling.judge}, {_readable(key) or 'no key'}"
            seen = [_witness(run, row) for row in list(rows)[:OPERATIONS_MOST]]
            drawn.append(time_space(seen, title, shaded))
    title = f"operations of the fails: {len(drawn)} drawing{'s' if len(drawn) > 1 else ''}"
    return fold(title, f'<div class="card">{"".join(drawn)}</div>') if drawn else ""


def drawings_of(run: Run, findings: Sequence[Finding]) -> dict[int, str]:
    """The number of each finding that this experiment recorded -> the diagram of its operations."""
    own = [(number, one) for number, one in enumerate(findings, 1) if one.recorded_in == run.name]
    shaded = bands(run) if own else ()
    drawn = {number: _drawing(run, one, shaded) for number, one in own}
    return {number: svg for number, svg in drawn.items() if svg}


def judges_drawn(numbers: Collection[int], findings: Sequence[Finding]) -> set[str]:
    """The judges whose operations are in the drawings of these findings: each that saw the finding.
    Example: two winners of which one is lost are drawn once, not for two checkers."""
    drawn = [findings[number - 1] for number in numbers]
    return {name for one in drawn for name in (one.cause.rule, *one.shown_by)}


def _drawing(run: Run, finding: Finding, shaded: Sequence[Band]) -> str:
    """The diagram of a finding's operations, over sessions and nodes; "" where the history of this
    experiment has none of them."""
    rows = dict.fromkeys(_rows(run, finding.operations))
    seen = [_witness(run, row) for row in list(rows)[:OPERATIONS_MOST]]
    left = len(rows) - len(seen)
    more = f", the first {len(seen)} of {len(rows)}" if left > 0 else ""
    return time_space(seen, f"Its operations in {run.name}{more}", shaded)


def _rows(run: Run, evidence: Sequence[Any]) -> Iterator[int]:
    """The rows of the history whose ids stand anywhere in the evidence, in its order."""
    todo = list(evidence)[::-1]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += list(one.values())[::-1]
        elif isinstance(one, list | tuple):
            todo += list(one)[::-1]
        elif isinstance(one, str) and (row := run.history.row_of(one)) is not None:
            yield row


def _witness(run: Run, row: int) -> Witness:
    op = run.history.ops[row]
    facts = run.history.describe(row)
    sender = "audit" if int(op["flags"]) & FLAG_AUDIT else f"session {facts['session']}"
    answer = facts["status"] or "no answer"
    snapshot = f", snapshot …{facts['value'] % 10**6:06d}" if facts["value"] > 0 else ""
    t0 = zero_ns(run)
    return Witness(
        row=f"{sender} → node {facts['node']}",
        said=f"{facts['operation']} {_readable(facts['key'])}{snapshot}: "
        f"{answer}, {facts['outcome']}",
        start_s=(facts["sent_ns"] - t0) / 1e9,
        end_s=(facts["completed_ns"] - t0) / 1e9,
        kind=int(outcome_class(run)[row]),
    )


def _readable(key: str) -> str:
    return key.replace("\x1f", ".")
