"""Findings made of single requests: cases, fuzzing, the survey, the comparison, schemas.

Claim: a line of cases.jsonl, findings.jsonl, differences.jsonl or violations.jsonl makes one
finding, and lines that fail alike have equal causes, whichever file they are in: an operation that
answers 500 is one cause, whether a case, a fuzzed request or the load met it.
What it does NOT show: lines that hold; judges choose the lines.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from iceworthy.record.contract_lines import (
    CaseResult,
    Difference,
    Misshapen,
    TriedThing,
    Violation,
)
from iceworthy.words.finding import Cause, Finding, Request

Row = Mapping[str, Any]

STATUS = "status"
SCHEMA = "schema"
LOAD = "answer under load"
NO_SERVER_ERROR = "no 5xx"
TEXT_MOST = 400
_GIVEN = re.compile(r"\bstatus ([1-5]\d\d)\b")
_VALUES = re.compile(r'"[^"]*"|-?\d[\d.e+]*')
_WANTED = re.compile(r"\b([1-5]\d\d)\b")


def of_case(line: CaseResult) -> Finding:
    """A broken case of the contract."""
    case = line.case
    wanted, came = line.wanted, line.came
    operation = line.about
    kind = case.partition("[")[0]
    return Finding(
        cause=status_cause(operation, wanted, came)
        or Cause(rule="case", operation=operation, detail=kind),
        title=f"{operation}: {kind.partition('.')[2].replace('_', ' ')}",
        expected=wanted,
        words=line.says,
        came=came,
        requests=_requests(line.request, came),
        requirements=_ids(line.requirement),
        shown_by=(case,),
        again=f"iceworthy run contract --case {shlex.quote(case)}",
        first_ns=line.t_ns or None,
        last_ns=line.t_ns or None,
    )


def of_shape(answer: Violation | Misshapen) -> Finding:
    """An answer that is not as its schema says: of a case (`schema`), or of violations.jsonl."""
    operation, status = answer.operation, str(answer.status)
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
            given=status,
            path=re.sub(r"\d+", "N", place),
            detail=what if "required" in what else _VALUES.sub("…", what)[:120],
        ),
        title=f"{operation}: the answer {status} is not as its schema says: {first}"[:TEXT_MOST],
        expected="an answer as its schema says",
        words=f"the schema of {operation}, status {status}",
        came=came[:TEXT_MOST],
        requests=_requests(answer.request, answer.came),
        shown_by=(f"{source}: {operation} {status} {first}"[:TEXT_MOST],),
        first_ns=at_ns,
        last_ns=at_ns,
    )


def of_tried(line: TriedThing) -> Finding:
    """A line of findings.jsonl that does not work: of the survey, the fuzzing or the world."""
    what = line.what
    wanted, came = line.wanted, line.came
    fuzzed = re.match(r"fuzz (\w+): (.*?)(?: \((\d+) times)", what)
    operation, kind, times = fuzzed.groups() if fuzzed else ("", what, "1")
    found = status_cause(operation, wanted, came) if fuzzed else None
    return Finding(
        cause=found
        or Cause(rule="fuzz" if fuzzed else "survey", operation=operation, detail=str(kind)),
        title=f"{operation}: {kind}" if operation else what,
        expected=wanted,
        came=came,
        requests=_requests(line.request, came),
        requirements=_ids(line.requirement),
        shown_by=(what,),
        count=max(1, int(times)),
    )


def of_difference(line: Difference) -> Finding:
    """A difference from the reference that the contract decides against the target."""
    operation, kind = line.operation, line.kind
    wanted, came = line.wanted, line.came
    is_status = kind == STATUS
    cause = server_error(operation, came) if is_status else None
    return Finding(
        cause=cause
        or Cause(
            rule=kind or "difference",
            operation=operation,
            expected=wanted if is_status else "",
            given=came if is_status else "",
            path=line.path,
            detail="" if operation else line.what,
        ),
        title=line.what,
        expected=wanted,
        words=line.says,
        came=came,
        requests=_requests(line.request, came),
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
                cause=server_error(operation, came)
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


def status_cause(operation: str, wanted: str, came: str) -> Cause | None:
    """The cause where the status was wrong, read from "status 404" and "status 500: …"; None where
    something else was, or nothing says what."""
    given = _GIVEN.match(came)
    if given is None:
        return None
    expected = _WANTED.findall(wanted.partition(":")[0])
    if given[1] in expected or not (expected or given[1].startswith("5")):
        return None
    return server_error(operation, given[1]) or Cause(
        rule=STATUS, operation=operation, expected=" or ".join(expected), given=given[1]
    )


def server_error(operation: str, status: str) -> Cause | None:
    """The cause of a 5xx: the same whatever was wanted instead; None for another status."""
    if not re.fullmatch(r"5\d\d", status):
        return None
    return Cause(rule=STATUS, operation=operation, expected=NO_SERVER_ERROR, given=status)


def _ids(requirement: Any) -> tuple[str, ...]:
    return (str(requirement),) if requirement else ()


def _requests(curl: Any, answer: Any) -> tuple[Request, ...]:
    """The request of a curl line; of several lines, the last, which the answer is to."""
    text = str(curl or "")
    if not text:
        return ()
    method, path, body = _parsed(text.splitlines()[-1])
    return (
        Request(
            method=method, path=path, body=body, curl=text, answer=str(answer or "")[:TEXT_MOST]
        ),
    )


def _parsed(curl: str) -> tuple[str, str, str]:
    """(method, path, body) of a curl line; all "" where it cannot be read."""
    try:
        words = shlex.split(curl)
    except ValueError:  # a line that was cut
        return "", "", ""
    after = dict(pairwise(words))
    url = next((word for word in words if "://" in word), "")
    body = after.get("--data-binary") or after.get("--data") or after.get("-d") or ""
    method = "HEAD" if "-I" in words or "--head" in words else after.get("-X", "")
    path = "/" + url.partition("://")[2].partition("/")[2] if url else ""
    return method or (("POST" if body else "GET") if url else ""), path, body
