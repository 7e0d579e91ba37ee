"""A node whose database link was broken answers in time meanwhile, and recovers by itself (EC-1).

Method, for each broken link and its node:
  1. no operation sent while the link was broken waited for an answer until its timeout
  2. no mutation sent and answered within the break got a 2xx: its state can only be in the database
  3. the last error after the heal lies within the experiment's settle bound, and the audit's reads
     through the node are answered
What it does NOT show: which answer each operation should have got; the checkers compare outcomes
with the final state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.criteria._ruling import failed, passed, unknown, user_limits
from analysis.evidence_kinds import grounds_of_rows
from analysis.fault_spans import MARGIN_NS, acted_until, breaks
from analysis.operation_errors import Mask, error_mask, in_words, tally
from analysis.run import Run
from iceworthy.record.fault_spans import FaultSpan
from iceworthy.record.history import FLAG_AUDIT
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.verdict import Verdict

NAME = "recovery"
HARM = Harm.UNAVAILABLE
QUIET_NS = 1_000_000_000  # this long without an error, and with answers, is a recovery


def judge(run: Run) -> Verdict:
    """The worst of all breaks; UNKNOWN when no load met a break, or none continued after it."""
    bound_s = run.limits.recovery_s or run.plan.settle_s or 15.0
    limits = user_limits(run, _limits(bound_s), {"recovered": "recovery_s"})
    spans = breaks(run)
    if not spans:
        return unknown(NAME, "no database link was broken and healed", limits=limits)
    rows = [_look(run, span, spans) for span in spans]
    back = [row["recovered_s"] for row in rows if row["recovered_s"] is not None]
    facts: dict[str, Any] = {
        "measures": _measures(rows, back),
        "limits": limits,
        "judged": sum(row["met"] for row in rows),
        "evidence": rows,
    }
    for key, words in (
        ("false_2xx", "mutations were acknowledged although the database could not be reached"),
        ("unanswered", "operations got no answer until their timeout"),
        ("audit_errors", "reads through the node still failed at the audit"),
    ):
        wrong = [row for row in rows if row[key]]
        if wrong:
            count = sum(row[key] for row in wrong)
            return failed(
                NAME,
                f"{wrong[0]['fault']} on node {wrong[0]['node']}: {count} {words}"
                f" ({wrong[0][key + '_as'] or 'see evidence'})",
                grounds=[ground for span in spans for ground in _grounds(run, span, key)],
                **facts,
            )
    late = [s for s in back if s > bound_s]
    if late:
        words = f"errors went on for {late[0]:.1f} s after the heal"
        return failed(NAME, words, grounds=_turned_late(spans, rows, bound_s), **facts)
    if not all(row["met"] for row in rows):
        return unknown(NAME, "no operation met the broken link", **facts)
    if len(back) < len(rows):
        return unknown(
            NAME, "no operation after the heal shows that the node serves again", **facts
        )
    return passed(
        NAME,
        f"{len(rows)} breaks; each operation answered in bounds, the node served "
        f"again without errors {max(back):.1f} s after the heal",
        **facts,
    )


def _grounds(run: Run, span: FaultSpan, key: str) -> tuple[Ground, ...]:
    """The evidence of one break for one of the counts in `judge`."""
    found = _masks(run, span)
    if key == "false_2xx":
        count = int(found[key].sum())
        return (Ground(kind=EvidenceKind.CONTENT, count=count),) if count else ()
    return grounds_of_rows(run, found[key])


def _turned_late(
    spans: Sequence[FaultSpan], rows: list[dict[str, Any]], bound_s: float
) -> list[Ground]:
    return [
        Ground(
            kind=EvidenceKind.LATENESS,
            spans=((span.heal_ns, span.heal_ns + int(row["recovered_s"] * 1e9)),),
        )
        for span, row in zip(spans, rows, strict=True)
        if span.heal_ns is not None and (row["recovered_s"] or 0.0) > bound_s
    ]


def _limits(bound_s: float) -> tuple[Limit, ...]:
    return (
        Limit(name="recovered", relation="<=", value=bound_s, unit="s"),
        Limit(name="false 2xx", relation="<=", value=0, shown="{value} false"),
        Limit(name="unanswered", relation="<=", value=0, shown="{value} unanswered"),
    )


def _measures(rows: list[dict[str, Any]], back: list[float]) -> tuple[Measure, ...]:
    """The slowest recovery, and how many answers were false or did not come."""
    met = sum(row["met"] for row in rows)
    false, unanswered = (sum(row[key] for row in rows) for key in ("false_2xx", "unanswered"))
    return (
        Measure(name="recovered", value=max(back, default=None), unit="s", without="not seen"),
        Measure(name="false 2xx", value=false, unit="answers", of=met, shown=""),
        Measure(name="unanswered", value=unanswered, unit="operations", of=met, shown=""),
    )


def _masks(run: Run, span: FaultSpan) -> dict[str, Mask]:
    """The operations that met one break, and those of them that were answered wrongly."""
    assert span.bit_ns is not None
    assert span.heal_ns is not None
    ops = run.history.ops
    own = (ops["node"] == span.node) & (ops["sent_ns"] > 0)
    audit = (ops["flags"] & FLAG_AUDIT) != 0
    load = own & ~audit & (ops["intended_ns"] > 0)
    during = load & (ops["sent_ns"] >= span.bit_ns) & (ops["sent_ns"] < span.heal_ns)
    inside = (ops["sent_ns"] >= span.bit_ns + MARGIN_NS) & (ops["completed_ns"] < acted_until(span))
    acknowledged = (ops["status"] >= 200) & (ops["status"] < 300)
    false = load & inside & acknowledged & run.history.of_operation(*MUTATIONS)
    timeout_ns = (run.plan.timeout_s or 10.0) * 1e9
    waited = (ops["completed_ns"] - ops["sent_ns"]) >= 0.98 * timeout_ns
    return {
        "load": load,
        "audit": own & audit,
        "during": during,
        "false_2xx": false,
        "unanswered": during & waited & (ops["status"] == 0),
        "audit_errors": own & audit & ((ops["status"] == 0) | (ops["status"] >= 500)),
    }


def _look(run: Run, span: FaultSpan, spans: Sequence[FaultSpan]) -> dict[str, Any]:
    assert span.bit_ns is not None
    assert span.heal_ns is not None
    found = _masks(run, span)
    row: dict[str, Any] = {
        "fault": span.fault,
        "node": span.node,
        "met": int(found["during"].sum()),
        "held_s": round((span.heal_ns - span.bit_ns) / 1e9, 2),
        "answers": tally(run, found["during"])[:8],
    }
    for key in ("false_2xx", "unanswered", "audit_errors"):
        row |= {key: int(found[key].sum()), f"{key}_as": _words(run, found[key])}
    row["recovered_s"] = _recovered_s(run, span, spans, found["load"], found["audit"])
    return row


def _recovered_s(
    run: Run, span: FaultSpan, spans: Sequence[FaultSpan], load: Mask, audit: Mask
) -> float | None:
    """Seconds from the heal to the last error before the next fault; None if they cannot be known.

    Where errors continued until the load ended or the next fault began, the audit's first answer is
    the upper bound.
    """
    assert span.heal_ns is not None
    ops = run.history.ops
    next_ns = min((s.inject_ns for s in spans if s.inject_ns > span.heal_ns), default=NEVER_NS)
    after = load & (ops["sent_ns"] >= span.heal_ns) & (ops["completed_ns"] < next_ns)
    last_error_ns = int(ops["completed_ns"][after & error_mask(run)].max(initial=span.heal_ns))
    last_answer_ns = int(ops["completed_ns"][after].max(initial=0))
    if last_answer_ns - last_error_ns >= QUIET_NS:
        return round((last_error_ns - span.heal_ns) / 1e9, 2)
    answered = audit & (ops["status"] > 0) & (ops["status"] < 500) & (ops["sent_ns"] < next_ns)
    first_ns = int(np.min(ops["completed_ns"][answered], initial=NEVER_NS))
    return round((first_ns - span.heal_ns) / 1e9, 2) if answered.any() else None


def _words(run: Run, mask: Mask) -> str:
    return in_words(tally(run, mask)) if mask.any() else ""
