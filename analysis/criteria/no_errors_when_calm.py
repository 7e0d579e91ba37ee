"""In windows without a fault every request is answered, and none with an error (SC-002).

Method: operations whose intended start lies in a steady window, and that no fault met.
analysis/operation_errors.py defines an error: no answer, a torn answer, a 5xx, or a 4xx that the
load cannot have caused.
What it does NOT show: that the answers were true; the checkers judge that.
"""

from __future__ import annotations

from analysis.criteria._ruling import failed, passed, unknown
from analysis.evidence_kinds import grounds_of_rows
from analysis.findings_of_requests import of_tally
from analysis.operation_errors import calm_mask, error_mask, in_words, tally
from analysis.run import Run
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "no_errors_when_calm"
HARM = Harm.UNAVAILABLE
GUARDED_BY = ("schedule",)
LIMITS = (Limit(name="errors", relation="<=", value=0, unit="errors"),)
LEAST = 100


def judge(run: Run) -> Verdict:
    """FAIL for any error in a steady window; UNKNOWN for fewer than LEAST operations there."""
    calm = calm_mask(run)
    count = int(calm.sum())
    errors = calm & error_mask(run)
    wrong = int(errors.sum())
    measures = (
        Measure(name="errors", value=wrong, unit="errors", of=count, shown="{value} {unit}"),
    )
    if wrong:
        rows = tally(run, errors)
        return failed(
            NAME,
            f"{wrong} of {count} operations failed in windows without a fault: {in_words(rows)}",
            measures=measures,
            limits=LIMITS,
            evidence=rows,
            findings=of_tally("an answer without an error", rows),
            judged=count,
            grounds=grounds_of_rows(run, errors),
        )
    if count < LEAST:
        return unknown(
            NAME,
            f"{count} operations in steady windows; {LEAST} are needed",
            limits=LIMITS,
            judged=count,
        )
    return passed(
        NAME,
        f"{count} operations in steady windows, none failed",
        measures=measures,
        limits=LIMITS,
        judged=count,
    )
