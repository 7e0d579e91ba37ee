"""Validates answers against the specification's schemas on arrival, and counts them.

Claim: for each operation and status it is known how many answers arrived, how many were validated,
and how many broke their schema. The first of each kind of violation are recorded with their
request.
Method: every answer, or a sample within a budget. Each answer adds a fixed number of bytes of
credit; validating one costs its size and a fixed part. So validation takes a fixed share of the
CPU, whatever the answers are. Counts go to answers.jsonl, violations to violations.jsonl; both are
bounded.
What it does NOT show: torn answers, which show nothing about the schema.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from iceworthy.record.contract_lines import AnswerCount, SentRequest, Violation
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import OPERATIONS, validate_response

_SPECIFIED = frozenset(one.id for one in OPERATIONS)
ALLOWANCE_BYTES = 100  # credit for each answer under load: about 0.5 us of validation
FIXED_BYTES = 700  # fixed cost of validating one answer, beside its size, in bytes
FIRST_HELD = 20  # of each operation and status, whatever their size
LINES_MOST = 100  # lines of one source
LINES_A_KIND_MOST = 3
ANSWER_CHARACTERS = 400
REQUEST_CHARACTERS = 2000

Tell = Callable[[Any, int], SentRequest]


class _Class:
    """Answers of one operation and status."""

    __slots__ = ("answers", "due", "first", "held", "operation", "wrong")

    def __init__(self, operation: str | None) -> None:
        self.operation = operation
        self.due = 0
        self.first = 0
        self.answers = self.held = self.wrong = 0


class AnswerLog:
    """One source's counts; for one thread. tell(asked, node): the record of a request."""

    def __init__(
        self, folder: RunFolder, source: str, tell: Tell, *, allowance_bytes: int = 0
    ) -> None:
        """allowance_bytes: 0 holds every answer."""
        self._folder = folder
        self._source = source
        self._tell = tell
        self._allowance = allowance_bytes
        self._classes: dict[tuple[str, int], _Class] = {}
        self._written: dict[str, int] = {}

    def offer(self, operation: str, status: int, body: bytes, asked: Any, node: int) -> None:
        """Count a whole answer, and validate it if the budget allows.

        operation: an operationId; an answer to a request that is not in the specification (a
        readiness probe) is left out.
        """
        key = (operation, status)
        one = self._classes.get(key)
        if one is None:
            one = self._classes[key] = _Class(operation if operation in _SPECIFIED else None)
        one.answers += 1
        if self._allowance:
            one.due -= self._allowance
            if one.due > 0 and one.first >= FIRST_HELD:
                return
            one.first += 1
            one.due = max(0, one.due) + FIXED_BYTES + len(body)
        if one.operation is None:
            return
        one.held += 1
        problems = validate_response(one.operation, status, body)
        if problems:
            one.wrong += 1
            self._write_down(one.operation, status, body, problems, asked, node)

    def flush(self) -> None:
        """Write the counts since the last time."""
        for (_, status), one in self._classes.items():
            if one.answers and one.operation is not None:
                self._folder.append(
                    AnswerCount(
                        t_ns=time.monotonic_ns(),
                        source=self._source,
                        operation=one.operation,
                        status=status,
                        answers=one.answers,
                        held=one.held,
                        wrong=one.wrong,
                    )
                )
                one.answers = one.held = one.wrong = 0

    def _write_down(
        self, operation: str, status: int, body: bytes, problems: list[str], asked: Any, node: int
    ) -> None:
        kind = f"{operation} {status} {kind_of(problems[0])}"
        if len(self._written) >= LINES_MOST and kind not in self._written:
            return
        self._written[kind] = self._written.get(kind, 0) + 1
        if self._written[kind] <= LINES_A_KIND_MOST:
            sent = self._tell(asked, node)
            self._folder.append(
                Violation(
                    t_ns=time.monotonic_ns(),
                    source=self._source,
                    node=node,
                    operation=operation,
                    status=status,
                    kind=kind,
                    problems=tuple(problems),
                    request=sent.curl[:REQUEST_CHARACTERS],
                    sent=sent,
                    answer=body[: ANSWER_CHARACTERS * 4].decode("utf-8", "replace")[
                        :ANSWER_CHARACTERS
                    ],
                )
            )


def kind_of(problem: str) -> str:
    """Group key of a problem: JSON path cut to two levels, values replaced, a missing field's name
    kept.
    """
    place, _, words = problem.rpartition(": ") if problem.startswith("/") else ("", "", problem)
    if "required" not in words:
        words = re.sub(r'"[^"]*"|\'[^\']*\'', "…", words)
    return re.sub(r"-?\d[\d.e+]*", "N", f"{'/'.join(place.split('/')[:3])} {words}".strip())[:120]
