"""The outcome of one operation: the conclusion that its answer allows, without guessing.

A mutation is OK (2xx), FAIL (certainly not applied) or INFO (unknown whether it was applied). A
read without a 2xx shows nothing and is DROPPED, except for a 404, which is a definite answer: OK
with its status. Example: a commit whose connection broke after the request left is INFO, since the
catalog may have applied it.
What this does NOT show: whether an OK mutation was truly applied; checkers judge that.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Outcome"]

DEFINITE_REFUSALS = frozenset(
    {400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 419, 422, 428, 429, 431}
)


class Outcome(IntEnum):
    """Stored as one byte in a history."""

    OK = 0
    FAIL = 1
    INFO = 2
    DROPPED = 3


def classify(*, mutation: bool, status: int, sent_bytes: bool, complete: bool) -> Outcome:
    """Outcome of one exchange that was sent exactly once.

    status: HTTP status, 0 when no status line arrived. sent_bytes: a byte of the request may
    have left this process. complete: the whole body arrived as announced.
    """
    if not mutation:
        definite = complete and (200 <= status < 300 or status in (304, 404))
        return Outcome.OK if definite else Outcome.DROPPED
    if not sent_bytes:
        return Outcome.FAIL
    if status == 0 or not complete:
        # A refusal counts only when it is whole: a torn 409 may come from a proxy.
        return Outcome.INFO
    if 200 <= status < 300:
        return Outcome.OK
    return Outcome.FAIL if status in DEFINITE_REFUSALS else Outcome.INFO
