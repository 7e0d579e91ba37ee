"""Each request that was fully sent before SIGTERM is answered completely and truthfully.

docs/dropped-requests.md defines the counting. With T the instant of SIGTERM, a session's operation
on that node with 0 < flushed <= T < completed is in flight. It is dropped if
  1. no answer arrived
  2. the answer was torn
  3. the answer was a 5xx
  4. the answer was untrue: the state read afterwards lacks a 2xx's effect, or has that of a 4xx
Counted apart: 5xx that the node gave to operations of that kind before the run's first fault too,
since the shutdown did not cause them; and late requests, sent after T on an open connection.
Readiness: no probe sent more than READY_GRACE_S after T may get 200 while the process lives.
Method: columns against exits.jsonl and probes.jsonl; truth by the unique ids of snapshots.
Minimal evidence: one operation in flight at a recorded SIGTERM.
What it does NOT show: how long the exit took, and its code (shutdown_time shows that); whether a
connection without traffic before T was open at T.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import FOREVER, Ints, Mask, ints
from analysis.checkers._model import Model, model_of
from analysis.checkers._visible_effects import first_sight, looked_again, tried_by_refused_only
from analysis.run import Run
from iceworthy.record.history import FLAG_REUSED, FLAG_TORN
from iceworthy.record.run_lines import FaultEvent, NodeExit
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "graceful_shutdown"
HARM = Harm.UNAVAILABLE
NEEDS_RUN = True

READY_GRACE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """One SIGTERM: when, to which node, and when its process had ended (FOREVER: not seen)."""

    node: int
    asked_ns: int
    ended_ns: int


def check(run: Run) -> Verdict:
    """Judge each recorded SIGTERM."""
    model = model_of(run.history)
    problems = Anomalies(run.history)
    asks = _asks(run)
    calm_ns = _first_fault_ns(run)
    probes = run.read(Probe)
    figures = []
    judged = 0
    empty = 0
    for ask in asks:
        rows = _in_flight(model, ask)
        as_before = _as_before(model, ask, rows, calm_ns)
        _dropped(problems, model, rows[~as_before])
        turned = _readiness(problems, probes, ask)
        figures.append(_figures(model, ask, rows, as_before, turned))
        judged += int((~as_before).sum())
        empty += bool(as_before.all())
    dropped = sum(count for sort, count in problems.counts.items() if sort != _READY)
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"all {counted(judged, 'request')} in flight at {counted(len(asks), 'SIGTERM')} were "
        "answered completely and truthfully" + _aside(figures, empty),
        bad=f"of {counted(judged, 'request')} in flight at {counted(len(asks), 'SIGTERM')} "
        f"{dropped:,} were dropped",
        too_little=_too_little(asks, judged),
        measures=(
            Measure(
                name="dropped",
                value=dropped,
                unit="requests",
                of=judged,
                shown="{value} dropped of {of} in flight",
            ),
        ),
        facts={"shutdowns": figures},
    )


_READY = "a readiness probe got 200 after SIGTERM while the node was ending"


def _too_little(asks: list[_Ask], judged: int) -> str:
    if not asks:
        return "no SIGTERM is recorded"
    return "" if judged else "no request was in flight when SIGTERM was sent"


def _aside(figures: list[dict[str, Any]], empty: int) -> str:
    late = sum(one["late"] for one in figures)
    answered = sum(one["late_answered"] for one in figures)
    text = (
        f"; of {late:,} sent later on open connections {answered:,} were answered" if late else ""
    )
    return text + (f"; at {counted(empty, 'SIGTERM')} no request was in flight" if empty else "")


def _asks(run: Run) -> list[_Ask]:
    found = {}
    for line in run.read(NodeExit):
        if line.asked == "SIGTERM" and line.asked_ns:
            ask = _Ask(
                node=line.node,
                asked_ns=line.asked_ns,
                ended_ns=line.t_ns or FOREVER,
            )
            found[ask.node, ask.asked_ns] = ask
    return sorted(found.values(), key=lambda ask: ask.asked_ns)


def _on_node(model: Model, ask: _Ask) -> Mask:
    mask: Mask = (model.ops["node"] == ask.node) & ~model.audit
    return mask


def _in_flight(model: Model, ask: _Ask) -> Ints:
    ops = model.ops
    sent = (ops["flushed_ns"] > 0) & (ops["flushed_ns"] <= ask.asked_ns)
    return np.flatnonzero(_on_node(model, ask) & sent & (ops["completed_ns"] > ask.asked_ns))


def _first_fault_ns(run: Run) -> int:
    """When the run's first fault began; a 5xx before that is not the shutdown's doing."""
    begun = [line.t_ns for line in run.read(FaultEvent) if line.t_ns]
    begun += [line.asked_ns for line in run.read(NodeExit) if line.asked_ns]
    begun += [window.start_ns for window in run.windows_of("fault")]
    return min(begun, default=FOREVER)


def _as_before(model: Model, ask: _Ask, rows: Ints, calm_ns: int) -> Mask:
    """5xx answers of a kind that the node gave to this kind of operation before any fault too."""
    ops = model.ops
    failing = _on_node(model, ask) & (ops["status"] >= 500) & (ops["flags"] & FLAG_TORN == 0)
    before = failing & (ops["completed_ns"] <= min(calm_ns, ask.asked_ns))
    failed = set(
        zip(ops["operation"][before].tolist(), ops["status"][before].tolist(), strict=True)
    )
    return np.array(
        [
            bool(failing[row]) and (int(ops["operation"][row]), int(ops["status"][row])) in failed
            for row in rows.tolist()
        ],
        dtype=np.bool_,
    )


def _dropped(problems: Anomalies, model: Model, rows: Ints) -> None:
    """Each dropped request, counted under the first rule that it meets."""
    ops = model.ops
    status, torn = ops["status"][rows], (ops["flags"][rows] & FLAG_TORN) != 0
    silent, failed = rows[(status == 0) & ~torn], rows[~torn & (status >= 500)]
    problems.add_all("a request in flight got no answer", silent, EvidenceKind.SILENCE)
    problems.add_all(
        "the answer to a request in flight was cut short", rows[torn], EvidenceKind.TORN
    )
    problems.add_all("a request in flight was answered 5xx", failed, EvidenceKind.BUSY)
    appends = rows[np.isin(rows, model.tables.appends) & ~torn & (status > 0) & (status < 500)]
    outcome = model.tables.outcome[appends]
    seen = first_sight(model, appends) >= 0
    known = model.tables.tid[appends] >= 0
    excused, absent = known.copy(), ~seen
    tid = model.tables.tid[appends[known]]
    excused[known] = model.tables.dropped[tid] | model.tables.rewritten[tid]
    # One read that showed it is not enough: a known final chain must hold it.
    state = model.chains.find(tid, ints(ops["value"][appends[known]]))
    absent[known] |= model.chains.judged[tid] & (state < 0)
    lost = (outcome == Outcome.OK) & absent & looked_again(model, appends) & ~excused
    gone = "a commit in flight was answered 2xx and is not in the chain afterwards"
    problems.add_all(gone, appends[lost])
    untrue = (outcome == Outcome.FAIL) & seen & tried_by_refused_only(model, appends)
    there = "a commit in flight was answered 4xx and is in the chain afterwards"
    problems.add_all(there, appends[untrue])


def _readiness(problems: Anomalies, probes: Sequence[Probe], ask: _Ask) -> float | None:
    """Seconds from SIGTERM to the first probe that did not get 200; None where no probe
    shows it.
    """
    own = sorted(
        (
            line
            for line in probes
            if line.probe == "ready"
            and line.node == ask.node
            and ask.asked_ns < line.t_ns < ask.ended_ns
        ),
        key=lambda line: line.t_ns,
    )
    turned = None
    for line in own:
        after_s = (line.t_ns - ask.asked_ns) / 1e9
        answered_ns = line.t_ns + int(line.latency_ms * 1e6)
        if line.status != 200:
            turned = after_s if turned is None else turned
        elif after_s > READY_GRACE_S and answered_ns < ask.ended_ns:
            span = (ask.asked_ns, answered_ns)
            kind = EvidenceKind.LATENESS
            problems.add_fact(_READY, None, kind, span, node=ask.node, after_s=round(after_s, 3))
    return turned


def _figures(
    model: Model, ask: _Ask, rows: Ints, as_before: Mask, turned: float | None
) -> dict[str, Any]:
    ops = model.ops
    during = _on_node(model, ask) & (ops["sent_ns"] > 0) & (ops["sent_ns"] < ask.ended_ns)
    open_before = (ops["flags"] & FLAG_REUSED) != 0
    flushed_late = (ops["flushed_ns"] > ask.asked_ns) | (ops["flushed_ns"] == 0)
    late = during & open_before & flushed_late & (ops["completed_ns"] > ask.asked_ns)
    answered = late & (ops["status"] > 0) & (ops["flags"] & FLAG_TORN == 0)
    last = ints(ops["completed_ns"][rows])
    return {
        "node": ask.node,
        "in_flight": len(rows),
        "mutations_in_flight": int(model.history.of_operation(*MUTATIONS)[rows].sum()),
        "answered_last_s": round((int(last.max()) - ask.asked_ns) / 1e9, 3) if len(last) else None,
        "failing_as_before": int(as_before.sum()),
        "late": int(late.sum()),
        "late_answered": int(answered.sum()),
        "not_ready_after_s": None if turned is None else round(turned, 3),
        "ended_after_s": None
        if ask.ended_ns == FOREVER
        else round((ask.ended_ns - ask.asked_ns) / 1e9, 3),
    }
