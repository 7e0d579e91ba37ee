"""Every answer of the contract's cases has the shape of its operation's and status' schema.

Method: each answer, good or error, is held against its schema where it arrived; cases.jsonl keeps
what was wrong with it. What it does NOT show: answers under load (answers_as_specified does).
"""

from __future__ import annotations

from analysis.criteria._ruling import failed, passed, unknown
from analysis.criteria.contract_operations import misshapen
from analysis.run import Run
from iceworthy.words.verdict import Verdict

NAME = "contract_schemas"


def judge(run: Run) -> Verdict:
    """FR-002, on a quiet target."""
    answers = sum(int(one.get("answers") or 0) for one in run.stream("cases"))
    wrong = [answer for answers_ in misshapen(run).values() for answer in answers_]
    limit = "0 misshapen"
    figure = f"{len(wrong)} of {answers} answers"
    if wrong:
        told = "; ".join(
            f"{one.get('operation')} {one.get('status')}: {'; '.join(one.get('problems') or ())}"
            for one in wrong[:2]
        )
        return failed(NAME, told[:400], figure=figure, limit=limit, evidence=wrong, judged=answers)
    if not answers:
        return unknown(NAME, "no answer was held against its schema", limit=limit)
    return passed(NAME, "all have their schema's shape", figure=figure, limit=limit, judged=answers)
