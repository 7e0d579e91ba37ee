"""A commit that lost a race is answered 409, and nothing else (FR-004, EC-2).

Method: mutations in steady windows of an experiment whose load sends valid commits, so that races
are the only reason to refuse one. A 5xx fails, and so does a commit refused with another 4xx than
409 (example: a conflict reported as 400 or 412), and a mutation that was sent and never answered
(example: two commits to one table wait for each other for ever; each alone is answered).
Where 500s stand in the place of all 409s of an operation, they are no matter of waiting.
What it does NOT show: whether each 409 was a true conflict; phantom and cas_exclusivity show that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.criteria._ruling import failed, passed, unknown
from analysis.evidence_kinds import grounds_of_rows
from analysis.findings_of_requests import of_tally
from analysis.operation_errors import Mask, calm_mask, in_words, tally
from analysis.run import Run
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.operation import COMMITS, MUTATIONS
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "conflict_status"
LIMITS = (Limit(name="answered otherwise", relation="<=", value=0, shown="only 409"),)
LEAST = 10
IN_PLACE_LEAST = 20
AT_ONCE_NS = 1_000_000_000
NOT_A_CONFLICT = (401, 403, 404, 419, 429)  # login, missing names, rate limits: no race


def judge(run: Run) -> Verdict:
    """UNKNOWN below LEAST conflicts, or where no commit was acknowledged."""
    ops = run.history.ops
    status = ops["status"]
    calm = calm_mask(run) & run.history.of_operation(*MUTATIONS)
    commits = calm & run.history.of_operation(*COMMITS)
    lost = int((commits & (status == 409)).sum())
    won = int((commits & (status >= 200) & (status < 300)).sum())
    refused = commits & (status >= 400) & (status < 500) & (status != 409)
    silent = calm & (status == 0) & run.history.with_outcome(Outcome.INFO)
    wrong = silent | (calm & (status >= 500)) | (refused & ~np.isin(status, NOT_A_CONFLICT))
    count = int(wrong.sum())
    facts: dict[str, Any] = {
        "measures": (
            Measure(name="conflicts", value=lost, unit="conflicts"),
            Measure(
                name="answered otherwise",
                value=count,
                unit="answers",
                shown="{value} answered otherwise",
            ),
        ),
        "limits": LIMITS,
        "judged": int(calm.sum()),
        "evidence": [{"acknowledged": won, "refused_409": lost}, *tally(run, wrong)],
    }
    if not won and not (calm & (silent | (status >= 500))).any():
        return unknown(
            NAME, "no commit was acknowledged, so no commit can have lost a race to it", **facts
        )
    if count:
        rows = tally(run, wrong)
        reason = f"{count} of {int(calm.sum())} mutations in a calm race: {in_words(rows)}"
        return failed(
            NAME,
            reason,
            findings=of_tally("a 2xx or 409", rows),
            grounds=_grounds(run, wrong, in_place=_in_place(run, commits)),
            **facts,
        )
    if lost < LEAST:
        return unknown(NAME, f"{lost} conflicts were seen; {LEAST} are needed", **facts)
    return passed(NAME, f"{won} commits acknowledged, {lost} lost a race and got 409", **facts)


def _in_place(run: Run, commits: Mask) -> Mask:
    """The commits that are a 500, of an operation of which none is a 409."""
    ops = run.history.ops
    with_409 = ops["operation"][commits & (ops["status"] == 409)]
    found: Mask = commits & (ops["status"] == 500) & ~np.isin(ops["operation"], with_409)
    return found


def _grounds(run: Run, wrong: Mask, in_place: Mask) -> tuple[Ground, ...]:
    """A commit that is a 500 may have waited too long. Where many are one within a second, and none
    of their operation is a 409 though commits race all the time, the 500 stands in its place: no
    wait explains that."""
    ops = run.history.ops
    in_place = in_place & (ops["completed_ns"] - ops["sent_ns"] < AT_ONCE_NS)
    count = int(in_place.sum())
    if count < IN_PLACE_LEAST:
        return grounds_of_rows(run, wrong)
    span = int(ops["sent_ns"][in_place].min()), int(ops["completed_ns"][in_place].max())
    shown = Ground(kind=EvidenceKind.STATUS, count=count, spans=(span,))
    return (shown, *grounds_of_rows(run, wrong & ~in_place))
