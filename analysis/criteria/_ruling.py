"""Short ways to say a verdict, with the evidence kept short enough to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from analysis.run import Run
from iceworthy.words.blame import Ground
from iceworthy.words.finding import Finding
from iceworthy.words.limits import DEFAULTS, FACTS, default_text
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Judgement, Verdict

EVIDENCE_MOST = 20


def user_limits(run: Run, limits: Iterable[Limit], keys: Mapping[str, str]) -> tuple[Limit, ...]:
    """The limits of a judge with the user's own in place of those that they replace, and marked so.

    keys: the name of a Limit -> the name of the user's limit, such as "p95" -> "read_p95_ms".
    """

    def one(limit: Limit) -> Limit:
        key = keys.get(limit.name, "")
        value = getattr(run.limits, key) if key else None
        if value is None or value == DEFAULTS[key]:
            return limit
        facts, before = FACTS[key], default_text(key)
        shown = f"{limit.shown} (own limit; {facts['requirement']} says {before})"
        return replace(limit, value=value, shown=shown)

    return tuple(map(one, limits))


def rule(
    name: str,
    judgement: Judgement,
    reason: str,
    *,
    measures: Iterable[Measure] = (),
    limits: Iterable[Limit] = (),
    findings: Iterable[Finding] = (),
    evidence: Iterable[dict[str, Any]] = (),
    judged: int = 0,
    grounds: Iterable[Ground] = (),
) -> Verdict:
    """A verdict; evidence beyond EVIDENCE_MOST entries is cut off, the count in `judged` is not."""
    return Verdict(
        name=name,
        judgement=judgement,
        reason=reason,
        measures=tuple(measures),
        limits=tuple(limits),
        findings=tuple(findings),
        evidence=tuple(evidence)[:EVIDENCE_MOST],
        judged=judged,
        grounds=tuple(grounds),
    )


def unknown(name: str, reason: str, **facts: Any) -> Verdict:
    """UNKNOWN: the run cannot decide the question."""
    return rule(name, Judgement.UNKNOWN, reason, **facts)


def inapplicable(name: str, reason: str, **facts: Any) -> Verdict:
    """UNKNOWN, because the target as configured has nothing to judge (example: no login)."""
    return replace(unknown(name, reason, **facts), applies=False)


def failed(name: str, reason: str, **facts: Any) -> Verdict:
    """FAIL: the run shows a violation."""
    return rule(name, Judgement.FAIL, reason, **facts)


def passed(name: str, reason: str, **facts: Any) -> Verdict:
    """PASS: everything judged was in order."""
    return rule(name, Judgement.PASS, reason, **facts)


def lacks(run: Run, *endpoints: str) -> str:
    """Why nothing was asked: the target file says that it has none of these; "" where it has."""
    if run.plan.target is None:
        return ""
    paths = asdict(run.plan.target.endpoints)
    words = {"ready": "readiness"}
    missing = [words.get(name, name) for name in endpoints if paths.get(name, name) == ""]
    return f"the target has no {' and no '.join(missing)} endpoint" if missing else ""
