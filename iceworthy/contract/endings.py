"""How a case ends other than by holding, and how a node behaved when the desk was opened.

Claim: each end has what the report needs: what was wanted, what came, the request. A case that ends
by none of these holds.
What this does NOT show: which requirement is touched; the case says that.
"""

from __future__ import annotations

from dataclasses import dataclass

from iceworthy.client.asker import Asked, Reply


class Broken(Exception):
    """The target does not do what the contract says.

    reply: the answer that shows it; None: no single one does. expected: the statuses that had to
    come, where the status is what is wrong. asked: the request, where it was none of the desk's.
    """

    def __init__(
        self,
        wanted: str,
        came: str,
        reply: Reply | None,
        *,
        expected: tuple[int, ...] = (),
        asked: Asked | None = None,
    ) -> None:
        super().__init__(f"wanted {wanted}; got {came}")
        self.wanted, self.came, self.expected = wanted, came, expected
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

    operation: the operationId of that step; "" where it is none, or not known.
    """

    def __init__(self, why: str, operation: str = "") -> None:
        super().__init__(why)
        self.operation = operation


class Unanswered(Exception):
    """No whole answer came to a request; asked: that request, where it is known."""

    def __init__(self, why: str, asked: Asked | None = None) -> None:
        super().__init__(why)
        self.asked = asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How one node behaved when the desk was opened.

    served: it answered /v1/config, after waited_s. is_ready: its /ready answered 200 when it did
    not. too_early: what came where it said so and did not serve; asked: that request.
    """

    node: int
    served: bool = False
    waited_s: float = 0.0
    is_ready: bool = False
    too_early: str = ""
    asked: Asked | None = None
