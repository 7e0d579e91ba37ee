"""Each node is ready within 10 s of its start, restarts included (SC-004).

Method: readiness answered 200 (`ready_ns`) minus the spawn, for every start in starts.jsonl.
What it does NOT show: starts on a database full of data, or on a slower machine.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown, user_limits
from analysis.evidence_kinds import by_second
from analysis.process_lifetimes import Life, lives, seen_until
from analysis.run import Run
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.limits import DEFAULTS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "start_time"
HARM = Harm.UNAVAILABLE
NEEDS_NO_LOAD = True
LIMIT_S = DEFAULTS["start_s"]
LIMITS = (Limit(name="slowest start", relation="<=", value=LIMIT_S, unit="s"),)


def judge(run: Run) -> Verdict:
    """FAIL for a start that took longer, or after which the node never became ready."""
    limit_s = run.limits.start_s
    limits = user_limits(run, LIMITS, {"slowest start": "start_s"})
    started = [
        life for life in lives(run) if not (life.ready_ns is None and _ended_by_us(life, limit_s))
    ]
    if not started:
        return unknown(NAME, "no start of a node was watched to its end", limits=limits)
    evidence = [
        {"node": life.node, "pid": life.pid, "reason": life.reason, "ready_s": _ready_s(life)}
        for life in started
    ]
    took = [s for life in started if (s := _ready_s(life)) is not None]
    slowest = max(took, default=None)
    never = [life for life in started if life.ready_ns is None]
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="slowest start",
                value=None if never else slowest,
                unit="s",
                decimals=2,
                without="never",
            ),
        ),
        "limits": limits,
        "evidence": evidence,
        "judged": len(started),
    }
    if never:
        names = ", ".join(f"node {life.node} ({life.reason})" for life in never)
        waited = [
            (EvidenceKind.SILENCE, life.spawn_ns, seen_until(run, life), life.node)
            for life in never
        ]
        grounds = by_second(waited)
        return failed(NAME, f"{names} never became ready", grounds=grounds, **facts)
    if slowest is not None and slowest > limit_s:
        late = sum(1 for seconds in took if seconds > limit_s)
        reason = f"{late} of {len(took)} starts took longer than {limit_s:g} s"
        return failed(NAME, reason, grounds=_grounds(started, limit_s), **facts)
    return passed(NAME, f"{len(took)} starts, the slowest ready after {slowest:.2f} s", **facts)


def _grounds(started: list[Life], limit_s: float) -> list[Ground]:
    return [
        Ground(
            kind=EvidenceKind.LATENCY,
            spans=((life.spawn_ns, life.ready_ns),),
            excess_s=seconds - limit_s,
            node=life.node,
        )
        for life in started
        if life.ready_ns is not None and (seconds := _ready_s(life) or 0.0) > limit_s
    ]


def _ready_s(life: Life) -> float | None:
    return None if life.ready_ns is None else round((life.ready_ns - life.spawn_ns) / 1e9, 3)


def _ended_by_us(life: Life, limit_s: float) -> bool:
    """Whether the suite itself ended the node before the time to become ready was over."""
    return (
        life.end is not None
        and life.end.asked in ("SIGKILL", "SIGTERM", "teardown")
        and life.end_ns - life.spawn_ns < limit_s * 1e9
    )
