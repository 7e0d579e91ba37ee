"""What kind of evidence failed operations and probes are, and when each came about.

Method: the status, the transport's word and the torn flag of each sample. Samples of one kind are
put together by the second of their answer, so that a guard can explain some and leave others.
A 500 to a mutation counts as busy: a catalog may answer it when it stopped waiting for its COMMIT.
What this does NOT show: why a sample is as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analysis.operation_errors import CALM, Mask
from analysis.run import Run
from iceworthy.record.history import FLAG_TORN, NONSENSE
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.operation import MUTATIONS

NOT_NOW = frozenset({408, 429, 502, 503, 504})
GAVE_UP = frozenset({"timeout", "deadline"})
CUT = frozenset({"torn", "malformed"})
SECOND_NS = 1_000_000_000

Sample = tuple[EvidenceKind, int, int, int | None]
"""Kind, first instant, last instant, and the node that it is about (None: any)."""


def kind_of_answer(
    status: int, error: str = "", *, torn: bool = False, mutation: bool = False
) -> EvidenceKind:
    """The kind of one sample; status 0: no whole answer came, and `error` says why not."""
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


def grounds_of_probes(probes: Iterable[Probe]) -> tuple[Ground, ...]:
    """The probes that were not answered as they should be."""
    return by_second((kind_of_answer(p.status, p.error), p.t_ns, p.end_ns, p.node) for p in probes)


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


def calm_ground(run: Run, kind: EvidenceKind, count: int = 1) -> tuple[Ground, ...]:
    """Evidence that stands on all windows without faults together, such as a percentile."""
    spans = tuple((window.start_ns, window.end_ns) for window in run.windows_of(*CALM))
    return (Ground(kind=kind, count=count, spans=spans),)
