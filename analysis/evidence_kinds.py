"""The kind of evidence that each failed operation and probe is, and when it happened.

Method: the status, the transport's word and the torn flag of each sample. Samples of one kind are
put together by the second of their answer, so that a guard can explain some and leave others.
A 500 to a mutation counts as busy: a catalog may answer it when it stopped waiting for its COMMIT.
What this does NOT show: why an operation or a probe failed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analysis.operation_errors import CALM, Mask
from analysis.run import Run
from iceworthy.record.contract_lines import CaseResult, Difference, TriedThing
from iceworthy.record.history import FLAG_TORN, NONSENSE
from iceworthy.record.sample_lines import EventConnection, Probe
from iceworthy.words.blame import NOT_NOW, EvidenceKind, Ground
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.target_text import why_absent

GAVE_UP = frozenset({"timeout", "deadline"})
CUT = frozenset({"torn", "malformed"})
SECOND_NS = 1_000_000_000
READING = frozenset({"GET", "HEAD"})

Sample = tuple[EvidenceKind, int, int, int | None]
"""Kind, first instant, last instant, and the node that it is about (None: any)."""


def kind_of_answer(
    status: int, error: str = "", *, torn: bool = False, mutation: bool = False
) -> EvidenceKind:
    """The kind of one sample; status 0: no whole answer arrived, and `error` says why not."""
    if torn or (status == 0 and error in CUT):
        return EvidenceKind.SILENCE if error in GAVE_UP else EvidenceKind.TORN
    if status == 0:
        return EvidenceKind.SILENCE
    if status in NOT_NOW or (mutation and status == 500):
        return EvidenceKind.BUSY
    return EvidenceKind.SHAPE if status < 300 else EvidenceKind.STATUS


def grounds_of_rows(run: Run, mask: Mask) -> tuple[Ground, ...]:
    """The failed operations under the mask; spans from each one's intended start to its answer."""
    history, ops = run.history, run.history.ops
    mutation = history.of_operation(*MUTATIONS)
    samples = []
    for row in np.flatnonzero(mask):
        error = history.strings[ops["error"][row]]
        kind = kind_of_answer(
            int(ops["status"][row]),
            "" if error == NONSENSE else error,
            torn=bool(ops["flags"][row] & FLAG_TORN),
            mutation=bool(mutation[row]),
        )
        start_ns = int(ops["intended_ns"][row] or ops["sent_ns"][row])
        samples.append((kind, start_ns, int(ops["completed_ns"][row]), int(ops["node"][row])))
    return by_second(samples)


def grounds_of_probes(run: Run, probes: Iterable[Probe]) -> tuple[Ground, ...]:
    """The probes that were not answered as they should be."""
    absent = absent_endpoints(run)
    return by_second(
        (
            EvidenceKind.ABSENT if p.probe in absent else kind_of_answer(p.status, p.error),
            p.t_ns,
            p.end_ns,
            p.node,
        )
        for p in probes
    )


def answer_of(probe: Probe) -> str:
    """The answer in words: "503", "timeout", "302 (a redirect to …)"."""
    if probe.status and probe.error:
        return f"{probe.status} ({probe.error})"
    return str(probe.status or probe.error or "no answer")


def absent_endpoints(run: Run) -> dict[str, str]:
    """Probe, or "events" -> why its path, which was never there, may be a mistake of the file."""
    statuses: dict[str, set[int]] = {}
    for line in run.read(Probe):
        statuses.setdefault(line.probe, set()).add(line.status)
    for one in run.read(EventConnection):
        opened = 101 if one.opened_ns is not None else one.status
        statuses.setdefault("events", set()).add(opened)
    spec = run.plan.target
    found = {
        probe: why_absent(spec, probe, max(answered))
        for probe, answered in statuses.items()
        if spec is not None and len(answered) == 1
    }
    return {probe: why for probe, why in found.items() if why}


def grounds_of_cases(cases: Iterable[CaseResult]) -> tuple[Ground, ...]:
    """Broken cases, and undecided ones that a wait may have left undecided; each over its time."""
    return tuple(
        Ground(kind=kind_of_case(one), spans=_span_of_case(one))
        for one in cases
        if one.ended == "broken" or one.evidence is not None
    )


def grounds_of_shapes(run: Run) -> tuple[Ground, ...]:
    """The answers in cases that are not as their schema says."""
    return tuple(
        Ground(kind=EvidenceKind.SHAPE, count=len(one.schema), spans=_span_of_case(one))
        for one in run.read(CaseResult)
        if one.schema
    )


def grounds_of_tried(tried: Iterable[TriedThing]) -> tuple[Ground, ...]:
    """Lines of findings.jsonl that do not work, by the second in which each was met."""
    samples: list[Sample] = []
    untimed: list[Ground] = []
    for one in tried:
        kind = _kind_of_status(one.given)
        samples += [(kind, seen_ns, seen_ns, None) for seen_ns in one.seen_ns]
        if more := max(1, one.times) - len(one.seen_ns):
            untimed.append(Ground(kind=kind, count=more, spans=_last(one)))
    return (*by_second(samples), *untimed)


def grounds_of_differences(differences: Iterable[Difference]) -> tuple[Ground, ...]:
    """Differences from the reference: each is of the kind that its line says, else content."""
    return tuple(
        Ground(
            kind=one.evidence or EvidenceKind.CONTENT,
            spans=((one.seen_ns, one.seen_ns),) if one.seen_ns else (),
        )
        for one in differences
    )


def _last(one: TriedThing) -> tuple[tuple[int, int], ...]:
    return ((one.seen_ns[-1], one.seen_ns[-1]),) if one.seen_ns else ()


def _span_of_case(one: CaseResult) -> tuple[tuple[int, int], ...]:
    return ((one.t_ns - int(one.seconds * SECOND_NS), one.t_ns),) if one.t_ns else ()


def kind_of_case(one: CaseResult) -> EvidenceKind:
    """By what the case says of itself, else by the status that was wrong. A 500 to a change that
    should have worked, or should have lost a race, counts as busy."""
    if one.evidence is not None:
        return one.evidence
    if not one.given or not one.expected_statuses or one.given in one.expected_statuses:
        return EvidenceKind.CONTENT
    is_change = one.sent is not None and one.sent.method not in READING
    lawful = any(status < 300 or status == 409 for status in one.expected_statuses)
    return _kind_of_status(one.given, mutation=is_change and lawful)


def _kind_of_status(status: int | None, *, mutation: bool = False) -> EvidenceKind:
    if not status:
        return EvidenceKind.CONTENT
    kind = kind_of_answer(status, mutation=mutation)
    return kind if kind is EvidenceKind.BUSY else EvidenceKind.STATUS


def by_second(samples: Iterable[Sample]) -> tuple[Ground, ...]:
    """One ground for each kind, second and node of the samples."""
    found: dict[tuple[EvidenceKind, int, int | None], tuple[int, int, int]] = {}
    for kind, start_ns, end_ns, node in samples:
        key = kind, end_ns // SECOND_NS, node
        count, first_ns, last_ns = found.get(key, (0, start_ns, end_ns))
        found[key] = count + 1, min(first_ns, start_ns), max(last_ns, end_ns)
    return tuple(
        Ground(kind=kind, count=count, spans=((first_ns, last_ns),), node=node)
        for (kind, _, node), (count, first_ns, last_ns) in found.items()
    )


def calm_ground(
    run: Run, kind: EvidenceKind, count: int = 1, *, in_spare_time: bool = False
) -> tuple[Ground, ...]:
    """Evidence that stands on all windows without faults together, such as a percentile."""
    spans = tuple((window.start_ns, window.end_ns) for window in run.windows_of(*CALM))
    return (Ground(kind=kind, count=count, spans=spans, in_spare_time=in_spare_time),)
