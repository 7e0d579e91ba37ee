"""Random sequences of operations, on the target and on a reference beside it.

Claim: differences.jsonl has one line per cause, including causes that are allowed or undecided, and
comparison.jsonl says what was compared. Method: the reference runs beside the target with its own
database, on free ports, and ends with the experiment.
"""

from __future__ import annotations

import random
import time
from typing import Any

from iceworthy.contract.differential.compare import Compared, Ruled, compare, oracle
from iceworthy.contract.differential.render import headline, script
from iceworthy.contract.differential.search import Bounds
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.record.contract_lines import Comparison, Difference
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.blame import NOT_NOW, EvidenceKind
from iceworthy.words.live import LiveTarget

STEPS, SECONDS = 2000, 120.0


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    """Compare, and record the result. params: steps, seconds. No name is left, because each
    sequence drops what it created. Ids are always 63 bits wide, however wide those are that
    the target keeps."""
    bounds = Bounds(
        seed=random.Random(plan.seed).randrange(1 << 31),
        token=plan.token,
        steps=int(plan.params.get("steps", STEPS)),
        seconds=float(plan.params.get("seconds", SECONDS)),
    )
    with oracle(folder.root / "reference") as reference:
        found = compare(live.spec, live.nodes[0].url, reference, bounds=bounds, tell=plan.say)
    folder.append(Comparison(**_summary(found)))
    for one in found.ruled:
        folder.append(Difference(**_line(one)))
    return Inquired()


def _summary(found: Compared) -> dict[str, Any]:
    return {
        "steps": found.search.steps,
        "sequences": found.search.sequences,
        "steps_with_shrinking": found.search.all_steps,
        "seconds": round(found.search.seconds, 1),
        "operations": sorted(found.operations),
        "stopped": found.search.stopped,
        "seed": found.bounds.seed,
    }


def _evidence(*statuses: int) -> EvidenceKind | None:
    """What kind of evidence two statuses that differ are, if either side was silent or busy."""
    if 0 in statuses:
        return EvidenceKind.SILENCE
    return EvidenceKind.BUSY if NOT_NOW.intersection(statuses) else None


def _line(one: Ruled) -> dict[str, Any]:
    shown = one.cause.shown
    is_status = shown.signature.kind == "status"
    return {
        "what": headline(one),
        "ruling": one.ruling.verdict,
        "says": one.ruling.words,
        "operation": shown.signature.operation,
        "kind": shown.signature.kind,
        "path": shown.differs.path,
        "expected": shown.differs.ours,
        "got": shown.differs.theirs,
        "steps": len(one.cause.sequence),
        "shrunk": one.cause.shrunk,
        "times": one.cause.times,
        "request": script(one.target_lines),
        "reference": script(one.reference_lines),
        "expected_statuses": (shown.ours.status,) if is_status else (),
        "given": shown.theirs.status if is_status else 0,
        "evidence": _evidence(shown.ours.status, shown.theirs.status) if is_status else None,
        "seen_ns": shown.seen_ns,
        "sent": shown.their_calls[-1].sent if shown.their_calls else None,
        "t_ns": time.monotonic_ns(),
    }
