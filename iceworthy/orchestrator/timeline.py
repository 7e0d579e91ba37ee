"""Computes the judged windows of one experiment from its plan and its recorded faults. Pure.

Claim: an operation whose intended start lies in a steady window, and that lasts at most MARGIN_S,
met no fault that the suite knows of.
Method: steady windows are the load's time without the warm-up, the faults, the recovery after each,
and MARGIN_S before each.
What it does NOT show: that a system has recovered; criteria judge that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.run_lines import Window, WindowKind

MARGIN_S = 1.0
RECOVERY_S = 5.0
CALM_S = 3.0
"""At least so long the load goes on after the last heal: judges look for answers without errors.
Up to RECOVERY_S where so much was planned: a slow recovery is seen after a slow heal too."""
SHORTEST_STEADY_S = 1.0
_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One step of the timeline: inject or heal fault number `index` at `at_s` after t0."""

    at_s: float
    heal: bool
    index: int


def heal_at_s(fault: Any) -> float:
    """When a FaultAt is planned to be healed, in seconds after t0."""
    return float(fault.at_s + fault.hold_s)


def steps(faults: Sequence[Any]) -> list[Due]:
    """The injections and heals of FaultAt entries in the order in which they fall due."""
    due = [Due(at_s=fault.at_s, heal=False, index=i) for i, fault in enumerate(faults)]
    due += [Due(at_s=heal_at_s(f), heal=True, index=i) for i, f in enumerate(faults)]
    return sorted(due, key=lambda step: (step.at_s, step.index, step.heal))


def load_end_ns(t0_ns: int, duration_s: float, heals: Sequence[tuple[Any, int, int]]) -> int:
    """When the load ends: as planned, or later where a heal was. heals: each FaultAt with the
    instants at which its heal began and was over.
    """
    ends = [t0_ns + int(duration_s * _S)]
    for fault, began_ns, over_ns in heals:
        rest_s = duration_s - heal_at_s(fault)
        calm_s = max(CALM_S, min(rest_s, RECOVERY_S))
        ends += [began_ns + int(rest_s * _S), over_ns + int(calm_s * _S)]
    return max(ends)


def windows(
    *, t0_ns: int, end_ns: int, warmup_s: float, faults: Sequence[FaultSpan]
) -> list[Window]:
    """Lines for windows.jsonl: warm-up, faults, recoveries, and the steady stretches between."""
    warm_ns = min(t0_ns + int(warmup_s * _S), end_ns)
    lines = [_window("warmup", "warmup", t0_ns, warm_ns)]
    blocked = [(t0_ns, warm_ns)]
    ordered = sorted(faults, key=lambda span: span.inject_ns)
    for number, span in enumerate(ordered, start=1):
        heal_ns = end_ns if span.heal_ns is None else span.heal_ns
        later = [other.inject_ns for other in ordered if other.inject_ns >= heal_ns]
        rest_ns = min([heal_ns + int(RECOVERY_S * _S), end_ns, *later])
        name = f"{span.fault}-{number}"
        lines.append(_window(name, "fault", span.inject_ns, heal_ns, span))
        if rest_ns > heal_ns:
            lines.append(_window(f"after {name}", "recovery", heal_ns, rest_ns, span))
        blocked.append((span.inject_ns - int(MARGIN_S * _S), max(heal_ns, rest_ns)))
    steady = _gaps(warm_ns, end_ns, blocked)
    lines += [_window(f"steady-{i}", "steady", a, b) for i, (a, b) in enumerate(steady, start=1)]
    return sorted(lines, key=lambda line: (line.start_ns, line.end_ns))


def _gaps(start_ns: int, end_ns: int, blocked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    gaps: list[tuple[int, int]] = []
    at = start_ns
    for block_start, block_end in sorted(blocked):
        if block_start - at >= SHORTEST_STEADY_S * _S:
            gaps.append((at, min(block_start, end_ns)))
        at = max(at, block_end)
    if end_ns - at >= SHORTEST_STEADY_S * _S:
        gaps.append((at, end_ns))
    return gaps


def _window(
    name: str, kind: WindowKind, start_ns: int, end_ns: int, span: FaultSpan | None = None
) -> Window:
    return Window(
        name=name,
        kind=kind,
        start_ns=start_ns,
        end_ns=end_ns,
        node=span.node if span is not None else None,
        fault=span.fault if span is not None else None,
    )
