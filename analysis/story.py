"""The steps of an experiment: when each fault bit, which requests were in flight, their answers.

Claim: each line is counted from the history and from faults.jsonl, and its time is that of an event
of the run. Example: `+4.821 s  drain_node bites on node 0 (sessions at work 3)`, `+4.821 s  in
flight then on node 0: 18 operations: 18 2xx`.
Method: an operation is in flight at a fault if it was sent before the fault bit and ended after it.
Without faults the steps are those of conflicts: an acknowledged commit, and the commits that
overlapped it and asserted the same parent.
What this does NOT show: whether the answers were right; the verdicts of the run say that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.fault_spans import fault_spans
from analysis.run import Run
from analysis.series import zero_ns
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.history import FLAG_AUDIT, NULL_PARENT
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.outcome import Outcome

CONFLICTS_MOST = 3
OPERATIONS_MOST = 12
FACTS_MOST = 4
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One step. at_s: seconds after the load's t0."""

    at_s: float
    text: str

    def __str__(self) -> str:
        return f"{self.at_s:+9.3f} s  {self.text}"


def story_of(run: Run) -> tuple[StoryLine, ...]:
    """The steps of an experiment in the order of their times; () where nothing was sent."""
    history = run.history
    if not len(history):
        return ()
    spans = fault_spans(run)
    lines = [*_load(run), *(line for span in spans for line in _fault(run, span))]
    if not spans:
        lines += _conflicts(run)
    return tuple(sorted(lines, key=lambda line: line.at_s))


def story_of_operations(run: Run, op_ids: Iterable[str]) -> tuple[StoryLine, ...]:
    """The sending and the answer of these operations, in the order of their times; of more than
    OPERATIONS_MOST the first. Ids that are not of this history are left out."""
    rows = [row for one in op_ids if (row := run.history.row_of(one)) is not None]
    found = _exchanges(run, list(dict.fromkeys(rows))[:OPERATIONS_MOST])
    return tuple(sorted(found, key=lambda line: line.at_s))


def _load(run: Run) -> Iterator[StoryLine]:
    """The two ends of the load."""
    ops, nodes = run.history.ops, len(run.plan.node_urls)
    sent = ops["sent_ns"][ops["sent_ns"] > 0]
    scenario = f" of {run.plan.scenario}" if run.plan.scenario else ""
    yield StoryLine(
        at_s=_at(run, int(sent.min()) if len(sent) else zero_ns(run)),
        text=f"{run.plan.sessions} sessions{scenario} begin, over {nodes} nodes",
    )
    yield StoryLine(
        at_s=_at(run, int(ops["completed_ns"].max())),
        text=f"the last of {_answers(run, np.ones(len(ops), dtype=np.bool_))}",
    )


def _fault(run: Run, span: FaultSpan) -> Iterator[StoryLine]:
    """A fault's own steps, and what its nodes answered meanwhile."""
    where = "" if span.node is None else f" on node {span.node}"
    if span.bit_ns is None or not span.proven:
        why = f": {span.problem}" if span.problem else ", and nothing shows that it bit"
        yield StoryLine(at_s=_at(run, span.inject_ns), text=f"{span.fault} is injected{where}{why}")
        return
    yield StoryLine(
        at_s=_at(run, span.bit_ns), text=f"{span.fault} bites{where}{_facts(span.facts)}"
    )
    ops = run.history.ops
    there = _on(run, span.node)
    flying = there & (ops["sent_ns"] < span.bit_ns) & (ops["completed_ns"] > span.bit_ns)
    flying &= ops["sent_ns"] > 0
    yield StoryLine(
        at_s=_at(run, span.bit_ns),
        text=f"in flight then{where}: {_answers(run, flying)}",
    )
    end_ns = span.heal_ns if span.heal_ns is not None else int(ops["completed_ns"].max())
    sent = (ops["sent_ns"] >= span.bit_ns) & (ops["sent_ns"] < end_ns)
    for node in range(len(run.plan.node_urls)):
        yield StoryLine(
            at_s=_at(run, end_ns),
            text=f"sent since to node {node}: {_answers(run, sent & _on(run, node))}",
        )
    if span.heal_ns is None:
        return
    yield StoryLine(at_s=_at(run, span.heal_ns), text=f"{span.fault} is healed{where}")
    yield from _back(run, span, there)


def _back(run: Run, span: FaultSpan, there: Mask) -> Iterator[StoryLine]:
    """The first commit that is acknowledged there after the fault."""
    ops = run.history.ops
    assert span.heal_ns is not None
    acknowledged = there & _is_mutation(run) & run.history.with_outcome(Outcome.OK)
    rows = np.flatnonzero(acknowledged & (ops["sent_ns"] >= span.heal_ns))
    where = "" if span.node is None else f" by node {span.node}"
    if not len(rows):
        yield StoryLine(
            at_s=_at(run, int(ops["completed_ns"].max())),
            text=f"no write that was sent after the heal was acknowledged{where}",
        )
        return
    first = rows[int(np.argmin(ops["completed_ns"][rows]))]
    done_ns = int(ops["completed_ns"][first])
    yield StoryLine(
        at_s=_at(run, done_ns),
        text=f"the first write after it is acknowledged{where}: "
        f"{run.history.describe(int(first))['operation']}, "
        f"{(done_ns - span.heal_ns) / 1e9:.3f} s after the heal",
    )


def _conflicts(run: Run) -> Iterator[StoryLine]:
    """Acknowledged commits, each with the commits that raced it: most rivals first."""
    ops = run.history.ops
    commits = run.history.of_operation("updateTable") & (ops["parent"] != NULL_PARENT)
    rows = np.flatnonzero(commits & (ops["sent_ns"] > 0) & (ops["parent"] != 0))
    groups: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        groups.setdefault((int(ops["key"][row]), int(ops["parent"][row])), []).append(int(row))
    races = []
    for group in groups.values():
        won = [row for row in group if ops["outcome"][row] == int(Outcome.OK)]
        for winner in won[:1]:
            rivals = [row for row in group if row != winner and _overlap(ops, winner, row)]
            if rivals:
                races.append([winner, *rivals])
    races.sort(key=lambda race: (-len(race), int(ops["sent_ns"][race[0]])))
    for race in races[:CONFLICTS_MOST]:
        yield from _exchanges(run, race)


def _exchanges(run: Run, rows: Iterable[int]) -> Iterator[StoryLine]:
    """The sending and the answer of each operation."""
    for row in rows:
        facts, op = run.history.describe(row), run.history.ops[row]
        who = f"session {facts['session']} on node {facts['node']}"
        if int(op["flags"]) & FLAG_AUDIT:
            who = f"the audit on node {facts['node']}"
        sent = f"{facts['operation']} of {facts['key']}" if facts["key"] else facts["operation"]
        answer = f"{facts['status'] or 'no answer'}"
        if int(op["value"]) > 0 and facts["operation"] in MUTATIONS:
            on = f" on {_short(op['parent'])}" if int(op["parent"]) > 0 else ""
            sent += f", snapshot {_short(op['value'])}{on}"
        elif int(op["value"]) > 0:
            answer += f", snapshot {_short(op['value'])},"
        if int(op["sent_ns"]) > 0:
            yield StoryLine(at_s=_at(run, int(op["sent_ns"])), text=f"{who} sends {sent}")
        yield StoryLine(
            at_s=_at(run, int(op["completed_ns"])), text=f"{who} gets {answer} for {sent}"
        )


def _short(snapshot_id: int) -> str:
    """The last digits of an id, by which a reader tells two apart."""
    return f"…{int(snapshot_id) % 10**6:06d}"


def _overlap(ops: npt.NDArray[np.void], one: int, other: int) -> bool:
    sent, ended = ops["sent_ns"], ops["completed_ns"]
    return bool(sent[one] < ended[other] and sent[other] < ended[one])


def _answers(run: Run, mask: Mask) -> str:
    """Operations counted by their answers. Example: 40 operations: 37 2xx, 3 503."""
    ops = run.history.ops[mask]
    left = ops["sent_ns"] > 0
    seen: Counter[str] = Counter()
    for status, count in zip(*np.unique(ops["status"][left], return_counts=True), strict=True):
        seen[_status(int(status))] += int(count)
    if unsent := int((~left).sum()):
        seen["never sent: no connection"] = unsent
    said = ", ".join(f"{count} {status}" for status, count in seen.most_common())
    return f"{len(ops)} operation{'' if len(ops) == 1 else 's'}" + (f": {said}" if said else "")


def _status(status: int) -> str:
    """The words for a status. A 404 and a 409 are answers of their own meaning."""
    if not status:
        return "without an answer"
    return "2xx" if 200 <= status < 300 else str(status)


def _facts(facts: Mapping[str, Any]) -> str:
    """The few numbers of a fault's proof that people read: no instants, no pids."""
    shown = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in facts.items()
        if isinstance(value, int | float | str)
        and not isinstance(value, bool)
        and not name.endswith("_ns")
        and name != "pid"
    ]
    return f" ({', '.join(shown[:FACTS_MOST])})" if shown else ""


def _is_mutation(run: Run) -> Mask:
    return run.history.of_operation(*MUTATIONS)


def _on(run: Run, node: int | None) -> Mask:
    ops = run.history.ops
    return np.ones(len(ops), dtype=np.bool_) if node is None else ops["node"] == node


def _at(run: Run, t_ns: int) -> float:
    return (t_ns - zero_ns(run)) / 1e9
