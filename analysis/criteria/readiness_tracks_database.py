"""/ready says no while the database cannot be reached, /health stays 200, then /ready returns.

Method: the suite's probes of the node whose database link is cut or black-holed (FR-006, EC-1).
  during: from GRACE_S after the fault took effect until the heal, no /ready probe may get 200 (no
          answer counts as "no"), and every /health probe must get 200
  after:  /ready must get 200 again within the experiment's settle bound, and at the last probe
What it does NOT show: that readiness turns within GRACE_S; other reasons to be unready.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.criteria._ruling import failed, lacks, passed, unknown
from analysis.evidence_kinds import by_second, grounds_of_probes
from analysis.fault_spans import MARGIN_NS, acted_until, breaks
from analysis.process_lifetimes import lives, running
from analysis.run import Run
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.line import chosen
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "readiness_tracks_database"
HARM = Harm.UNAVAILABLE
GRACE_S = 2.0
LEAST = 2
LIMIT_TEXT = f"no 200 from {GRACE_S:g} s after the fault until the heal"
LIMITS = (Limit(name="said ready", relation="<=", value=0, shown=LIMIT_TEXT),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The answers to the probes during and after one fault."""

    false_ready: list[Probe]
    unhealthy: list[Probe]
    judged: int
    back_s: float | None
    last_ready: bool
    bound_s: float
    after: int


def judge(run: Run) -> Verdict:
    """FAIL for a /ready 200 without a database, a /health without 200, or a /ready that stays
    unready.
    """
    spans = breaks(run)
    if not spans:
        return unknown(NAME, "no database link was broken and healed", limits=LIMITS)
    looks = [(span, _look(run, span, spans)) for span in spans]
    judged = sum(t.judged for _, t in looks)
    false_ready = [p for _, t in looks for p in t.false_ready]
    unhealthy = [p for _, t in looks for p in t.unhealthy]
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="said ready",
                value=len(false_ready),
                unit="probes",
                of=judged,
                shown="{value} of {of} said ready",
            ),
        ),
        "limits": LIMITS,
        "judged": judged,
        "evidence": [_row(span, t) for span, t in looks]
        + [_shown(p) for p in (*false_ready[:8], *unhealthy[:8])],
    }
    if wrong := _wrong(looks, judged):
        return failed(NAME, wrong, grounds=_grounds(run, looks), **facts)
    if none := lacks(run, "health", "ready"):
        return unknown(NAME, none, **facts)
    if judged < LEAST:
        few = f"{judged} /ready probes fell between {GRACE_S:g} s after the fault and its heal"
        return unknown(NAME, f"{few}; {LEAST} are needed", **facts)
    if any(t.back_s is None for _, t in looks):
        return unknown(NAME, "no /ready probe after the heal shows that it is ready again", **facts)
    slowest = max(t.back_s or 0.0 for _, t in looks)
    said = f"{judged} /ready probes said no without the database"
    return passed(NAME, f"{said}; ready again within {slowest:.1f} s of the heal", **facts)


def _wrong(looks: list[tuple[FaultSpan, _Look]], judged: int) -> str:
    """The most serious violation as text; "" for none."""
    false_ready = sum(len(t.false_ready) for _, t in looks)
    unhealthy = sum(len(t.unhealthy) for _, t in looks)
    if false_ready:
        return f"{false_ready} of {judged} /ready probes got 200 though the database was away"
    if unhealthy:
        return f"{unhealthy} /health probes were not answered 200 while only the database was away"
    for span, t in looks:
        if t.after and not t.last_ready:
            return (
                f"node {span.node} was still not ready at the last of {t.after} probes after "
                f"{span.fault} was healed"
            )
        if t.back_s is not None and t.back_s > t.bound_s:
            return f"ready again only {t.back_s:.1f} s after the heal, the bound is {t.bound_s:g} s"
    return ""


def _grounds(run: Run, looks: list[tuple[FaultSpan, _Look]]) -> tuple[Ground, ...]:
    """The evidence of the most serious violation, as in `_wrong`."""
    false_ready = [(span, p) for span, t in looks for p in t.false_ready]
    if false_ready:
        late = EvidenceKind.LATENESS
        return by_second((late, span.bit_ns or p.t_ns, p.end_ns, p.node) for span, p in false_ready)
    if unhealthy := [p for _, t in looks for p in t.unhealthy]:
        return grounds_of_probes(run, unhealthy)
    spans = tuple(
        (span.heal_ns or 0, (span.heal_ns or 0) + int(max(t.bound_s, t.back_s or 0.0) * 1e9))
        for span, t in looks
        if (t.after and not t.last_ready) or (t.back_s or 0.0) > t.bound_s
    )
    return (Ground(kind=EvidenceKind.LATENESS, count=len(spans), spans=spans),)


def _look(run: Run, span: FaultSpan, spans: Sequence[FaultSpan]) -> _Look:
    assert span.bit_ns is not None
    assert span.heal_ns is not None
    found = lives(run)
    next_ns = min(
        (s.inject_ns for s in spans if s.node == span.node and s.inject_ns > span.heal_ns),
        default=NEVER_NS,
    )
    own = [
        p
        for p in sorted(run.read(Probe), key=lambda p: p.t_ns)
        if p.node == span.node
        and p.probe in ("health", "ready")
        and running(found, p.node, p.t_ns, p.end_ns)
    ]
    start_ns, end_ns = span.bit_ns + int(GRACE_S * 1e9), acted_until(span, MARGIN_NS // 2)
    health = [p for p in own if p.probe == "health" and span.bit_ns <= p.t_ns < span.heal_ns]
    after = [p for p in own if p.probe == "ready" and span.heal_ns <= p.t_ns < next_ns]
    back = [p.t_ns for p in after if p.status == 200]
    ready = [p for p in own if p.probe == "ready" and start_ns <= p.t_ns < end_ns]
    # A probe that is answered only after the heal may say ready: the database is back by then.
    false_ready = [p for p in ready if p.status == 200 and p.end_ns < end_ns]
    return _Look(
        false_ready=false_ready,
        unhealthy=[p for p in health if p.status != 200],
        judged=len(ready),
        back_s=(back[0] - span.heal_ns) / 1e9 if back else None,
        last_ready=bool(after) and after[-1].status == 200,
        bound_s=run.plan.settle_s or 15.0,
        after=len(after),
    )


def _shown(probe: Probe) -> dict[str, Any]:
    return chosen(probe, "t_ns", "node", "probe", "status", "latency_ms")


def _row(span: FaultSpan, look: _Look) -> dict[str, Any]:
    return {
        "fault": span.fault,
        "node": span.node,
        "ready_probes_judged": look.judged,
        "said_ready": len(look.false_ready),
        "ready_again_s": None if look.back_s is None else round(look.back_s, 2),
    }
