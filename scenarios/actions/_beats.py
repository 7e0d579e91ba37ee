"""Instants at which sessions of all nodes act together: multiples of a beat, counted from t0."""

from __future__ import annotations

from scenarios.engine.session import Session

BEAT_NS = 250_000_000
LEAD_NS = 40_000_000  # time for the read before the beat


def next_beat(session: Session) -> int:
    """The number of the beat that this session's turn prepares for."""
    return (session.next_ns() + LEAD_NS - session.t0_ns) // BEAT_NS + 1


def instant_of(session: Session, beat: int) -> int:
    """The instant of a beat."""
    return session.t0_ns + beat * BEAT_NS
