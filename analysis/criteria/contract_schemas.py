"""Every answer of the contract's cases has the shape that its operation's and status' schema gives.

Method: each answer, good or error, was compared with its schema on arrival; cases.jsonl keeps the
violations. What it does NOT show: answers under load (answers_as_specified does).
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.criteria.contract_operations import misshapen
from analysis.evidence_kinds import grounds_of_shapes
from analysis.findings_of_requests import of_shape
from analysis.run import Run
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.typed_json import to_object
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "contract_schemas"
HARM = Harm.SHAPE
LIMITS = (Limit(name="misshapen", relation="<=", value=0, shown="{value} break their schema"),)


def judge(run: Run) -> Verdict:
    """FR-002, on a quiet target."""
    answers = sum(one.answers for one in run.read(CaseResult))
    wrong = [answer for answers_ in misshapen(run).values() for answer in answers_]
    measures = (
        Measure(
            name="misshapen",
            value=len(wrong),
            unit="answers",
            of=answers,
            shown="{value} of {of} {unit}",
        ),
    )
    facts: dict[str, Any] = {"measures": measures, "limits": LIMITS, "judged": answers}
    if wrong:
        shown = "; ".join(
            f"{one.operation} {one.status}: {'; '.join(one.problems)}" for one in wrong[:2]
        )
        rows = [to_object(one) for one in wrong]
        return failed(
            NAME,
            shown[:400],
            evidence=rows,
            findings=map(of_shape, wrong),
            grounds=grounds_of_shapes(run),
            **facts,
        )
    if not answers:
        return unknown(NAME, "no answer was validated against its schema", limits=LIMITS)
    return passed(NAME, "all have their schema's shape", **facts)
