"""/health answers 200 whenever its process runs; both probes are fast while it is calm (SC-007).

Method: the suite's probes, twice a second on each node. Correctness: every /health probe from the
process' first healthy answer until it is asked to end must get 200, under faults too; every /ready
probe in steady windows must get 200. Speed: p95 of each kind in steady windows must be within 100
ms; not the slowest, because the prober shares its machine with the load, and one late wake-up of
the prober must not decide. FAIL when the interval's lower bound is above the limit, UNKNOWN when
only the point estimate is. Where faults leave too few probes for a percentile, correctness alone
decides.
What it does NOT show: speed while a fault is on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.criteria._ruling import failed, lacks, passed, unknown, user_limits
from analysis.crowding import in_spare_time
from analysis.evidence_kinds import answer_of, calm_ground, grounds_of_probes
from analysis.latency import Estimate, estimate
from analysis.operation_errors import is_calm
from analysis.process_lifetimes import lives, running
from analysis.run import Run
from iceworthy.record.line import chosen
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.limits import DEFAULTS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "health_answers"
HARM = Harm.UNAVAILABLE
QUANTILE = 0.95
LIMIT_MS = DEFAULTS["probe_ms"]
LIMITS = (
    Limit(name="wrong", relation="<=", value=0, shown="all 200"),
    Limit(
        name="p95",
        relation="<=",
        value=LIMIT_MS,
        unit="ms",
        shown="{name} {relation} {value} {unit}",
    ),
)
LEAST = 20


def judge(run: Run) -> Verdict:
    """FAIL for a wrong answer, or for a p95 that is certainly above the limit."""
    limit_ms = run.limits.probe_ms
    probes = _probes(run)
    health = [p for p in probes if p.probe == "health"]
    calm = [p for p in probes if is_calm(run, p.t_ns, p.end_ns, p.node)]
    wrong = [p for p in health if p.status != 200]
    wrong += [p for p in calm if p.probe == "ready" and p.status != 200]
    speed = {kind: _speed(calm, kind) for kind in ("health", "ready")}
    facts: dict[str, Any] = {
        "measures": _measures(wrong, probes, speed),
        "limits": user_limits(run, LIMITS, {"p95": "probe_ms"}),
        "judged": len(probes),
        "evidence": [
            {
                "probe": kind,
                "samples": s.samples,
                "p95_ms": _shown(s.value_ms),
                "max_ms": _shown(_slowest(calm, kind)),
            }
            for kind, s in speed.items()
        ]
        + [chosen(p, "t_ns", "node", "probe", "status", "latency_ms", "error") for p in wrong],
    }
    if wrong:
        first = wrong[0]
        answer = answer_of(first)
        return failed(
            NAME,
            f"{len(wrong)} of {len(probes)} probes were not answered 200 while the "
            f"process ran, the first: /{first.probe} on node {first.node}: {answer}",
            grounds=grounds_of_probes(run, wrong),
            **facts,
        )
    slow = [kind for kind, s in speed.items() if s.samples >= LEAST and s.low_ms > limit_ms]
    if slow:
        speeds = "; ".join(f"/{kind}: {speed[kind]}" for kind in slow)
        return failed(NAME, speeds, grounds=_slow_ground(run, calm, slow), **facts)
    if none := lacks(run, "health", "ready"):
        return unknown(NAME, none, **facts)
    if run.plan.faults and len(health) >= LEAST and speed["health"].samples < LEAST:
        return passed(NAME, f"{len(health)} health probes answered 200, under faults too", **facts)
    few = [kind for kind, s in speed.items() if s.samples < LEAST]
    if few:
        reason = f"{', '.join(few)}: fewer than {LEAST} probes in steady windows"
        return unknown(NAME, reason, **facts)
    close = [kind for kind, s in speed.items() if s.value_ms > limit_ms]
    if close:
        reason = _unsure({kind: speed[kind] for kind in close}, limit_ms)
        return unknown(NAME, reason, grounds=_slow_ground(run, calm, close), **facts)
    return passed(
        NAME,
        f"{len(health)} health probes answered 200; p95 "
        f"{speed['health'].value_ms:.1f} ms, of readiness {speed['ready'].value_ms:.1f} ms",
        **facts,
    )


def _measures(
    wrong: list[Probe], probes: list[Probe], speed: dict[str, Estimate]
) -> tuple[Measure, ...]:
    """How many answers were wrong, and the p95 of the slower probe."""
    shown = "{value} wrong"
    count = Measure(name="wrong", value=len(wrong), unit="answers", of=len(probes), shown=shown)
    timed = [one for one in speed.values() if one.samples]
    slower = max(timed, key=lambda one: one.value_ms, default=None)
    return (count,) if slower is None else (count, slower.measure("{name} {value} {unit}"))


def _probes(run: Run) -> list[Probe]:
    """Health and readiness probes during all of which the node's process ran."""
    found = lives(run)
    return [
        probe
        for probe in run.read(Probe)
        if probe.probe in ("health", "ready")
        and running(found, probe.node, probe.t_ns, probe.end_ns)
    ]


def _speed(calm: list[Probe], kind: str) -> Estimate:
    measured = [p.latency_ms for p in calm if p.probe == kind]
    return estimate(np.array(measured, dtype=np.float64), QUANTILE)


def _unsure(close: dict[str, Estimate], limit_ms: float) -> str:
    shown = "; ".join(f"/{kind}: {s}, {s.samples} samples" for kind, s in close.items())
    return f"above {limit_ms:g} ms, but too few samples to be sure: {shown}"


def _slow_ground(run: Run, calm: list[Probe], kinds: list[str]) -> tuple[Ground, ...]:
    """Probes of these kinds that are too slow together, as evidence."""
    starts = np.array([p.t_ns for p in calm], dtype=np.int64)
    ends = np.array([p.end_ns for p in calm], dtype=np.int64)
    in_time = in_spare_time(run, starts, ends)
    spare = [p for p, is_in in zip(calm, in_time, strict=True) if is_in]
    found = [_speed(spare, kind) for kind in kinds]
    late = any(s.samples >= LEAST and s.low_ms > run.limits.probe_ms for s in found)
    return calm_ground(run, EvidenceKind.LATENCY, in_spare_time=late)


def _slowest(calm: list[Probe], kind: str) -> float:
    return max((p.latency_ms for p in calm if p.probe == kind), default=float("nan"))


def _shown(value_ms: float) -> float | None:
    return round(value_ms, 2) if np.isfinite(value_ms) else None
