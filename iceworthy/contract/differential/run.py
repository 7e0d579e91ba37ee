"""Run one sequence on both catalogs, step by step; after each step read back what it touched.

Claim: each difference is returned where it first appears: in the answer of a step, or in the state
that is read back right after it. A known difference is not reported again. The run ends at the
first step after which the two catalogs have different contents (one applied the step, the other did
not).
"""

from __future__ import annotations

import time
from collections.abc import Sequence as Many
from dataclasses import dataclass, field

from iceworthy.client.asker import Asked
from iceworthy.contract.differential.diff import Answered, Differs, Twins, cause_path, differences
from iceworthy.contract.differential.side import Side, clean
from iceworthy.contract.differential.steps import READS, Levels, Sequence, SideState, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The key under which differences count as one cause. shown_by: "answer", or the operation that
    read the state back."""

    operation: str
    shown_by: str
    kind: str
    path: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One difference in one run. at: index of the step. calls: the target's, the reference's.
    seen_ns: when both answers were there."""

    signature: Signature
    differs: Differs
    at: int
    step: Step
    ours: Answered
    theirs: Answered
    their_calls: tuple[Asked, ...] = ()
    our_calls: tuple[Asked, ...] = ()
    seen_ns: int = 0


@dataclass(slots=True)
class Pair:
    """Both sides, and what every run on them has cost. tag: stands in every name."""

    target: Side
    reference: Side
    tag: str
    runs: int = 0
    steps: int = 0

    @property
    def operations(self) -> frozenset[str]:
        """The operations that both sides have."""
        return self.target.operations & self.reference.operations


@dataclass(slots=True)
class _Run:
    """The state of one run."""

    ours: SideState
    theirs: SideState
    twins: Twins = field(default_factory=Twins)
    known: set[tuple[object, str]] = field(default_factory=set)
    found: list[Shown] = field(default_factory=list)
    spaces: set[Levels] = field(default_factory=set)


def run(pair: Pair, sequence: Many[Step]) -> list[Shown]:
    """Every difference that the sequence shows, in order."""
    pair.runs += 1
    stem = f"iwd{pair.tag}x{pair.runs}"
    clock = time.time_ns() // 1_000_000
    state = _Run(
        ours=SideState(
            wire=pair.reference.wire, stem=stem, root=pair.reference.root, clock_ms=clock
        ),
        theirs=SideState(wire=pair.target.wire, stem=stem, root=pair.target.root, clock_ms=clock),
    )
    pair.reference.asked.clear()
    pair.target.asked.clear()
    try:
        for index, step in enumerate(sequence):
            pair.steps += 1
            state.ours.clock_ms += 1
            state.theirs.clock_ms += 1
            if not _step(pair, state, index, step):
                break
    finally:
        clean(pair.reference, state.ours, frozenset(state.spaces))
        clean(pair.target, state.theirs, frozenset(state.spaces))
    return state.found


def _step(pair: Pair, state: _Run, index: int, step: Step) -> bool:
    """Run one step; returns whether both sides still have the same contents."""
    ours = pair.reference.send(state.ours, step)
    theirs = pair.target.send(state.theirs, step)
    _remember_spaces(state, step)
    subject = (step.space, step.name or _body_name(step), step.operation in READS or "written")
    _compare(pair, state, index, (step, "answer", subject), ours, theirs)
    if step.operation in READS:
        return True
    together = ours.good == theirs.good and theirs.status != 0
    for touch in step.touches:
        if not (pair.target.can(touch.operation) and pair.reference.can(touch.operation)):
            continue
        ours = pair.reference.read_back(state.ours, touch)
        theirs = pair.target.read_back(state.theirs, touch)
        subject = (touch.space, touch.name, touch.operation)
        if together:  # if only one side applied the step, the answers already differ
            _compare(pair, state, index, (step, touch.operation, subject), ours, theirs)
        together = together and ours.good == theirs.good
    return together


def _compare(
    pair: Pair,
    state: _Run,
    index: int,
    about: tuple[Step, str, object],
    ours: Answered,
    theirs: Answered,
) -> None:
    step, shown_by, subject = about
    for differs in differences(ours, theirs, state.twins):
        path = cause_path(differs.path)
        # a difference in a table's metadata counts once, whichever operation or name shows it
        about_what = _uuid(ours) if path.startswith("metadata") else subject
        if differs.kind != "status" and (about_what, differs.path) in state.known:
            continue
        state.known.add((about_what, differs.path))
        signature = _signature(step, shown_by, differs, path)
        state.found.append(
            Shown(
                signature=signature,
                differs=differs,
                at=index,
                step=step,
                ours=ours,
                theirs=theirs,
                their_calls=tuple(pair.target.asked),
                our_calls=tuple(pair.reference.asked),
                seen_ns=time.monotonic_ns(),
            )
        )


def _signature(step: Step, shown_by: str, differs: Differs, path: str) -> Signature:
    """All 5xx answers share one signature: their bodies rarely distinguish causes."""
    by_answer = differs.kind in ("status", "error-type")
    failed = differs.kind == "status" and differs.theirs.startswith("5")
    return Signature(
        operation=step.operation,
        shown_by=shown_by,
        kind=differs.kind,
        path=path,
        ours=differs.ours if by_answer and not failed else "",
        theirs="5xx" if failed else differs.theirs if by_answer else "",
    )


def _uuid(answered: Answered) -> object:
    metadata = answered.body.get("metadata") if isinstance(answered.body, dict) else None
    if not isinstance(metadata, dict):
        return None
    return metadata.get("table-uuid") or metadata.get("view-uuid")


def _body_name(step: Step) -> str:
    name = step.body.get("name") if isinstance(step.body, dict) else None
    return name if isinstance(name, str) else ""


def _remember_spaces(state: _Run, step: Step) -> None:
    for touch in step.touches:
        levels = touch.space
        state.spaces.update(levels[:depth] for depth in range(1, len(levels) + 1))


def short(sequence: Sequence, shown: Shown) -> Sequence:
    """The sequence up to and including the step that shows the difference."""
    return sequence[: shown.at + 1]
