"""/health and /ready answer within 100 ms also while the node's database is cut off or silent.

Method: the suite's probes of the node whose database link is cut or black-holed, from GRACE_S after
the fault took effect until it is healed. The median of each kind counts, because few probes fall
into that time and one late wake-up of the prober must not decide. A probe without an answer counts
with the time that it waited.
What it does NOT show: the slowest answer; whether the answers are right (readiness_tracks_database
shows that).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from analysis.criteria._ruling import failed, lacks, passed, unknown, user_limits
from analysis.criteria.health_answers import LIMIT_MS
from analysis.fault_spans import acted_until, breaks
from analysis.run import Run
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "probes_without_database"
HARM = Harm.UNAVAILABLE
GRACE_S = 0.25
LIMITS = (
    Limit(
        name="median",
        relation="<=",
        value=LIMIT_MS,
        unit="ms",
        shown="{name} {relation} {value} {unit}",
    ),
)
LEAST = 3
EXCESS_LEAST_S = 1.0
"""Below it a wait for a CPU, or a crowded machine, may explain it whatever was measured."""


def judge(run: Run) -> Verdict:
    """FAIL for a kind of probe whose median is above the limit."""
    limits = user_limits(run, LIMITS, {"median": "probe_ms"})
    spans = breaks(run)
    if not spans:
        return unknown(NAME, "no database link was broken and healed", limits=limits)
    if none := lacks(run, "health", "ready"):
        return unknown(NAME, none, limits=limits)
    took = {kind: [p.latency_ms for p in _probes(run, kind, spans)] for kind in ("health", "ready")}
    judged = sum(map(len, took.values()))
    medians = {kind: median(times) for kind, times in took.items() if times}
    # A slow node answers few probes in the same time: two slow answers are evidence enough.
    slow = [
        kind
        for kind, value in medians.items()
        if value > run.limits.probe_ms and len(took[kind]) > 1
    ]
    if not slow and min(map(len, took.values())) < LEAST:
        few = ", ".join(f"{len(times)} of /{kind}" for kind, times in took.items())
        return unknown(
            NAME,
            f"too few probes meanwhile: {few}; {LEAST} of each are needed",
            limits=limits,
            judged=judged,
        )
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="median",
                value=max(medians.values()),
                unit="ms",
                shown="{name} {value} {unit}",
            ),
        ),
        "limits": limits,
        "judged": judged,
        "evidence": [
            {"probe": kind, "median_ms": round(value, 1), "took_ms": sorted(took[kind])[-8:]}
            for kind, value in medians.items()
        ],
    }
    shown = ", ".join(f"/{kind} {value:.1f} ms" for kind, value in medians.items())
    if slow:
        on = tuple((span.bit_ns or 0, acted_until(span, 0)) for span in spans)
        excess_s = max(_excess_s(took[kind], run.limits.probe_ms) for kind in slow)
        grounds = (Ground(kind=EvidenceKind.LATENCY, count=judged, spans=on, excess_s=excess_s),)
        return failed(
            NAME, f"without the database, at the median: {shown}", grounds=grounds, **facts
        )
    return passed(NAME, f"without the database, at the median: {shown}", **facts)


def _excess_s(took_ms: Sequence[float], limit_ms: float) -> float:
    """How long a CPU must have been denied for the median to miss its limit: the least that more
    than half of the probes, which are sent one after the other, took beyond it."""
    beyond = sorted(max(0.0, one - limit_ms) for one in took_ms)
    excess_s = sum(beyond[: len(beyond) // 2 + 1]) / 1000
    return excess_s if excess_s >= EXCESS_LEAST_S else 0.0


def _probes(run: Run, kind: str, spans: Sequence[FaultSpan]) -> list[Probe]:
    """Probes sent while the database link of the asked node was broken."""
    return [
        p
        for p in run.read(Probe)
        if p.probe == kind
        and any(
            p.node == span.node
            and (span.bit_ns or 0) + int(GRACE_S * 1e9) <= p.t_ns < acted_until(span, 0)
            for span in spans
        )
    ]
