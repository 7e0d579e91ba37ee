"""After the load and its faults, every acknowledged table and namespace can be read on every node.

Claim: each name that was acknowledged or shown during the run, and that no recorded operation may
have removed since, gets 2xx from every node in the audit. A 4xx is a loss. A 5xx or no answer is a
loss too if the node was ready, even if every answer during the run was legal.
Method: the names that must exist (evidence of presence, no removal since) are compared with the
audit's last read of each name on each node. A node was ready if its last readiness probe before the
read's end got 200; without probes, if it answered other audit reads.
Minimal evidence: one such name, read on every node. A pass becomes unknown if some node was not
asked for a name, or was not ready and could not answer.
What it does NOT show: that the content is right (chain_integrity, properties and
lost_acknowledgement show that); that a fault took effect (fault_bit shows that).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._existence import existence_of
from analysis.checkers._model import Model, model_of
from analysis.checkers._tables import shown
from analysis.evidence_kinds import kind_of_answer
from analysis.run import Run
from iceworthy.record.history import FLAG_TORN
from iceworthy.record.run_lines import FaultEvent
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Harm
from iceworthy.words.verdict import Verdict

NAME = "still_readable"
HARM = Harm.LOST
NEEDS_RUN = True

_NAMES = ("table and namespace", "tables and namespaces")


@dataclass(slots=True)
class _Counts:
    readable: int = 0
    names: set[int] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Readiness:
    """Per node, the times of its readiness probes and whether each got 200."""

    times: dict[int, list[int]]
    ready: dict[int, list[bool]]
    answering: frozenset[int]

    def was_ready(self, node: int, at_ns: int) -> bool:
        at = bisect_right(self.times.get(node, []), at_ns) - 1
        return self.ready[node][at] if at >= 0 else node in self.answering


def check(run: Run) -> Verdict:
    """Judge the audit's last read of each name on each node."""
    model = model_of(run.history)
    problems, counts = Anomalies(run.history), _Counts()
    standing = existence_of(model).standing()
    reads = _audit_reads(model)
    nodes = _nodes(run, model, reads)
    readiness = _readiness(run, model)
    for key, evidence in standing.items():
        for node in nodes:
            _judge(
                problems, model, counts, readiness, key, node, evidence, reads.get((key, node), [])
            )
    faults = sum(line.event == "bit" for line in run.read(FaultEvent))
    after = f" after {counted(faults, 'fault')}" if faults else ""
    judged = counts.readable + sum(problems.counts.values())
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"all {counted(len(counts.names), *_NAMES)} are readable on "
        f"{counted(len(nodes), 'node')}{after}",
        bad=f"some of {counted(len(standing), *_NAMES)} that must exist are not readable{after}",
        too_little=_too_little(counts, judged, nodes),
        facts={
            "names": len(standing),
            "nodes": len(nodes),
            "faults": faults,
            "not_judged": len(counts.unread),
            "first_not_judged": counts.unread[:5],
        },
    )


def _too_little(counts: _Counts, judged: int, nodes: list[int]) -> str:
    if not judged:
        return "no table or namespace that must exist was read after the load"
    if counts.unread:
        return (
            f"{counted(len(counts.unread), 'name')} could not be read again on every node, for "
            f"instance {counts.unread[0]}"
        )
    return "" if nodes else "no node was audited"


def _audit_reads(model: Model) -> dict[tuple[int, int], list[int]]:
    """(key id, node) -> rows of the audit's reads of it, in order."""
    rows = np.flatnonzero(
        model.audit & model.history.of_operation("loadTable", "loadNamespaceMetadata")
    )
    found: dict[tuple[int, int], list[int]] = {}
    ops = model.ops
    for row in rows[np.argsort(ops["completed_ns"][rows], kind="stable")].tolist():
        found.setdefault((int(ops["key"][row]), int(ops["node"][row])), []).append(row)
    return found


def _nodes(run: Run, model: Model, reads: dict[tuple[int, int], list[int]]) -> list[int]:
    """Every node of the plan, and every node that was audited."""
    return sorted(set(range(len(run.plan.node_urls))) | {node for _, node in reads})


def _readiness(run: Run, model: Model) -> _Readiness:
    times: dict[int, list[int]] = {}
    was_ready: dict[int, list[bool]] = {}
    lines = [line for line in run.read(Probe) if line.probe == "ready"]
    for line in sorted(lines, key=lambda line: line.t_ns):
        times.setdefault(line.node, []).append(line.t_ns)
        was_ready.setdefault(line.node, []).append(line.status == 200)
    ops = model.ops
    answering = np.unique(ops["node"][model.audit & (ops["status"] // 100 == 2)])
    return _Readiness(times, was_ready, frozenset(answering.tolist()))


def _judge(
    problems: Anomalies,
    model: Model,
    counts: _Counts,
    readiness: _Readiness,
    key: int,
    node: int,
    evidence: int,
    rows: list[int],
) -> None:
    ops = model.ops
    name = shown(model.history.strings[key])
    asked = [row for row in rows if ops["sent_ns"][row] > 0 or ops["status"][row] > 0]
    last = asked[-1] if asked else (rows[-1] if rows else -1)
    if last < 0 or not _was_asked(model, last):
        counts.unread.append(f"{name} on node {node}")
        return
    status = int(ops["status"][last])
    since = model.history.op_id(evidence)
    if status // 100 == 2 and ops["outcome"][last] == 0:
        counts.readable += 1
        counts.names.add(key)
    elif status // 100 == 4:
        gone = "what was acknowledged is answered 4xx when it is read at the end"
        problems.add(gone, last, EvidenceKind.STATUS, acknowledged_by=since)
    elif readiness.was_ready(node, int(ops["completed_ns"][last])):
        unread = "what was acknowledged cannot be read at the end from a node that is ready"
        error = model.history.strings[ops["error"][last]]
        kind = kind_of_answer(status, error, torn=bool(ops["flags"][last] & FLAG_TORN))
        problems.add(unread, last, kind, acknowledged_by=since)
    else:
        counts.unread.append(f"{name} on node {node}, which was not ready")


def _was_asked(model: Model, row: int) -> bool:
    """False for a read that the audit did not send because its time was over."""
    ops = model.ops
    return not (ops["sent_ns"][row] == 0 and model.history.strings[ops["error"][row]] == "deadline")
