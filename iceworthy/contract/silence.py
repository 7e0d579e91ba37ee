"""Whether an operation never answers on a quiet catalog: it is asked again, with a witness beside.

Claim: a case says that an operation never answers only if two runs of it ended without an answer to
this operation, and its node answered other requests during the whole second run, none of them
slowly. Then neither a dead node nor a machine that is short of CPU explains the silence.
Example: HEAD of a table hangs for 10 s and then for 30 s, while 59 of 59 getConfig took at most 12
ms. The second waiting is long because the first of its kind may be: a JVM that had just started
took 6 s for its first createTable, while getConfig was answered within 249 ms.
What this does NOT show: that it would not answer after the client's patience.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from iceworthy.client.asker import Asked, Asker
from iceworthy.client.auth import HeaderSource
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Unanswered
from iceworthy.specification import operation

LIVES_S_MAX = 2.0
QUICK_S_MAX = 0.5
"""A witness's answer that takes longer shows that the node or the machine is short of time.
Example: getConfig took 1.3 s on a starved machine, and a JVM's first createNamespace over 5 s."""
EVERY_S = 0.5
PATIENCE_S = 30.0
ANSWERS_LEAST = 3
WITNESSES = ("getConfig", "listNamespaces")


@dataclass(slots=True, kw_only=True)
class Beside:
    """What the witness saw. sent, answered: its requests; slowest_s: of those that were answered,
    with the lateness of the witness's own thread."""

    operation: str
    sent: int = 0
    answered: int = 0
    slowest_s: float = 0.0

    @property
    def proves(self) -> bool:
        """Whether node and machine were well all the time."""
        all_answered = ANSWERS_LEAST <= self.answered == self.sent
        return all_answered and self.slowest_s <= QUICK_S_MAX

    def __str__(self) -> str:
        slowest = f"{self.slowest_s * 1000:.0f} ms"
        return f"{self.answered} of {self.sent} {self.operation} were answered, within {slowest}"


def lives(desk: Desk, asked: Asked) -> bool:
    """Whether the node of a request that got no answer answers another operation now."""
    with suppress(Unanswered):
        _ask(desk, asked, Beside(operation=_witness(asked)))
        return True
    return False


@contextmanager
def patient(desk: Desk) -> Iterator[float]:
    """Wait longer for each answer, for these seconds."""
    usual = [one.timeout_s for one in desk.askers]
    for one in desk.askers:
        one.timeout_s = max(one.timeout_s, PATIENCE_S)
    try:
        yield max(one.timeout_s for one in desk.askers)
    finally:
        for one, seconds in zip(desk.askers, usual, strict=True):
            one.timeout_s = seconds


@contextmanager
def beside(desk: Desk, asked: Asked) -> Iterator[Beside]:
    """Ask another operation of the same node meanwhile, again and again."""
    seen, over = Beside(operation=_witness(asked)), threading.Event()
    witness = threading.Thread(target=_watch, args=(desk, asked, seen, over), daemon=True)
    witness.start()
    try:
        yield seen
    finally:
        over.set()
        witness.join(LIVES_S_MAX * (ANSWERS_LEAST + 1))


def _watch(desk: Desk, asked: Asked, seen: Beside, over: threading.Event) -> None:
    while seen.sent < ANSWERS_LEAST or not over.is_set():
        due = time.monotonic() + EVERY_S
        with suppress(Unanswered):
            _ask(desk, asked, seen)
        over.wait(max(0.0, due - time.monotonic()))
        if not over.is_set():
            seen.slowest_s = max(seen.slowest_s, time.monotonic() - due)


def _ask(desk: Desk, asked: Asked, seen: Beside) -> None:
    """One request of the witness; Unanswered if no whole answer comes in time."""
    began = time.monotonic()
    seen.sent += 1
    place = next(i for i, one in enumerate(desk.nodes) if one.index == asked.node)
    login = HeaderSource(desk.login(place), ca_file=desk.ca_file)
    one, path = operation(seen.operation), desk.wire.path_of(operation(seen.operation).template)
    if seen.operation == "getConfig" and desk.config_query:
        path += "?" + urlencode(desk.config_query)
    asker = Asker(asked.url, headers=login, node=asked.node, timeout_s=LIVES_S_MAX)
    try:
        reply = asker.send(one.method, path, operation=one.id)
    finally:
        asker.close()
    if not reply.whole:
        raise Unanswered(f"no answer to {one.method} {path}: {reply.exchange.error}", reply.asked)
    seen.answered += 1
    seen.slowest_s = max(seen.slowest_s, time.monotonic() - began)


def _witness(asked: Asked) -> str:
    return next(name for name in WITNESSES if name != asked.operation)
