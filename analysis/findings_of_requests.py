"""Findings made of single requests: cases, fuzzing, the survey, the comparison, schemas.

Claim: a line of cases.jsonl, findings.jsonl, differences.jsonl or violations.jsonl makes one
finding, and lines that fail alike have equal causes, whichever file they are in: an operation that
answers 500 is one cause, whether a case, a fuzzed request or the load met it.
What it does NOT show: lines that hold; judges choose the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis import findings_before as before
from iceworthy.record.contract_lines import (
    CaseResult,
    Difference,
    Misshapen,
    TriedThing,
    Violation,
)
from iceworthy.words.finding import Cause, Finding, Request
from iceworthy.words.foreign import shell_line

Row = Mapping[str, Any]

Asking = CaseResult | Difference | Misshapen | TriedThing | Violation

FUZZ = "fuzz"
STATUS = "status"
SCHEMA = "schema"
SILENCE = "silence"
LOAD = "answer under load"
NO_SERVER_ERROR = "no 5xx"
TEXT_MOST = 400
_VALUES = re.compile(r'"[^"]*"|-?\d[\d.e+]*')


def of_case(line: CaseResult) -> Finding:
    """A broken case of the contract."""
    case = line.case
    wanted, came = line.wanted, line.came
    operation = line.about
    kind = case.partition("[")[0]
    expected, given = (
        (line.expected, line.given) if line.given is not None else before.statuses(line)
    )
    cause = status_cause(operation, expected, given)
    title = f"{operation}: {kind.partition('.')[2].replace('_', ' ')}"
    if line.silent:
        cause, title = Cause(rule=SILENCE, operation=operation), f"{operation} never answers"
    return Finding(
        cause=cause or Cause(rule="case", operation=operation, detail=kind),
        title=title,
        expected=wanted,
        words=line.says,
        came=came,
        requests=_requests(line, came),
        requirements=(*_ids(line.requirement), *line.touches),
        shown_by=(case,),
        again=shell_line("iceworthy", "run", "contract", "--case", case),
        first_ns=line.t_ns or None,
        last_ns=line.t_ns or None,
    )


def of_shape(answer: Violation | Misshapen) -> Finding:
    """An answer that is not as its schema says: of a case (`schema`), or of violations.jsonl."""
    operation, status = answer.operation, answer.status
    problems = answer.problems
    first = problems[0] if problems else ""
    place, _, what = first.rpartition(": ") if first.startswith("/") else ("", "", first)
    came = "; ".join(problems)
    source, at_ns = "a case", None
    if isinstance(answer, Violation):
        source, at_ns = answer.source, answer.t_ns
    return Finding(
        cause=server_error(operation, status)
        or Cause(
            rule=SCHEMA,
            operation=operation,
            given=str(status),
            path=re.sub(r"\d+", "N", place),
            detail=what if "required" in what else _VALUES.sub("…", what)[:120],
        ),
        title=f"{operation}: the answer {status} is not as its schema says: {first}"[:TEXT_MOST],
        expected="an answer as its schema says",
        words=f"the schema of {operation}, status {status}",
        came=came[:TEXT_MOST],
        requests=_requests(answer, answer.came),
        shown_by=(f"{source}: {operation} {status} {first}"[:TEXT_MOST],),
        first_ns=at_ns,
        last_ns=at_ns,
    )


def of_tried(line: TriedThing) -> Finding:
    """A line of findings.jsonl that does not work: of the fuzzing, the world, or a survey."""
    operation, kind, times = line.operation, line.kind, line.times
    expected, given = line.expected, line.given
    is_fuzz = line.check == FUZZ
    if given is None:
        operation, kind, times = before.fuzzed(line.what)
        is_fuzz = bool(operation)
        expected, given = before.statuses(line) if is_fuzz else ((), 0)
    return Finding(
        cause=status_cause(operation, expected, given)
        or Cause(rule=FUZZ if is_fuzz else "survey", operation=operation, detail=kind),
        title=f"{operation}: {kind}" if operation and kind else line.what,
        expected=line.wanted,
        came=line.came,
        requests=_requests(line, line.came),
        requirements=_ids(line.requirement),
        shown_by=(line.what,),
        count=max(1, times),
    )


def of_difference(line: Difference) -> Finding:
    """A difference from the reference that the contract decides against the target."""
    operation, kind = line.operation, line.kind
    expected, given = (
        (line.expected, line.given)
        if line.given is not None
        else before.statuses_of_difference(line)
    )
    return Finding(
        cause=status_cause(operation, expected, given)
        or Cause(
            rule=kind or "difference",
            operation=operation,
            path=line.path,
            detail="" if operation else line.what,
        ),
        title=line.what,
        expected=line.wanted,
        words=line.says,
        came=line.came,
        requests=_requests(line, line.came),
        shown_by=(line.what,),
        count=max(1, line.times),
        first_ns=line.t_ns or None,
        last_ns=line.t_ns or None,
    )


def of_tally(expected: str, rows: Iterable[Row]) -> tuple[Finding, ...]:
    """Operations of a history that were answered wrongly, counted (operation_errors.tally)."""
    found = []
    for row in rows:
        operation, came = str(row["operation"]), str(row["came"])
        found.append(
            Finding(
                cause=server_error(operation, int(came) if came.isdecimal() else 0)
                or Cause(rule=LOAD, operation=operation, given=came),
                title=f"{operation}: {came}",
                expected=expected,
                came=came,
                operations=(str(row["op"]),),
                shown_by=(f"{LOAD}: {operation} {came}",),
                count=int(row["count"]),
            )
        )
    return tuple(found)


def status_cause(operation: str, expected: Sequence[int], given: int) -> Cause | None:
    """The cause where the status was wrong; None where something else was, or no answer came."""
    if cause := server_error(operation, given):
        return cause
    if not expected or not given or given in expected:
        return None
    wanted = " or ".join(map(str, expected))
    return Cause(rule=STATUS, operation=operation, expected=wanted, given=str(given))


def server_error(operation: str, status: int) -> Cause | None:
    """The cause of a 5xx: the same whatever was wanted instead; None for another status."""
    if not 500 <= status <= 599:
        return None
    return Cause(rule=STATUS, operation=operation, expected=NO_SERVER_ERROR, given=str(status))


def _ids(requirement: str) -> tuple[str, ...]:
    return (requirement,) if requirement else ()


def _requests(line: Asking, answer: str) -> tuple[Request, ...]:
    """The request that a line holds, with the answer to it; a sequence keeps all its curl lines."""
    sent = line.sent or before.sent(line.request)
    if sent is None:
        return ()
    return (
        Request(
            method=sent.method,
            path=sent.path,
            headers=tuple(sent.headers.items()),
            body=sent.body,
            curl=line.request or sent.curl,
            answer=answer[:TEXT_MOST],
        ),
    )
