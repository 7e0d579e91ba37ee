"""Commits at the same instant as other sessions, through both nodes, on the same parent.

Sessions whose turns fall into one beat read the same table and commit exactly at the beat's end: of
those that assert the same parent at most one may be acknowledged.
"""

from __future__ import annotations

from scenarios._session import Session
from scenarios.actions._commit import append, load

BEAT_NS = 250_000_000
LEAD_NS = 40_000_000  # time for the read before the beat


def act(session: Session) -> None:
    """Read the beat's table at this session's turn, commit at the end of the beat."""
    hot = session.world.hot
    beat = (session.next_ns() + LEAD_NS - session.t0_ns) // BEAT_NS + 1
    if not hot:
        session.ask(session.reads.load_namespace(session.world.hot_namespace))
        return
    place = hot[beat % len(hot)]
    base = load(session, place)
    if base is not None:
        append(session, place, base, at_ns=session.t0_ns + beat * BEAT_NS)
