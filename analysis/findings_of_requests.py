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
from analysis.harm import harm_of_status, is_documented, is_optional, is_success
from analysis.pasted_lines import to_the_catalog
from analysis.statements import shortened, statement
from iceworthy.record.contract_lines import (
    CaseResult,
    Difference,
    Misshapen,
    SentRequest,
    TriedThing,
    Violation,
)
from iceworthy.specification.operations import known_operation
from iceworthy.words.blame import NOT_NOW, EvidenceKind
from iceworthy.words.finding import Cause, Finding, Harm, Request

Row = Mapping[str, Any]

Asking = CaseResult | Difference | Misshapen | TriedThing | Violation

FUZZ = "fuzz"
STATUS = "status"
SCHEMA = "schema"
SILENCE = "silence"
LOAD = "answer under load"
NO_SERVER_ERROR = "no 5xx"
DOCUMENTED = "a documented 2xx"
NONE_OF_THEM = " is not valid under any "
TEXT_MOST = 400
ERRORS = 400
_BODY = re.compile(r"[{\[].*[}\]]\s?")
_VALUES = re.compile(r'"[^"]*"|-?\d[\d.e+]*')


def of_shape(answer: Violation | Misshapen) -> Finding:
    """An answer that is not as its schema says: of a case (`schema`), or of violations.jsonl."""
    operation, status = answer.operation, answer.status
    problems = answer.problems
    first = problems[0] if problems else ""
    unknown_status = undocumented(operation, status)
    cause = server_error(operation, status) or unknown_status
    text = "; ".join(problems)
    source, at_ns = "a case", None
    if isinstance(answer, Violation):
        source, at_ns = answer.source, answer.t_ns
    return Finding(
        cause=cause or _cause_of_shape(operation, status, first),
        title=_title_of_shape(operation, status, "" if unknown_status else first),
        expected="an answer as its schema says",
        words=f"the schema of {operation}, status {status}",
        place=f"{operation}.responses.{status}",
        got=text[:TEXT_MOST],
        harm=Harm.SHAPE,
        optional=is_optional(operation),
        requests=requests_of(answer, answer.answer),
        shown_by=(f"{source}: {operation} {status} {first}"[:TEXT_MOST],),
        first_ns=at_ns,
        last_ns=at_ns,
    )


def _cause_of_shape(operation: str, status: int, problem: str) -> Cause:
    """The cause of a problem: below a path, and in any error, the same for all operations."""
    place, what = _placed(problem)
    is_common = status >= ERRORS or bool(place.strip("/"))
    values_left_out = _VALUES.sub("…", _BODY.sub("…", what))[:120]
    return Cause(
        rule=SCHEMA,
        operation="" if is_common else operation,
        given="an error" if status >= ERRORS else "" if is_common else str(status),
        path=re.sub(r"\d+", "N", place),
        detail=what if "required" in what else values_left_out,
    )


def _placed(problem: str) -> tuple[str, str]:
    """(the path in the body, what is wrong there). "" for the path of a problem without one. A
    value that fits none of several schemas is not repeated: with it, no two causes were equal."""
    if not problem.startswith("/"):
        return "", problem
    place, _, what = problem.partition(": ")
    _, is_value, rest = what.rpartition(NONE_OF_THEM)
    return place, f"the body{NONE_OF_THEM}{rest}" if is_value else what


def _title_of_shape(operation: str, status: int, problem: str) -> str:
    if not problem:
        return not_documented(operation, status)
    place, what = _placed(problem)
    wrong = f"{place}: {what}" if place else what
    whose = "errors are" if status >= ERRORS else "the answer is"
    return f"{operation}: {whose} not as the schema says: {wrong}"[:TEXT_MOST]


def not_documented(operation: str, status: int) -> str:
    """The title of a status that the document does not have for an operation."""
    known = known_operation(operation)
    due = [one for one in known.responses if one.startswith("2")] if known else []
    said = f": expected {' or '.join(due)}, got {status}" if due else f": {status}"
    return f"{operation} answers a status that the document does not have for it{said}"


def of_tried(line: TriedThing) -> Finding:
    """A line of findings.jsonl that does not work: of the fuzzing, the world, or a survey."""
    operation, kind, times = line.operation, line.kind, line.times
    expected, given = line.expected_statuses, line.given
    is_fuzz = line.check == FUZZ
    if given is None:
        operation, kind, times = before.fuzzed(line.what)
        is_fuzz = bool(operation)
        expected, given = before.statuses(line) if is_fuzz else ((), 0)
    return Finding(
        cause=status_cause(operation, expected, given, line.got)
        or _tried_cause(FUZZ if is_fuzz else "survey", operation, kind),
        title=_title_of_tried(line, operation, kind, given),
        expected=line.expected,
        got=line.got,
        harm=_harm(operation, expected, given),
        optional=is_optional(operation),
        requests=requests_of(line, line.got),
        requirements=_ids(line.requirement),
        shown_by=(line.what,),
        count=max(1, times),
    )


def _tried_cause(rule: str, operation: str, kind: str) -> Cause:
    """The cause of a wrong answer: of a body that is not as its schema says the place in it, since
    a catalog that shows what it was sent is wrong there in as many ways as there are requests."""
    place, _, wrong = kind.partition(" ")
    if place.startswith("/") and len(place) > 1 and wrong:
        return Cause(rule=rule, operation=operation, path=place)
    return Cause(rule=rule, operation=operation, detail=kind)


def of_difference(line: Difference) -> Finding:
    """A difference from the reference that the contract decides against the target."""
    operation, kind = line.operation, line.kind
    expected, given = (
        (line.expected_statuses, line.given)
        if line.given is not None
        else before.statuses_of_difference(line)
    )
    return Finding(
        cause=status_cause(operation, expected, given, line.got)
        or Cause(
            rule=kind or "difference",
            operation=operation,
            path=line.path,
            detail="" if operation else line.what,
        ),
        title=_title_of_difference(line, operation, kind, expected, given),
        expected=line.expected,
        words=line.says,
        got=line.got,
        harm=_harm(operation, expected, given),
        optional=is_optional(operation),
        requests=requests_of(line, line.got),
        shown_by=(line.what,),
        count=max(1, line.times),
        first_ns=line.t_ns or None,
        last_ns=line.t_ns or None,
    )


def _title_of_difference(
    line: Difference, operation: str, kind: str, expected: Sequence[int], given: int
) -> str:
    """Where the target differs from the reference: what, the expected answer and the given one."""
    where = f" in {line.path}" if line.path else ""
    if expected and given:
        due, got = " or ".join(map(str, expected)), str(given)
    else:
        due, got = shortened(line.expected), shortened(line.got)
    what = f"{operation}, {kind}{where}" if operation and kind else line.what
    return f"{what}: expected {due}, got {got}" if due or got else what


def of_tally(expected: str, rows: Iterable[Row]) -> tuple[Finding, ...]:
    """Operations of a history that were answered wrongly, counted (operation_errors.tally)."""
    found = []
    for row in rows:
        operation, answer = str(row["operation"]), str(row["answer"])
        found.append(
            Finding(
                cause=server_error(operation, int(answer) if answer.isdecimal() else 0)
                or Cause(rule=LOAD, operation=operation, given=answer),
                title=f"{operation} under load: expected no error, got {answer}",
                expected=expected,
                got=answer,
                harm=Harm.UNAVAILABLE,
                optional=is_optional(operation),
                operations=(str(row["op"]),),
                shown_by=(f"{LOAD}: {operation} {answer}",),
                count=int(row["count"]),
                rests_on=_kind_of_tally(answer),
            )
        )
    return tuple(found)


def _kind_of_tally(answer: str) -> EvidenceKind | None:
    """Of an answer as operation_errors.word has it: "503", "no answer: timeout", "torn 200"."""
    if answer.startswith("no answer"):
        return EvidenceKind.SILENCE
    is_busy = answer.isdecimal() and int(answer) in NOT_NOW
    return EvidenceKind.BUSY if is_busy else None


def status_cause(
    operation: str, expected: Sequence[int], given: int, got: str = ""
) -> Cause | None:
    """The cause of a wrong status; None where something else was wrong, or no answer arrived."""
    wants_success = any(map(is_success, expected))
    if cause := server_error(operation, given, statement(got) if wants_success else ""):
        return cause
    if not expected or not given or given in expected:
        return None
    due = " or ".join(map(str, expected))
    return Cause(rule=STATUS, operation=operation, expected=due, given=str(given))


def server_error(operation: str, status: int, said: str = "") -> Cause | None:
    """The cause of a 5xx: the same whatever status was expected; None for another status. said: the
    statement of its body."""
    if not 500 <= status <= 599:
        return None
    return Cause(
        rule=STATUS,
        operation=operation,
        expected=NO_SERVER_ERROR,
        given=str(status),
        detail=said,
    )


def undocumented(operation: str, status: int) -> Cause | None:
    """The cause of a 2xx that the document does not have for the operation; None for any other."""
    if not is_success(status) or is_documented(operation, status):
        return None
    return Cause(rule=STATUS, operation=operation, expected=DOCUMENTED, given=str(status))


def _harm(operation: str, expected: Sequence[int], given: int | None) -> Harm:
    if not given:
        return Harm.CLIENTS
    return harm_of_status(operation, operation, expected, given)


def _title_of_tried(line: TriedThing, operation: str, kind: str, given: int | None) -> str:
    """The title of a thing that was tried: a kind is a template with N for every number."""
    if not operation or not kind:
        return line.what
    place, _, wrong = kind.partition(" ") if kind.startswith("/") else ("", "", kind)
    if given and 500 <= given <= 599:
        said = statement(line.got)
        answer = f"expected {shortened(line.expected or 'no 5xx')}, got {given}"
        return f"{operation} answers an odd request with a server error: {answer}" + (
            f": {said}" if said else ""
        )
    answer = f"the answer {given}" if given else "the answer"
    where = f" in {place}" if place else ""
    due = f"; expected {shortened(line.expected)}" if line.expected else ""
    return f"{operation}: {answer} is wrong{where}: {wrong.replace(' N', ' …')}{due}"


def _ids(requirement: str) -> tuple[str, ...]:
    return (requirement,) if requirement else ()


def requests_of(line: Asking, answer: str) -> tuple[Request, ...]:
    """The requests that a line holds, with the answer to the last; a sequence of the comparison
    keeps all its curl lines in one."""
    sent = line.sent or before.sent(line.request)
    if sent is None:
        return ()
    prepared = line.before if isinstance(line, CaseResult) else ()
    return to_the_catalog(
        (
            *(_request(one, one.curl, f"status {one.status}") for one in prepared),
            _request(sent, line.request or sent.curl, answer[:TEXT_MOST]),
        )
    )


def _request(sent: SentRequest, curl: str, answer: str) -> Request:
    return Request(
        method=sent.method,
        path=sent.path,
        headers=tuple(sent.headers.items()),
        body=sent.body,
        curl=curl,
        answer=answer,
    )
