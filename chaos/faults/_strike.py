"""The common course of a fault: look at the target, wait for the moment, strike, prove it.

A fault that derives from Strike says only what differs: `look` (the state before; FaultError where
the target lacks a part), `strike` (does it; returns the monotonic_ns from which it acted), `prove`
(facts that were observed afterwards, or FaultError) and `heal`.
Params of each: slow_ms (0): the node's database link is slowed first, so that operations last
longer. when (""): a moment of chaos/moments.py at which it strikes; nth (1): at the nth such
session; within_s (3): how long it waits for that.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, ClassVar

from chaos import moments
from chaos.bounded_wait import wait_until
from chaos.faults._target_parts import backends_of, database_of, restore_link
from iceworthy.words.errors import FaultError, StackError
from iceworthy.words.fault import Need, Part, Place
from iceworthy.words.live import Evidence, LiveTarget

FILL_S = 0.4
MEET_S = 1.0
AIM: Mapping[str, Any] = {"slow_ms": 0, "when": "", "nth": 1, "within_s": 3.0}


def params_of(given: Mapping[str, Any], known: Mapping[str, Any], fault: str) -> dict[str, Any]:
    """The params with their defaults; FaultError names those that the fault does not take."""
    if unknown := set(given) - set(known):
        takes = ", ".join(sorted(known)) or "no params"
        raise FaultError(f"{fault} takes {takes}, got {', '.join(sorted(unknown))}")
    return {**known, **given}


class Aim:
    """When a fault strikes: at once, or at a moment that is seen on the database."""

    def __init__(self, params: Mapping[str, Any], fault: str) -> None:
        self.slow_ms = int(params["slow_ms"])
        self._when, self._nth = str(params["when"]), int(params["nth"])
        self._within_s = float(params["within_s"])
        self._fault = fault
        self._sighting: moments.Sighting | None = None
        self._undo = ExitStack()
        self.busy = 0
        if self._when and self._when not in moments.MOMENTS:
            known = ", ".join(moments.MOMENTS)
            raise FaultError(f"{fault}: no moment named {self._when!r}; known: {known}")

    def wait(self, target: LiveTarget, node: int) -> None:
        """Slow the node's link if asked, and wait for the moment; FaultError if it never comes."""
        link = target.nodes[node].database_link
        if self.slow_ms and link is not None:
            link.delay(latency_ms=self.slow_ms)
            time.sleep(FILL_S)
        if self._when:
            database = database_of(target, self._fault)
            self._undo.enter_context(moments.opened(self._when, database))
            self._sighting = moments.seen(
                self._when, target, database, node, nth=self._nth, within_s=self._within_s
            )
        elif self.slow_ms and link is not None:
            wait_until(lambda: at_work(target, node) > 0, deadline_s=MEET_S, every_s=0.002)
        self.busy = 1 if self._sighting else at_work(target, node)

    def release(self) -> None:
        """End what the moment needed: held COMMITs go on. After the strike, whatever it did."""
        self._undo.close()

    def facts(self, target: LiveTarget, effect_ns: int) -> dict[str, Any]:
        """The moment, how long the fault took from there, and the transaction's fate."""
        sighting, self._sighting = self._sighting, None
        if sighting is None:
            return {}
        facts = sighting.facts(effect_ns)
        if target.database is not None:
            with suppress(StackError):  # it does not answer while a fault keeps it down
                facts["transaction"] = moments.fate(target.database, sighting)
        return {"moment": facts}

    def restore_speed(self, target: LiveTarget, node: int) -> None:
        """End the slowness that `wait` put on the node's link."""
        if self.slow_ms:
            restore_link(target, node)


def at_work(target: LiveTarget, node: int) -> int:
    """How many database sessions of the node are within a transaction or a statement."""
    found = backends_of(target, node)
    return sum(b.state == "active" or "transaction" in b.state for b in found)


class Strike:
    """A fault by its steps; see the head of this file."""

    name: ClassVar[str]
    place: ClassVar[Place]
    needs: ClassVar[tuple[Need, ...]]
    takes_away: ClassVar[frozenset[Part]] = frozenset()
    interrupts: ClassVar[bool] = False
    breaks_link: ClassVar[bool] = False
    defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = params_of(params, {**self.defaults, **AIM}, self.name)
        self.aim = Aim(self.params, self.name)

    def look(self, target: LiveTarget, node: int) -> dict[str, Any]:
        """The state before; FaultError where the target lacks a part that the fault needs."""
        raise NotImplementedError

    def strike(self, target: LiveTarget, node: int) -> int:
        """Do it; returns the monotonic_ns from which it acted."""
        raise NotImplementedError

    def prove(self, target: LiveTarget, node: int, before: dict[str, Any]) -> dict[str, Any]:
        """What was observed afterwards; FaultError where nothing shows that it acted."""
        raise NotImplementedError

    def heal(self, target: LiveTarget, node: int) -> Evidence | None:
        """Undo it; idempotent."""
        raise NotImplementedError

    def inject(self, target: LiveTarget, node: int) -> Evidence:
        """Look, wait for the moment, strike, prove."""
        before = self.look(target, node)
        try:
            self.aim.wait(target, node)
            effect_ns = self.strike(target, node)
        finally:
            self.aim.release()
            if not self.breaks_link:  # else heal() restores the link, the slowness with it
                self.aim.restore_speed(target, node)
        facts = {**before, "sessions_at_work": self.aim.busy, **self.prove(target, node, before)}
        facts |= self.aim.facts(target, effect_ns)
        return Evidence(fault=self.name, node=node, t_ns=effect_ns, facts=facts)
