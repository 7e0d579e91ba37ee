"""/metrics is answered 200 in Prometheus' text format whenever its node is calm (FR-013).

Method: the suite's scrapes, once a second on each node, in steady windows. Each must be answered
200, without a malformed line and without a series twice: Prometheus rejects a whole scrape for
either. What it does NOT show: that the figures are right; scrapes under faults.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from analysis.criteria._ruling import failed, lacks, passed, unknown
from analysis.evidence_kinds import answer_of, by_second, grounds_of_probes
from analysis.operation_errors import is_calm
from analysis.run import Run
from iceworthy.record.line import chosen
from iceworthy.record.sample_lines import Probe, Scrape
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "metrics_answer"
HARM = Harm.CLIENTS  # Prometheus is a client, and has nothing
LIMITS = (Limit(name="bad", relation="<=", value=0, shown="{value} bad scrapes"),)
LEAST = 5


def judge(run: Run) -> Verdict:
    """FAIL for any scrape that Prometheus would reject; UNKNOWN below LEAST scrapes."""
    scrapes = [
        line
        for line in run.read(Probe)
        if line.probe == "metrics" and is_calm(run, line.t_ns, line.end_ns, line.node)
    ]
    unanswered = [line for line in scrapes if line.status != 200]
    bad: Counter[str] = Counter(_word(line) for line in unanswered)
    whole = [line for line in run.read(Scrape) if is_calm(run, line.t_ns)]
    bad["malformed lines"] += sum(line.malformed > 0 for line in whole)
    bad["a series that occurs twice"] += sum(line.repeated > 0 for line in whole)
    bad += Counter()  # drops the kinds with a count of 0
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="bad",
                value=sum(bad.values()),
                unit="scrapes",
                of=len(scrapes),
                shown="{value} of {of} bad",
            ),
        ),
        "limits": LIMITS,
        "judged": len(scrapes),
        "evidence": [{"what": what, "scrapes": count} for what, count in bad.most_common()]
        + [chosen(line, "t_ns", "node", "status", "error", "body") for line in unanswered[:3]],
    }
    if bad:
        shown = ", ".join(f"{count} × {what}" for what, count in bad.most_common(3))
        reason = f"Prometheus would reject some of {len(scrapes)} scrapes: {shown}"
        misshapen = [line for line in whole if line.malformed or line.repeated]
        shapes = by_second(
            (EvidenceKind.SHAPE, line.t_ns, line.t_ns, line.node) for line in misshapen
        )
        return failed(NAME, reason, grounds=(*grounds_of_probes(run, unanswered), *shapes), **facts)
    if len(scrapes) < LEAST:
        few = f"only {len(scrapes)} scrapes in steady windows"
        return unknown(NAME, lacks(run, "metrics") or few, **facts)
    return passed(NAME, f"all {len(scrapes)} scrapes were answered 200 and whole", **facts)


def _word(line: Probe) -> str:
    """How a scrape failed: "status 500", "a torn body", "timeout"."""
    if line.status:
        return f"status {answer_of(line)}"
    return "a torn body" if line.error == "torn" else answer_of(line)
