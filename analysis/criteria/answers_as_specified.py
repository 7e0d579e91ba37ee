"""Every answer of a run has the shape that the specification gives its operation and status.

Method: answers and errors were compared with their schemas on arrival (answers.jsonl counts them,
violations.jsonl keeps the first of each kind): all answers in world, audit and commit stepper, and
a sample under load. The answers of the survey's cases were compared too (cases.jsonl). A status
that the specification does not list for the operation is a violation too.
What it does NOT show: the meaning of an answer; torn answers.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.findings_of_requests import of_shape
from analysis.run import Run
from iceworthy.record.contract_lines import AnswerCount, CaseResult, Misshapen, Violation
from iceworthy.record.typed_json import to_object
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "answers_as_specified"
HARM = Harm.SHAPE
LIMITS = (Limit(name="misshapen", relation="<=", value=0, shown="{value} misshapen"),)
GOOD_LEAST = 200
ERRORS_LEAST = 20
ANY_LEAST = 20


def judge(run: Run, kind: str = "") -> Verdict:
    """FR-002, under load and faults; UNKNOWN with too few good answers or errors.

    kind "any": for runs that may have no errors; a few answers of either class are enough.
    """
    held: Counter[bool] = Counter()
    wrong: Counter[str] = Counter()
    for line in run.read(AnswerCount):
        held[line.status < 400] += line.held
        wrong[f"{line.operation} {line.status}"] += line.wrong
    in_cases = list(run.read(CaseResult)) if kind == "any" else []
    misshapen = [answer for one in in_cases for answer in one.schema]
    wrong.update(f"{one.operation} {one.status}" for one in misshapen)
    count = held.total() + sum(one.answers for one in in_cases)
    bad = wrong.total()
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="misshapen",
                value=bad,
                unit="answers",
                of=count,
                shown="{value} of {of} {unit}",
            ),
        ),
        "limits": LIMITS,
        "judged": count,
    }
    if bad:
        violations: list[Violation | Misshapen] = [*run.read(Violation), *misshapen]
        first = {_kind(one): one for one in reversed(violations)}
        words = "; ".join(_shown(one) for one in list(reversed(first.values()))[:2])
        counts = ", ".join(f"{name} ({n})" for name, n in wrong.most_common(4) if n)
        reason = f"{counts}: {words}"[:500]
        rows = [to_object(one) for one in violations]
        shapes = (Ground(kind=EvidenceKind.SHAPE, count=bad),)
        findings = map(of_shape, violations)
        return failed(NAME, reason, evidence=rows, findings=findings, grounds=shapes, **facts)
    few = held[True] < GOOD_LEAST or held[False] < ERRORS_LEAST
    validated = f"{held[True]} good answers and {held[False]} errors"
    if in_cases:
        validated = f"{count} answers"
    if kind == "any" and count < ANY_LEAST:
        return unknown(NAME, f"{validated} were held; {ANY_LEAST} of either are needed", **facts)
    if kind != "any" and few:
        needed = f"{GOOD_LEAST} and {ERRORS_LEAST} are needed"
        return unknown(NAME, f"{validated} were held; {needed}", **facts)
    return passed(NAME, f"{validated} were held, all are as their schemas say", **facts)


def _kind(one: Violation | Misshapen) -> str:
    return one.kind if isinstance(one, Violation) else f"{one.operation} {one.problems[:1]}"


def _shown(one: Violation | Misshapen) -> str:
    problems = "; ".join(map(str, one.problems))
    return f"{one.operation} {one.status}: {problems}"[:240]
