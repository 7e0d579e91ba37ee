"""No difference between target and reference that breaks the specification: differences.jsonl.

Method: target and reference got the same random operations. Each cause of a difference was ruled by
iceworthy/contract/differential/ruling_table.py. A cause ruled "wrong" fails and is shown with the
shortest sequence of requests. Differences that the specification allows, or that the table does not
decide, are counted only.
What it does NOT show: that nothing else differs; the search is bounded by steps and seconds.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.evidence_kinds import grounds_of_differences
from analysis.findings_of_requests import of_difference
from analysis.run import Run
from iceworthy.record.contract_lines import Comparison, Difference
from iceworthy.record.line import chosen
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "differences"
LIMITS = (Limit(name="wrong", relation="<=", value=0, shown="{value} decided by the contract"),)
STEPS_MIN = 200
FACTS = ("what", "says", "expected", "got", "request", "ruling")


def judge(run: Run) -> Verdict:
    """Every cause of a difference; allowed and undecided ones are evidence only."""
    compared = run.read(Comparison)
    steps = sum(line.steps for line in compared)
    found = run.read(Difference)
    wrong = [one for one in found if one.ruling == "wrong"]
    undecided = [one for one in found if one.ruling == "undecided"]
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="wrong",
                value=len(wrong),
                unit="differences",
                of=steps,
                shown="{value} in {of} steps",
            ),
        ),
        "limits": LIMITS,
        "judged": steps,
        "evidence": [chosen(one, *FACTS) for one in (*wrong, *undecided)],
    }
    if wrong:
        more = f"; and {len(wrong) - 2} more" if len(wrong) > 2 else ""
        reason = "; ".join(_text(one) for one in wrong[:2]) + more
        grounds = grounds_of_differences(wrong)
        return failed(NAME, reason, findings=map(of_difference, wrong), grounds=grounds, **facts)
    if steps < STEPS_MIN:
        return unknown(NAME, f"only {steps} steps were compared, {STEPS_MIN} are needed", **facts)
    beside = f", {len(undecided)} that the specification does not decide" if undecided else ""
    return passed(NAME, f"{steps} steps beside the reference, none differs{beside}", **facts)


def _text(one: Difference) -> str:
    text = f"{one.what} ({one.says})"
    return text if len(text) <= 300 else text[:299] + "…"
