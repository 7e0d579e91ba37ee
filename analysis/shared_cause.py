"""Which fails belong to a fault, and which requirements are red for one and the same cause.

Claim: a requirement about a fault (`about` in requirements.toml) fails only by evidence of that
fault: of an experiment that had it, of its stretch or after the load, and by a judge that holds
where nothing was broken. Example: one commit overwrites another in `contention`, where there is no
fault, and also while a link is cut. FR-004 fails; EC-1 (database unreachable) is unknown, "same
cause as FR-004".
Of several requirements that fail by the same verdicts, or by verdicts about the same operations,
the later ones name the first: "same cause as FR-004: …". They fail all the same.
What this does NOT show: that two fails of one judge have one cause in the target's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.fault_spans import fault_spans
from analysis.run import Run
from iceworthy.words.verdict import Judgement, Verdict

BEFORE_NS = 2_000_000_000
"""What was acknowledged so shortly before a fault may be lost by it."""
AFTER_NS = 5_000_000_000
LOADED = ("warmup", "steady", "fault", "recovery")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTimes:
    """When an experiment's faults could act on its operations. load_end_ns: 0 without a load."""

    stretches: tuple[Span, ...] = ()
    load_end_ns: int = 0

    def is_before(self, span: Span) -> bool:
        """Whether this lay before the first fault."""
        return bool(self.stretches) and span[1] < min(self.stretches)[0]

    def is_of_a_fault(self, span: Span) -> bool:
        """Whether this met a fault, or was seen after the load (the audit's reads)."""
        if span[0] >= self.load_end_ns:
            return True
        return any(span[0] <= end and start <= span[1] for start, end in self.stretches)


def fault_times(run: Run) -> FaultTimes:
    """The stretches of one run, from its records."""
    ends = [window.end_ns for window in run.windows_of(*LOADED)]
    load_end_ns = max(ends, default=0)
    return FaultTimes(
        stretches=tuple(
            (span.inject_ns - BEFORE_NS, (span.heal_ns or load_end_ns) + AFTER_NS)
            for span in fault_spans(run)
        ),
        load_end_ns=load_end_ns,
    )


def has_own_evidence(verdict: Verdict, times: FaultTimes) -> bool:
    """Whether a fail rests on operations that a fault could touch, and on none from before it.

    Evidence without a time decides nothing against it.
    """
    spans = [span for ground in verdict.grounds for span in ground.spans if span[1]]
    if not spans:
        return True
    return any(map(times.is_of_a_fault, spans)) and not any(map(times.is_before, spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class Red:
    """One fail that a requirement stands on."""

    judge: str
    experiment: str
    operations: frozenset[str] = frozenset()

    def is_same_as(self, other: Red) -> bool:
        """Whether both are one verdict, or verdicts about a common operation."""
        if self.experiment != other.experiment:
            return False
        return self.judge == other.judge or bool(self.operations & other.operations)


def red_of(experiment: str, verdict: Verdict) -> Red:
    """The fail of one judge in one experiment."""
    operations = frozenset(op for finding in verdict.findings for op in finding.operations)
    return Red(judge=verdict.name, experiment=experiment, operations=operations)


def same_cause(reds: Sequence[Red], known: Mapping[str, Sequence[Red]]) -> str:
    """The first requirement of `known` whose fails hold all of these; "" for none."""
    for name, others in known.items():
        if reds and all(any(red.is_same_as(other) for other in others) for red in reds):
            return name
    return ""


def by_judge(judge: str, known: Mapping[str, Sequence[Red]]) -> str:
    """The first requirement of `known` that fails by this judge, in whatever experiment."""
    return next((name for name, reds in known.items() if judge in {r.judge for r in reds}), "")


def reds_of(parts: Iterable[tuple[str, Verdict]]) -> list[Red]:
    """The fails among (experiment, verdict)."""
    return [red_of(name, one) for name, one in parts if one.judgement is Judgement.FAIL]
