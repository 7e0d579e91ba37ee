"""How a case ends other than by holding, and how a node behaved when the desk was opened.

Claim: each end has what the report needs: the expected and the given answer, the request. A case
that ends by none of these holds.
What this does NOT show: which requirement is touched; the case says that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from iceworthy.client.asker import Asked, Reply
from iceworthy.words.blame import NOT_NOW, EvidenceKind


class Kind(TypedDict, total=False):
    """The keyword of Broken that says of what kind the evidence is."""

    evidence: EvidenceKind | None


class Broken(Exception):
    """The target does not do what the contract says.

    reply: the answer that shows it; None: no single one does. expected_statuses: those that the
    answer may have, where the status is what is wrong. asked: the request, where it was none of the
    desk's. evidence: its kind, where it is not what the status of `reply` says (example: an event
    that did not come in time).
    """

    def __init__(
        self,
        expected: str,
        got: str,
        reply: Reply | None,
        *,
        expected_statuses: tuple[int, ...] = (),
        asked: Asked | None = None,
        evidence: EvidenceKind | None = None,
    ) -> None:
        super().__init__(f"expected {expected}; got {got}")
        self.evidence = evidence
        self.expected, self.got = expected, got
        self.expected_statuses = expected_statuses
        self.asked = reply.asked if reply else asked
        self.given = reply.status if reply else 0


class Skipped(Exception):
    """The case does not apply to this target.

    left_to: the full name of another case that answers the question of this one; "" where the
    target has nothing to ask about. Such a skip counts only where that case shows the reason.
    """

    def __init__(self, why: str, left_to: str = "") -> None:
        super().__init__(why)
        self.left_to = left_to


class Needs(Exception):
    """A step before the question failed, so the question could not be asked: unknown.

    operation: the operationId of that step; "" for no operation, or not known. status: of the
    answer that failed it; 0 where none did.
    """

    def __init__(self, why: str, operation: str = "", status: int = 0) -> None:
        super().__init__(why)
        self.operation = operation
        self.evidence = EvidenceKind.BUSY if status in NOT_NOW else None


class Unanswered(Exception):
    """A request got no whole answer; asked: that request, where it is known."""

    def __init__(self, why: str, asked: Asked | None = None) -> None:
        super().__init__(why)
        self.asked = asked


def hindered(replies: Iterable[Reply | None]) -> EvidenceKind | None:
    """Why too few of these requests had an effect, where a wait can be why: one got no answer,
    or one was refused for this moment; None where all were answered otherwise."""
    found = tuple(replies)
    if any(one is None for one in found):
        return EvidenceKind.SILENCE
    refused = any(one is not None and one.status in NOT_NOW for one in found)
    return EvidenceKind.BUSY if refused else None


def all_busy(replies: Iterable[Reply]) -> EvidenceKind | None:
    """The kind of evidence that these wrong answers are, where each says "not now"."""
    return EvidenceKind.BUSY if all(one.status in NOT_NOW for one in replies) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How one node behaved when the desk was opened.

    served: it answered /v1/config, after waited_s. is_ready: its /ready answered 200 when it did
    not. too_early: the answer of a node that said it was ready and did not serve; asked: its
    request.
    """

    node: int
    served: bool = False
    waited_s: float = 0.0
    is_ready: bool = False
    too_early: str = ""
    asked: Asked | None = None
