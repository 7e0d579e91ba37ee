"""The outcome of one operation: what may be concluded from its answer, never guessed.

A mutation is OK (2xx), FAIL (surely not applied) or INFO (unknown whether applied). A read that did
not answer 2xx tells nothing and is DROPPED, save the 404 of a read, which is a definite answer: OK
with its status. What this does NOT show: whether an OK mutation was truly applied; checkers do.
"""

from __future__ import annotations

from enum import IntEnum

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

    status: HTTP status, 0 when no status line came. sent_bytes: a byte of the request may
    have left this process. complete: the whole body arrived as announced.
    """
    if not mutation:
        definite = complete and (200 <= status < 300 or status in (304, 404))
        return Outcome.OK if definite else Outcome.DROPPED
    if not sent_bytes:
        return Outcome.FAIL
    if status == 0 or not complete:
        # Even a refusal is only believed when it is whole: a cut 409 may be a proxy's.
        return Outcome.INFO
    if 200 <= status < 300:
        return Outcome.OK
    return Outcome.FAIL if status in DEFINITE_REFUSALS else Outcome.INFO
