"""At least 1,000 connections are held at the same moment, counted on the target's side (SC-002).

Method: established connections on the nodes' ports (resources.jsonl), summed over the nodes at each
sampled moment of the steady windows; the highest sum counts. With layout "first" all connections
are on one node, with "spread" on all nodes. no_errors_when_calm judges errors meanwhile.
What it does NOT show: that the connections are fast; moments between samples, about one a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.evidence_kinds import calm_ground, grounds_of_rows
from analysis.findings_of_requests import of_tally
from analysis.operation_errors import calm_mask, error_mask, in_words, is_calm, tally
from analysis.run import Run
from iceworthy.record.run_lines import LoadSecond
from iceworthy.record.sample_lines import ProcessUse
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "concurrent_connections"
HARM = Harm.UNAVAILABLE
GUARDED_BY = ("schedule",)
LEAST = 1000
LIMITS = (
    Limit(name="connections", relation=">=", value=LEAST, shown="{value} at one moment"),
    Limit(name="errors", relation="<=", value=0, unit="errors"),
)
STALE_NS = 2_500_000_000  # a node's last count is used for this long


def judge(run: Run) -> Verdict:
    """FAIL for errors, or if fewer connections are held although there were enough sessions."""
    moments = [m for m in _moments(run) if is_calm(run, m["t_ns"])]
    if not moments:
        return unknown(
            NAME, "no count of connections from the target's side in steady windows", limits=LIMITS
        )
    most = max(moments, key=lambda moment: int(moment["total"]))
    calm = calm_mask(run)
    errors = calm & error_mask(run)
    facts: dict[str, Any] = {
        "measures": (
            Measure(name="connections", value=int(most["total"]), unit="connections"),
            Measure(
                name="errors",
                value=int(errors.sum()),
                unit="errors",
                shown="{value} {unit}" if errors.any() else "",
            ),
        ),
        "limits": LIMITS,
        "judged": len(moments),
        "evidence": [
            {
                "most": most,
                "median": median(m["total"] for m in moments),
                "moments": len(moments),
                "load": _connected(run),
            }
        ],
    }
    where = " + ".join(f"{count:,} on node {node}" for node, count in most["by_node"].items())
    if errors.any():
        rows = tally(run, errors)
        facts["evidence"] += rows
        findings = of_tally("an answer without an error", rows)
        reason = f"{where} held, but not without errors: {in_words(rows)}"
        grounds = grounds_of_rows(run, errors)
        return failed(NAME, reason, findings=findings, grounds=grounds, **facts)
    if most["total"] >= LEAST and calm.any():
        return passed(NAME, f"{where} held at the same moment, without an error", **facts)
    sessions = run.plan.sessions
    if sessions < LEAST:
        return unknown(NAME, f"the run had {sessions} sessions; {LEAST:,} are asked for", **facts)
    if _connected(run) >= LEAST:
        return failed(
            NAME,
            f"at most {where} at one moment, though the load held {_connected(run):,} open",
            grounds=calm_ground(run, EvidenceKind.LATENESS),
            **facts,
        )
    return unknown(NAME, f"the load itself held only {_connected(run):,} connections open", **facts)


def _moments(run: Run) -> Iterator[dict[str, Any]]:
    """The sum over the nodes at each sample; a node whose last count is too old counts as 0."""
    last: dict[str, tuple[int, int]] = {}
    for line in run.read(ProcessUse):
        name, count = line.process, line.connections
        if not name.startswith("node-") or count < 0:
            continue
        last[name] = (line.t_ns, count)
        fresh = {n: c for n, (t, c) in last.items() if line.t_ns - t <= STALE_NS}
        yield {
            "t_ns": line.t_ns,
            "total": sum(fresh.values()),
            "by_node": {n.removeprefix("node-"): c for n, c in sorted(fresh.items()) if c},
        }


def _connected(run: Run) -> int:
    """The most connections that all load workers held at about the same moment, by their
    own count.
    """
    last: dict[str, int] = {}
    most = 0
    for line in run.read(LoadSecond):
        last[line.worker] = line.connected
        most = max(most, sum(last.values()))
    return most
