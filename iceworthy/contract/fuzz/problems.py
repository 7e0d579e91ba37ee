"""What is wrong with an answer to a request that may be any: kinds of problems, in words.

Claim: a problem is one of these and nothing else: a 5xx; an answer that is not as the contract says
of its operation and status (an error without the specification's body among them); a 2xx to a body
that the contract forbids, whose effect, read back, is not as the contract says either. What the
contract leaves open is none: a 2xx to more than was asked for, a 4xx of any kind to what is lawful.
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

SERVER_ERROR = "server error"
ACCEPTED_LIE = "accepted lie"
NOT_IMPLEMENTED = 501  # an honest "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """kind: what is alike in many; requirement: what it counts for."""

    kind: str
    requirement: str
    wanted: str
    came: str


def of_answer(reply: Reply) -> list[Problem]:
    """Problems that the answer itself shows."""
    if reply.status >= 500 and reply.status != NOT_IMPLEMENTED:
        return [
            Problem(
                kind=SERVER_ERROR,
                requirement="SC-001",
                wanted="a 2xx or a 4xx, whatever is sent",
                came=reply.said,
            )
        ]
    if reply.problems:
        return [
            Problem(
                kind=kind_of(reply.problems[0]),
                requirement="FR-002",
                wanted="an answer as its schema says",
                came=f"{'; '.join(reply.problems[:3])}; {reply.said}",
            )
        ]
    return []


def of_effect(
    desk: Desk, one: Operation, parts: tuple[Namespace | str, ...], body: bytes, reply: Reply
) -> list[Problem]:
    """The problem of a forbidden body that was taken, where its effect shows it."""
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
                        wanted=f"a 4xx, as the contract forbids this body: {forbidden[0]}",
                        came=f"status {reply.status}; read back: {back.problems[0]}",
                    )
                ]
    return []


def _readers(
    one: Operation, parts: tuple[Namespace | str, ...], reply: Reply
) -> list[tuple[str, tuple[Namespace | str, ...]]]:
    """What reads back what was written, with its path, where the links' parameters are there."""
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
