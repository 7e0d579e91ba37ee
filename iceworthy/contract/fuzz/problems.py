"""What is wrong with an answer to an arbitrary request: the kinds of problems, in words.

Claim: exactly these are problems: a 5xx; an answer that does not match the contract for its
operation and status (for example an error without the specification's body); a 2xx to a body that
the contract forbids, if reading the effect back gives an answer that does not match the contract
either. Not a problem, because the contract leaves it open: a 2xx that ignores unknown fields; any
4xx to a valid request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iceworthy.client.answers import kind_of
from iceworthy.client.asker import Reply
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.specification import Operation, validate_request
from iceworthy.specification.openapi import LINKS
from iceworthy.words.blame import NOT_NOW

SERVER_ERROR = "server error"
BUSY = "not now"
ACCEPTED_LIE = "accepted lie"
NOT_IMPLEMENTED = 501  # a correct answer: the server does not have the operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """kind: equal for problems of the same kind. requirement: the one it counts for."""

    kind: str
    requirement: str
    expected: str
    got: str


def of_answer(reply: Reply) -> list[Problem]:
    """The problems that the answer shows by itself."""
    if reply.status >= 500 and reply.status != NOT_IMPLEMENTED:
        return [
            Problem(
                kind=BUSY if reply.status in NOT_NOW else SERVER_ERROR,
                requirement="SC-001",
                expected="a 2xx or a 4xx, whatever is sent",
                got=reply.said,
            )
        ]
    if reply.problems:
        return [
            Problem(
                kind=kind_of(reply.problems[0]),
                requirement="FR-002",
                expected="an answer as its schema says",
                got=f"{'; '.join(reply.problems[:3])}; {reply.said}",
            )
        ]
    return []


def of_effect(
    desk: Desk, one: Operation, parts: tuple[Namespace | str, ...], body: bytes, reply: Reply
) -> list[Problem]:
    """The problem of a forbidden body that was accepted, if its effect shows one."""
    forbidden = validate_request(one.id, body) if reply.ok and one.request else []
    if not forbidden:
        return []
    for reader, where in _readers(one, parts, reply):
        if desk.offers(reader):
            back = desk.do(reader, *where)
            if back.problems:
                return [
                    Problem(
                        kind=ACCEPTED_LIE,
                        requirement="SC-001",
                        expected=f"a 4xx, as the contract forbids this body: {forbidden[0]}",
                        got=f"status {reply.status}; read back: {back.problems[0]}",
                    )
                ]
    return []


def _readers(
    one: Operation, parts: tuple[Namespace | str, ...], reply: Reply
) -> list[tuple[str, tuple[Namespace | str, ...]]]:
    """(operation, path) of the operations that read the change back, if the parameters are
    known."""
    asked = reply.asked_body
    found = []
    given = dict(zip(one.parameters[1:], parts, strict=True))
    for reader, parameters in LINKS.get(one.id, {}).items():
        where: list[Namespace | str] = []
        for name, place in parameters.items():
            value: Any = given.get(name)
            if not place.startswith("$request.path."):
                value = _at(reply.body if place.startswith("$response") else asked, place)
            if value and isinstance(value, list) and all(isinstance(x, str) for x in value):
                where.append(tuple(value))
            elif value and isinstance(value, str | tuple):
                where.append(value)
        if len(where) == len(parameters):
            found.append((reader, tuple(where)))
    return found


def _at(value: object, place: str) -> object:
    for step in place.partition("#/")[2].split("/"):
        value = value.get(step) if isinstance(value, dict) else None
    return value
